"""What tests are made of: updates as the domain knows them, operations as D1 sends them."""

import json
from typing import Any

from card_tracking.domain.instants import NEVER, Instant, parse_instant
from card_tracking.domain.statuses import PENDING
from card_tracking.domain.update import CardUpdate
from card_tracking.wire.rejections import Rejection, Rejections

CARD = "3f0a-91c2-77de-0b14"
OPERATION = "7c1d2f7e-3a55-4e0c-9b1e-5d0f6a2b8c11"
START = "2026-03-02T09:15:00.250Z"
LATER_START = "2026-09-14T07:00:00.000Z"
TEST_CARD_NUMBER = "4111111111111111"


def instant(text: str) -> Instant:
    """Read a time of a test."""
    return parse_instant(text)


def update(
    status: str, operation_status: str = PENDING, *, start: str = START, shipped: str | None = None, **fields: Any
) -> CardUpdate:
    """Make an update of CARD; ``shipped`` is its ``shipment.lastUpdatedAt``."""
    if shipped is not None:
        fields.setdefault("shipment", {"lastUpdatedAt": shipped})
        fields["shipment_updated"] = instant(shipped)
    said: dict[str, Any] = {
        "card_id": CARD,
        "operation_id": OPERATION,
        "operation_status": operation_status,
        "status": status,
        "start_time": start,
        "started": instant(start),
        "shipment_updated": NEVER,
        "received": Instant(0),
    }
    return CardUpdate(**said | fields)


def operation(**fields: Any) -> dict[str, Any]:
    """Make an operation in D1's shape: DATA_PREPARED of CARD, unless ``fields`` say otherwise."""
    said = {
        "operationId": OPERATION,
        "operation": "PRODUCE",
        "status": "PENDING",
        "startTime": START,
        "cardId": CARD,
        "details": {"status": "DATA_PREPARED"},
    }
    return said | fields


def rejections_of(*several: Rejection) -> Rejections:
    """Group rejections as a notification holds them."""
    rejections = Rejections()
    for one in several:
        rejections.add((one.reason, one.field), [one.operation])
    return rejections


def body(*operations: Any) -> str:
    """Write a notification of these operations."""
    return json.dumps({"operations": operations})
