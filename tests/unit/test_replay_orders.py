"""How an operator says what is to be replayed, and which messages that names."""

import json
from typing import Any

import pytest

from card_tracking.adapters.rejected_queue import QueuedMessage
from card_tracking.errors import InvalidQuery
from card_tracking.use_cases.replay import Selection
from card_tracking.wire.rejected_message import (
    SINGLE_MESSAGES,
    Origin,
    read_rejected,
    rejected_body,
    rejected_operations,
    replayable_body,
)
from card_tracking.wire.rejections import Rejection
from replay_rejected.orders import read_order
from tests.samples import CARD, OPERATION, body, instant, operation, rejections_of

ORIGIN = Origin(instant("2026-03-02T09:20:00.123Z"), "request-1", "correlation-1")
SECRET = "4111111111111111"


def queued(document: dict[str, Any]) -> QueuedMessage:
    """Make a message of the queue."""
    return QueuedMessage("message-1", "receipt-1", document)


def rejected(*operations: Any) -> dict[str, Any]:
    """Make the document of rejected operations."""
    several = [Rejection("FIELD_MISSING", one) for one in operations] * (SINGLE_MESSAGES + 2)
    messages = rejected_operations(rejections_of(*several), ORIGIN)
    return dict(read_rejected(messages[-1].text))


SINGLE = dict(
    read_rejected(rejected_operations(rejections_of(Rejection("FIELD_MISSING", operation())), ORIGIN)[0].text)
)
PACKED = rejected(operation())


def test_default_is_a_dry_run() -> None:
    """An order without a word selects everything and only counts it, slowly enough to watch when it does not."""
    order = read_order({})
    assert order.dry_run
    assert order.operations_a_second == 10
    assert order.selection() == Selection()


def test_every_condition() -> None:
    """Reasons, ids and times are read."""
    order = read_order(
        {
            "reasons": ["A"],
            "ids": ["x", "y"],
            "since": "2026-03-02T10:00:00+01:00",
            "until": "2026-03-03T00:00:00Z",
            "dryRun": False,
            "operationsASecond": 0.5,
        }
    )
    assert not order.dry_run
    expected = {"since": instant("2026-03-02T09:00:00Z"), "until": instant("2026-03-03T00:00:00Z")}
    assert order.selection() == Selection(reasons=frozenset({"A"}), ids=frozenset({"x", "y"}), **expected)


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (None, "request"),
        ([], "request"),
        ({"reason": SECRET}, "reason"),
        ({"reasons": SECRET}, "reasons"),
        ({"since": SECRET + "x"}, "since"),
        ({"since": "2026-03-02T10:00:00"}, "since"),
        ({"operationsASecond": 0}, "operationsASecond"),
        ({"dryRun": "perhaps"}, "dryRun"),
    ],
)
def test_refused(event: Any, field: str) -> None:
    """An order that makes no sense is refused, and told what is wrong without a value of it."""
    with pytest.raises(InvalidQuery) as caught:
        read_order(event)
    assert f"{field}: " in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("document", [SINGLE, PACKED], ids=["single", "packed"])
@pytest.mark.parametrize("name", ["message-1", "request-1", "correlation-1", CARD, OPERATION])
def test_found_by_id(document: dict[str, Any], name: str) -> None:
    """A message is found by its own id, its request, its correlation, and its cards and operations."""
    assert Selection(ids={name}).fits(queued(document))
    assert Selection(ids={"x", name}).fits(queued(document))
    assert not Selection(ids={"x"}).fits(queued(document))
    assert not Selection(ids=set()).fits(queued(document))


@pytest.mark.parametrize(
    ("selection", "fits"),
    [
        (Selection(), True),
        (Selection(reasons={"FIELD_MISSING"}), True),
        (Selection(reasons={"TOO_LARGE"}), False),
        (Selection(since=ORIGIN.received, until=ORIGIN.received), True),
        (Selection(since=instant("2026-03-02T09:20:00.124Z")), False),
        (Selection(until=instant("2026-03-02T09:20:00.122Z")), False),
        (Selection(reasons={"FIELD_MISSING"}, ids={"x"}), False),
    ],
)
def test_every_condition_must_fit(selection: Selection, fits: bool) -> None:
    """A message must fit every condition that is given."""
    assert selection.fits(queued(SINGLE)) is fits


def test_what_is_received_again() -> None:
    """Operations, single or packed, and bodies can be received again as they were."""
    assert json.loads(str(replayable_body(SINGLE))) == json.loads(body(operation()))
    assert json.loads(str(replayable_body(PACKED))) == json.loads(body(operation(), operation()))
    assert replayable_body(read_rejected(rejected_body("NOT_JSON", "{", ORIGIN).text)) == "{"


def test_found_without_an_operation() -> None:
    """What is no object, or was cut, is found by its request all the same."""
    for value in ("text", None, "x" * 400_000):
        document = rejected(value)
        assert Selection(ids={"request-1"}).fits(queued(document))
        assert not Selection(ids={CARD}).fits(queued(document))


def test_what_was_cut_cannot() -> None:
    """What the message holds the beginning of only cannot be received again."""
    cut = rejected_operations(rejections_of(Rejection("TOO_LARGE", operation(note="x" * 400_000))), ORIGIN)[0]
    assert replayable_body(read_rejected(cut.text)) is None
    assert replayable_body(read_rejected(rejected_body("NOT_JSON", "x" * 400_000, ORIGIN).text)) is None
