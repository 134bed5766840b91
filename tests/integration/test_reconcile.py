"""The deployed stack asks D1 by mutual TLS, with the function's own rights and the secret that its parameter names."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from local.deployment import Deployment
from tests.integration.client import Channel, Client
from tests.integration.conftest import OnDemand
from tests.integration.notifications import Card
from tests.reconcile.d1_on_demand import D1, pem_of, running_d1


@pytest.fixture(scope="module")
def d1(on_demand: OnDemand) -> Iterator[D1]:
    """Run the D1 that the stack was deployed for."""
    with running_d1(on_demand.bank, on_demand.server, on_demand.thales, on_demand.port) as (d1, _):
        yield d1


def test_a_missed_failure_is_found(client: Client, deployment: Deployment, channel: Channel, d1: D1) -> None:
    """What no notification had told is stored, alerted and named; what cannot be stored is in the queue."""
    card, unknown = Card(), f"unknown-{uuid4()}"
    client.post(card.data_prepared())
    client.rejected()
    d1.cards[card.card_id] = [card.data_exception(), {**card.data_prepared(), "startTime": "never"}]

    order = {"cardIds": [card.card_id, unknown], "cardsASecond": 100}
    answer = client.invoke(deployment.outputs["ReconcileCardsFunctionName"], order)

    assert [missed["status"] for missed in answer["missed"]] == ["DATA_EXCEPTION"]
    assert (answer["unknownToD1"], answer["failures"], answer["finished"]) == ([unknown], [], True)
    assert client.card(card.card_id)["status"] == "DATA_EXCEPTION"
    assert len(channel.alerts(card.card_id, expected=1)) == 1
    assert [one["operation"]["cardId"] for one in client.rejected()] == [card.card_id]
    history = client.ask({"cardId": card.card_id, "history": True})["history"]
    assert [entry["byReconciliation"] for entry in history] == [False, True]


def test_the_schedule_finds_late_cards(client: Client, deployment: Deployment, d1: D1) -> None:
    """An order without a word looks for the cards itself, and asks about none of them twice."""
    late, soon = Card(), Card()
    client.post(late.update("DATA_PREPARED", details={"dueDate": "2025-01-21"}))
    client.post(soon.update("DATA_PREPARED", details={"dueDate": "9999-01-21"}))
    function = deployment.outputs["ReconcileCardsFunctionName"]

    client.invoke(function, {"cardsASecond": 100})
    client.invoke(function, {"cardsASecond": 100})

    assert d1.asked.count(late.card_id) == 1
    assert soon.card_id not in d1.asked


def test_d1_goes_down(
    client: Client, deployment: Deployment, d1: D1, on_demand: OnDemand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is told as the failure of a card, and no log holds anything of what is shown to D1."""
    monkeypatch.setattr(d1, "down", True)

    answer = client.invoke(deployment.outputs["ReconcileCardsFunctionName"], {"cardIds": ["x"]})

    assert [failure["cardId"] for failure in answer["failures"]] == ["x"]
    logged = "".join(client.log_lines())
    assert "card not reconciled" in logged
    key = pem_of(on_demand.bank.signing_key).splitlines()[1]
    for canary in (key, "PRIVATE KEY", "eyJ", "Bearer", d1.valid_token):
        assert canary not in logged
