"""Updates, statuses and alerts for the tests of the store."""

from typing import Any

from card_tracking.adapters.deliveries import Delivery
from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.adapters.status_items import StatusChange
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.instants import Instant, parse_instant
from card_tracking.domain.merge import merge
from card_tracking.domain.statuses import DATA_PREPARED
from card_tracking.domain.update import CardUpdate

STARTED = "2026-01-17T06:28:02.492Z"
RECEIVED = parse_instant("2026-01-18T10:00:00Z")
LATER = Instant(RECEIVED + 3_600_000_000)


def update(card_id: str, status: str = DATA_PREPARED, **fields: Any) -> CardUpdate:
    """Make an update."""
    said: dict[str, Any] = {
        "card_id": card_id,
        "operation_id": "produce-1",
        "operation_status": "PENDING",
        "status": status,
        "start_time": STARTED,
        "started": parse_instant(STARTED),
        "received": RECEIVED,
    }
    return CardUpdate(**said | fields)


def first_change(card_id: str, **fields: Any) -> StatusChange:
    """Make the change that stores a card's first status."""
    return StatusChange(merge(None, update(card_id, **fields)), None)


def next_change(store: NotificationStore, said: CardUpdate, deadline: Deadline) -> StatusChange:
    """Read a card and make the change that stores what it is after one more update."""
    stored = store.read([said.card_id], deadline)[said.card_id]
    return StatusChange(merge(stored.status, said), stored)


def delivery(card_id: str, number: int = 0, raw: str = "{}", request_id: str = "request") -> Delivery:
    """Make a delivery."""
    return Delivery(card_id, "PRODUCE", raw, RECEIVED, request_id, number, "correlation")


def alert(card_id: str) -> Alert:
    """Make an alert."""
    return Alert(update(card_id, "DATA_EXCEPTION", operation_status="FAILED", error="e"), superseded=False)
