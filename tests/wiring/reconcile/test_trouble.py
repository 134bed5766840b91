"""Whatever D1 or the table does, the run ends in time, tells what failed, and D1 is not hammered."""

from typing import Final

import pytest

from card_tracking.use_cases import reconcile as use_case
from tests.d1.server import Told
from tests.samples import CARD, operation
from tests.wiring.faults import Faulty, client_error, once, without_pauses
from tests.wiring.reconcile.reconciliation import SECRET, SHIPPED, Reconciliation
from tests.wiring.stack import Context, client

RUBBISH: Final = ["", "<html>", "[]", "{}", '{"operations": 5}', "[" * 100_000]


def test_rubbish_stops_no_other_card(reconciliation: Reconciliation) -> None:
    """Each unreadable answer is a failure of its card, named by its reason; nothing of it is kept, and D1 asked on."""
    bad = [f"bad-{number}" for number in range(len(RUBBISH))]
    order = [card_id for pair in zip(bad, [f"good-{card_id}" for card_id in bad], strict=True) for card_id in pair]
    for card_id in order:
        reconciliation.d1.cards[card_id] = [operation(cardId=card_id)]
    reconciliation.d1.faults = [fault for text in RUBBISH for fault in (Told(200, text), None)]

    answer = reconciliation(cardIds=order)

    assert answer["answered"] == len(RUBBISH)
    assert [failure["cardId"] for failure in answer["failures"]] == bad
    assert answer["failures"][0]["detail"] == "NOT_JSON"
    assert answer["finished"]
    assert reconciliation.stack.rejected() == []


def test_the_rate_is_kept(reconciliation: Reconciliation) -> None:
    """No more cards a second than the parameter says, or the order."""
    reconciliation(cardIds=["a", "b"])
    reconciliation(cardIds=["a", "b"], cardsASecond=0.5)

    assert reconciliation.pauses == [0.2, 0.2, 2, 2]


def test_d1_asks_for_patience(reconciliation: Reconciliation) -> None:
    """After 429 and 503 it waits as long as D1 says, or ever longer, and asks again."""
    reconciliation.d1.cards["a"] = [operation(cardId="a")]
    reconciliation.d1.cards["b"] = [operation(cardId="b")]
    reconciliation.d1.faults = [Told(429, headers={"Retry-After": "7"}), None, Told(503), None]

    answer = reconciliation(cardIds=["a", "b"])

    assert (answer["answered"], answer["failures"]) == (2, [])
    assert reconciliation.pauses == [7, 0.2, use_case.FIRST_PAUSE_SECONDS, 0.2]


def test_d1_asks_for_more_patience_than_there_is(reconciliation: Reconciliation) -> None:
    """Where it wants to be left alone for longer than the run lasts, the run is over, and D1 is not asked again."""
    reconciliation.d1.faults = [Told(429, headers={"Retry-After": "3600"})]

    answer = reconciliation(cardIds=["a", "b"])

    assert [failure["detail"] for failure in answer["failures"]] == ["production_status: 429"]
    assert not answer["finished"]
    assert reconciliation.d1.asked == ["a"]


def test_one_card_that_always_fails(reconciliation: Reconciliation) -> None:
    """It is asked about twice, is a failure, and the others are reconciled."""
    for card_id in ("a", "b", "c"):
        reconciliation.d1.cards[card_id] = [operation(cardId=card_id)]
    reconciliation.d1.faults = [None, Told(500), Told(500), None]

    answer = reconciliation(cardIds=["a", "b", "c"])

    assert (answer["answered"], answer["finished"]) == (2, True)
    assert answer["failures"] == [{"cardId": "b", "detail": "production_status: 500"}]


def test_d1_goes_down_midway(reconciliation: Reconciliation) -> None:
    """After some cards in a row without an answer the run ends; what was stored stays, and the rest comes later."""
    cards = [f"c{number}" for number in range(20)]
    for card_id in cards:
        reconciliation.d1.cards[card_id] = [operation(cardId=card_id)]
    reconciliation.d1.faults = [None, None, *[Told(hang_up=True)] * 100]

    answer = reconciliation(cardIds=cards)

    assert (answer["answered"], answer["finished"]) == (2, False)
    assert [failure["cardId"] for failure in answer["failures"]] == cards[2:7]
    assert len(reconciliation.d1.asked) == 2 + 5 * use_case.ATTEMPTS

    reconciliation.d1.faults = []
    assert reconciliation(cardIds=cards)["answered"] == 20


def test_d1_is_down_altogether(reconciliation: Reconciliation) -> None:
    """Not even a token: the run ends soon."""
    reconciliation.d1.down = True

    answer = reconciliation(cardIds=[f"c{number}" for number in range(20)])

    assert len(answer["failures"]) == use_case.FAILURES_IN_A_ROW
    assert not answer["finished"]
    assert sum(reconciliation.pauses) < 60


def test_we_are_refused(reconciliation: Reconciliation) -> None:
    """A token that is not taken although it is new is no reason to hammer D1."""
    reconciliation.d1.faults = [Told(401)] * 100

    answer = reconciliation(cardIds=[f"c{number}" for number in range(20)])

    assert len(answer["failures"]) == use_case.FAILURES_IN_A_ROW
    assert reconciliation.d1.tokens_given == 1 + use_case.FAILURES_IN_A_ROW


def test_a_401_once(reconciliation: Reconciliation) -> None:
    """A token that D1 has forgotten costs a new one and no card."""
    reconciliation.d1.cards[CARD] = [operation()]
    reconciliation(cardIds=["before"])
    reconciliation.d1.valid_token = "forgotten"

    assert reconciliation(cardIds=[CARD])["answered"] == 1
    assert reconciliation.d1.tokens_given == 2


def test_no_time(reconciliation: Reconciliation) -> None:
    """Without time for a card none is begun, and the answer says that there are more."""
    answer = reconciliation.app.handler({"cardIds": [CARD]}, Context(milliseconds_left=20_000))

    assert not answer["finished"]
    assert reconciliation.d1.asked == []


def test_the_table_fails(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be stored is a failure, not noted as asked about, and asked about again in the next run."""
    reconciliation.d1.cards[CARD] = [SHIPPED]
    without_pauses(monkeypatch)
    with monkeypatch.context() as broken:
        table = reconciliation.app.reconcile.receive.store._table
        fault = once("batch_execute_statement", 0, client_error("AccessDeniedException"))
        broken.setattr(table, "client", Faulty(client("dynamodb"), fault))
        answer = reconciliation(cardIds=[CARD])
    assert answer["failures"] == [{"cardId": CARD, "detail": "batch_execute_statement: AccessDeniedException"}]
    assert reconciliation.stack.items() == []

    assert len(reconciliation(cardIds=[CARD])["missed"]) == 1


def test_a_secret_that_cannot_be_read(reconciliation: Reconciliation) -> None:
    """It is named, with AWS's own code, and nobody is asked."""
    client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)

    answer = reconciliation(cardIds=[CARD])

    assert answer["failures"] == [{"cardId": CARD, "detail": "get_secret_value: ResourceNotFoundException"}]
