"""Which messages of the queue a replay selects."""

from typing import Any

import pytest

from card_tracking.adapters.rejected_queue import QueuedMessage
from card_tracking.use_cases.replay import Selection
from tests.samples import CARD, OPERATION, instant, operation

ARRIVED = "2026-03-02T09:20:00.123Z"
MESSAGE = QueuedMessage(
    "message-1",
    "receipt-1",
    {
        "reason": "TOO_LARGE",
        "operation": operation(),
        "requestId": "request-1",
        "correlationId": "correlation-1",
        "receivedAt": ARRIVED,
    },
)
BEFORE, AFTER = instant("2026-03-02T09:20:00.122Z"), instant("2026-03-02T09:20:00.124Z")


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"reasons": {"TOO_LARGE", "NOT_JSON"}}, True),
        ({"reasons": {"NOT_JSON"}}, False),
        *[({"ids": {one, "other"}}, True) for one in ("message-1", "request-1", "correlation-1", CARD, OPERATION)],
        ({"ids": {"other"}}, False),
        ({"since": BEFORE}, True),
        ({"since": instant(ARRIVED)}, True),
        ({"since": AFTER}, False),
        ({"until": AFTER}, True),
        ({"until": instant(ARRIVED)}, True),
        ({"until": BEFORE}, False),
        ({"reasons": {"TOO_LARGE"}, "ids": {"other"}}, False),
        ({"reasons": {"TOO_LARGE"}, "ids": {CARD}, "since": BEFORE, "until": AFTER}, True),
    ],
)
def test_message_fits_every_condition(conditions: dict[str, Any], fits: bool) -> None:
    """A message is selected if it fits all conditions; times include their own moment."""
    assert Selection(**conditions).fits(MESSAGE) is fits


def test_message_that_is_none_of_ours_is_never_selected() -> None:
    """A message of another form stays where it is."""
    assert not Selection().fits(QueuedMessage("message-1", "receipt-1", {}))
