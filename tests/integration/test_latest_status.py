"""The latest status of a card, whatever D1 sends and in whatever order."""

from itertools import chain

import pytest

from tests.integration.client import Channel, Client
from tests.integration.notifications import Card, orders

SHIPMENT_FACTS = {"carrier": "fedex", "trackingNumber": "1234567890", "status": "IN_TRANSIT"}


def test_the_page_in_its_order(client: Client, channel: Channel) -> None:
    """The documentation's examples, one after the other: shipped with all facts, and one alert for the one failure."""
    card = Card()

    answers = [client.post(*body) for body in card.page()]
    known = client.card(card.card_id)

    assert [(answer.status, answer.body) for answer in answers] == [(204, b"")] * 6
    assert known["status"] == "CARD_SHIPPED"
    assert SHIPMENT_FACTS.items() <= known["shipment"].items()
    assert known["shipment"]["lastCheckpoint"]["city"] == "Paris"
    assert [alert["status"] for alert in channel.alerts(card.card_id, expected=1)] == ["DATA_EXCEPTION"]


def test_the_bulk_notification_alone(client: Client, channel: Channel) -> None:
    """Three states of a card in one body: the last of them is the status, with its error, and alerts once."""
    card = Card()

    answer = client.post(*card.bulk())
    known = client.card(card.card_id)

    assert answer.status == 204
    assert (known["status"], known["errorCode"], known["error"]) == ("DATA_EXCEPTION", "FIELD_INVALID_FORMAT", "pan")
    assert len(channel.alerts(card.card_id, expected=1)) == 1


@pytest.mark.parametrize("number", range(6))
def test_any_order_and_twice_over(client: Client, channel: Channel, number: int) -> None:
    """However the bodies arrive, and however often, the card ends the same and alerts once."""
    card = Card()
    bodies = orders(card.page())[number]

    for body in chain(bodies, bodies):
        assert client.post(*body).status == 204
    known = client.card(card.card_id)

    assert known["status"] == "CARD_SHIPPED"
    assert SHIPMENT_FACTS.items() <= known["shipment"].items()
    assert (known["dueDate"], known["productionSite"]) == ("2025-01-21", "Gemenos")
    assert len(channel.alerts(card.card_id, expected=1)) == 1


def test_a_second_operation_takes_over(client: Client, channel: Channel) -> None:
    """A card that is produced again starts anew; a late failure of the first time changes nothing, but alerts."""
    first = Card()
    second = first.produced_again()
    client.post(first.requested())
    client.post(second.requested())

    client.post(first.in_transit())
    client.post(first.data_exception())
    known = client.card(first.card_id)
    alerts = channel.alerts(first.card_id, expected=1)

    assert (known["operationId"], known["status"]) == (second.operation_id, "CARD_PROD_REQUESTED")
    assert [(alert["operationId"], alert["superseded"]) for alert in alerts] == [(first.operation_id, True)]


def test_an_unknown_status_shows_until_the_next_known_stage(client: Client) -> None:
    """D1 adds statuses: one that nobody knows is shown, and the next known stage takes its place for good."""
    card = Card()
    client.post(card.requested())
    client.post(card.update("PROD_ON_HOLD"))
    on_hold = client.card(card.card_id)["status"]

    client.post(card.data_prepared())
    client.post(card.update("PROD_ON_HOLD"))

    assert on_hold == "PROD_ON_HOLD"
    assert client.card(card.card_id)["status"] == "DATA_PREPARED"


@pytest.mark.parametrize("operation_status", ["SUCCESSFUL", "FAILED", "PENDING"])
def test_a_canceled_card_alerts(client: Client, channel: Channel, operation_status: str) -> None:
    """Cancellation alerts by the card's status, whatever the operation's status says."""
    card = Card()

    client.post(card.update("CARD_PROD_CANCELED", operation_status))

    assert [alert["status"] for alert in channel.alerts(card.card_id, expected=1)] == ["CARD_PROD_CANCELED"]


def test_other_operations_leave_the_status_alone(client: Client) -> None:
    """The same address carries everything about cards: what is not production is answered, recorded, and no status."""
    card = Card()
    client.post(card.data_prepared())

    answer = client.post({**card.update("CARD_SHIPPED"), "operation": "UPDATE_ORDER", "operationId": "order-1"})
    known = client.ask({"cardId": card.card_id, "history": True})

    assert answer.status == 204
    assert known["card"]["status"] == "DATA_PREPARED"
    assert {entry["operation"]["operation"] for entry in known["history"]} == {"PRODUCE", "UPDATE_ORDER"}
