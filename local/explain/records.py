"""Everything that the table holds about one card."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from card_tracking.adapters.alert_outbox import ALERT_PREFIX
from card_tracking.adapters.deliveries import DELIVERY_PREFIX
from card_tracking.adapters.status_items import STATUS_KEY
from card_tracking.adapters.table import partition_key
from card_tracking.domain.alerts import OVERDUE, STATUS, Alert, Cause
from card_tracking.domain.instants import Instant, parse_instant
from card_tracking.domain.status import CardStatus
from card_tracking.wire.alert_message import read_outbox_text
from card_tracking.wire.card_document import read_status
from local.stack import Stack


@dataclass(frozen=True, slots=True)
class Delivery:
    """One operation as it arrived."""

    received: Instant
    correlation_id: str | None
    operation: dict[str, Any]
    """As D1 sent it, less what may not be kept."""
    by_reconciliation: bool = False
    """Whether D1 was asked for it."""


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """A row of the outbox. One that is published names its cause; one that is pending has the whole alert, too."""

    card_id: str
    alert_id: str
    operation_id: str
    status: str
    superseded: bool
    received: Instant
    """When the report reached us that it is about."""
    raised: Instant
    published: Instant | None
    lease_end: Instant | None
    """From when on the relay may publish it. None once it is published."""
    alert: Alert | None
    """None once an alert about a cause is published. One about an overdue card keeps it."""

    @property
    def overdue_on(self) -> str | None:
        """Day of which the alert says that the card is overdue. None if it is about a cause."""
        return self.alert.overdue_on if self.alert else None

    @property
    def kind(self) -> str:
        """STATUS or OVERDUE."""
        return STATUS if self.overdue_on is None else OVERDUE

    @property
    def cause(self) -> Cause:
        """What an alert about a report of D1 is about."""
        return Cause(self.card_id, self.operation_id, self.status)


@dataclass(slots=True)
class Records:
    """A card's partition, the earliest deliveries first."""

    status: CardStatus | None = None
    deliveries: list[Delivery] = field(default_factory=list)
    alerts: list[AlertRecord] = field(default_factory=list)


def read_records(stack: Stack, table_name: str, card_id: str) -> Records:
    """Read all of a card, consistently. Raises what AWS raises."""
    pages = (
        stack.session.client("dynamodb", endpoint_url=stack.endpoint_url)
        .get_paginator("query")
        .paginate(
            TableName=table_name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": partition_key(card_id)}},
            ConsistentRead=True,
        )
    )
    records = Records()
    for page in pages:
        for item in page["Items"]:
            add_item(records, card_id, item)
    return records


def add_item(records: Records, card_id: str, item: Mapping[str, Any]) -> None:
    """Read one item of the partition."""
    key = item["sk"]["S"]
    if key == STATUS_KEY:
        records.status = read_status(card_id, item["status"]["S"], item["card"]["S"])
    elif key.startswith(DELIVERY_PREFIX):
        records.deliveries.append(
            Delivery(
                parse_instant(item["receivedAt"]["S"]),
                item.get("correlationId", {}).get("S"),
                json.loads(item["raw"]["S"]),
                "byReconciliation" in item,
            )
        )
    elif key.startswith(ALERT_PREFIX):
        records.alerts.append(
            AlertRecord(
                card_id=card_id,
                alert_id=key.removeprefix(ALERT_PREFIX),
                operation_id=item["operationId"]["S"],
                status=item["status"]["S"],
                superseded=item["superseded"]["BOOL"],
                received=parse_instant(item["receivedAt"]["S"]),
                raised=parse_instant(item["createdAt"]["S"]),
                published=parse_instant(item["publishedAt"]["S"]) if "publishedAt" in item else None,
                lease_end=Instant(int(item["leaseEndsAt"]["N"])) if "leaseEndsAt" in item else None,
                alert=read_outbox_text(item["alert"]["S"]) if "alert" in item else None,
            )
        )
