"""Everything that the table holds about one card."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from card_tracking.adapters.alert_outbox import ALERT_PREFIX
from card_tracking.adapters.deliveries import DELIVERY_PREFIX
from card_tracking.adapters.status_items import STATUS_KEY
from card_tracking.adapters.table import partition_key
from card_tracking.domain.alerts import Alert
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
    """A cause in the outbox."""

    alert: Alert
    raised: Instant
    published: Instant | None
    lease_end: Instant | None
    """From when on the relay may publish it. None once it is published."""


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
                alert=read_outbox_text(item["alert"]["S"]),
                raised=parse_instant(item["createdAt"]["S"]),
                published=parse_instant(item["publishedAt"]["S"]) if "publishedAt" in item else None,
                lease_end=Instant(int(item["leaseEndsAt"]["N"])) if "leaseEndsAt" in item else None,
            )
        )
