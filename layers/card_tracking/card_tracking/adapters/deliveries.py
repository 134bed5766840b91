"""The audit trail: every operation as it arrived, kept until it expires."""

from dataclasses import dataclass
from typing import Final

from card_tracking.adapters.table import Item, number, partition_key, text
from card_tracking.domain.instants import Instant, format_instant

DELIVERY_PREFIX: Final = "DELIVERY#"
SECONDS_A_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Delivery:
    """One operation in one request to us. Duplicates are deliveries too: the trail shows that they came."""

    card_id: str
    operation: str
    raw: str
    """JSON text as D1 sent it, less ``consumerId`` and with card numbers masked."""
    received: Instant
    request_id: str
    """Ours, unique to the request; D1's correlation id is not."""
    number: int
    """The operation's place among the operations of the request."""
    correlation_id: str | None = None
    by_reconciliation: bool = False
    """Whether we asked D1 for it, where no notification had come."""


def delivery_item(delivery: Delivery, retention_days: int) -> Item:
    """Write a delivery as an item that expires after so many days."""
    item = {
        "pk": text(partition_key(delivery.card_id)),
        # 16 digits of microseconds sort as text until the year 2286.
        "sk": text(f"{DELIVERY_PREFIX}{delivery.received:016d}#{delivery.request_id}#{delivery.number:05d}"),
        "receivedAt": text(format_instant(delivery.received)),
        "operation": text(delivery.operation),
        "raw": text(delivery.raw),
        "expiresAt": number(delivery.received // 1_000_000 + retention_days * SECONDS_A_DAY),
    }
    if delivery.correlation_id:
        item["correlationId"] = text(delivery.correlation_id)
    if delivery.by_reconciliation:
        item["byReconciliation"] = {"BOOL": True}
    return item
