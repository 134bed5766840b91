"""Nothing that is not as it must be passes for green."""

from typing import Any, Final

import pytest

from local.d1.caller import correlation_id
from local.d1.scenarios import SCENARIOS
from local.d1.script import Cause, Message, Script
from local.d1.verdict import alerts_wrong, cards_wrong, rejections_wrong
from tests.d1.product import cards_after

RUN: Final = "d1-run"
CAUSE: Final = Cause("card", "operation", "DATA_EXCEPTION")


@pytest.fixture
def script() -> Script:
    """Write a card's shipment."""
    return SCENARIOS["shipment"].script("shipment", 1)


@pytest.fixture
def cards(script: Script) -> dict[str, dict[str, Any]]:
    """Answer what a query must answer of it."""
    return cards_after(script.messages)


def alert(cause: Cause = CAUSE) -> dict[str, Any]:
    """Make the alert of a cause."""
    return {"cardId": cause.card_id, "operationId": cause.operation_id, "status": cause.status}


def test_a_card_where_it_must_be_is_right(script: Script, cards: dict[str, dict[str, Any]]) -> None:
    """The check is green where all is well: it can tell the difference."""
    assert cards_wrong(script, cards) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": "CARD_PROD_DONE"}, 'status is "CARD_PROD_DONE", and must be "CARD_SHIPPED"'),
        ({"errorCode": "X"}, 'errorCode is "X", and must be absent'),
        ({"productionSite": None}, "productionSite is absent, and must be"),
        ({"shipment": {}}, "shipment is {}, and must be"),
        ({"milestones": {"CARD_SHIPPED": ""}}, 'its milestones are ["CARD_SHIPPED"], and must be'),
        ({"otherFields": {"consumerId": "1"}}, "consumerId is told"),
    ],
)
def test_a_card_that_differs_is_named(
    script: Script, cards: dict[str, dict[str, Any]], change: dict[str, Any], told: str
) -> None:
    """Each difference is told with the card, what is and what must be."""
    (card_id,) = cards
    cards[card_id] |= change

    (line,) = cards_wrong(script, cards)

    assert line.startswith(f"card {card_id}: ")
    assert told in line


def test_a_card_that_is_lost_is_named(script: Script) -> None:
    """A card that nobody knows is not where it must be."""
    (line,) = cards_wrong(script, {})

    assert line.endswith("unknown, and must be known as CARD_SHIPPED")


def test_a_card_that_should_not_be_is_named() -> None:
    """What was malformed must not have become a card."""
    script = Script()
    script.never_known("ghost")

    assert cards_wrong(script, {"ghost": {"status": "DATA_EXCEPTION"}}) == [
        "card ghost: known as DATA_EXCEPTION, and must be unknown"
    ]


@pytest.mark.parametrize(("times", "wrong"), [(0, 1), (1, 0), (2, 1)])
def test_a_cause_is_alerted_once(times: int, wrong: int) -> None:
    """Never is wrong, and twice is."""
    assert len(alerts_wrong({CAUSE}, [alert()] * times, repeated=False)) == wrong


@pytest.mark.parametrize(("times", "wrong"), [(0, 0), (1, 0), (2, 1)])
def test_a_repeated_run_alerts_once_at_most(times: int, wrong: int) -> None:
    """Its causes may have been alerted by the run before."""
    assert len(alerts_wrong({CAUSE}, [alert()] * times, repeated=True)) == wrong


def test_an_alert_needs_a_cause() -> None:
    """An alert about a card of the run that reported no failure is told."""
    stray = CAUSE._replace(status="CARD_PROD_CANCELED")

    (line,) = alerts_wrong({CAUSE}, [alert(), alert(stray)], repeated=False)

    assert line.endswith("CARD_PROD_CANCELED of operation operation was alerted without a cause")


def test_what_was_rejected_must_be_kept() -> None:
    """Each rejected operation, with its reason; one that was sent again may be there twice."""
    messages = [Message(b"", rejected=("FIELD_MISSING", "FIELD_MISSING")), Message(b"")]
    kept = {"reason": "FIELD_MISSING", "correlationId": correlation_id(RUN, 0)}
    packed: dict[str, Any] = kept | {"operations": [{}, {}]}

    assert rejections_wrong(messages, RUN, [kept, kept]) == []
    assert rejections_wrong(messages, RUN, [packed]) == []
    assert rejections_wrong(messages, RUN, [packed, kept]) == []
    assert rejections_wrong(messages, RUN, [kept]) == ["message 0: FIELD_MISSING, 1 times, was not kept"]


def test_what_was_good_must_not_be_kept_as_rejected() -> None:
    """Nor under another reason; what lies there of other runs is nobody's business."""
    kept = {"reason": "TOO_LARGE", "correlationId": correlation_id(RUN, 0)}

    assert rejections_wrong([Message(b"")], RUN, [kept]) == ["message 0: TOO_LARGE was kept without a cause"]
    assert rejections_wrong([Message(b"")], "another run", [kept]) == []
