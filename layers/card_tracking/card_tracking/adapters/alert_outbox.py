"""The outbox: one row a cause, written before D1 gets its answer, so that no crash can lose an alert.

A row is pending until it is marked as published. Whoever inserts a row with a lease publishes it at once; what is
pending without one, or when it ends, is the relay's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from card_tracking.adapters.deliveries import SECONDS_A_DAY
from card_tracking.adapters.table import Item, Table, number, partition_key, shard_of, text
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.instants import Instant, format_instant
from card_tracking.wire.alert_message import outbox_text, read_outbox_text

ALERT_PREFIX: Final = "ALERT#"
PENDING_INDEX: Final = "PendingAlerts"
PENDING_SHARDS: Final = 4
LEASE_SECONDS: Final = 60
"""Longer than any function here may run: nobody is still publishing a row whose lease has ended."""


@dataclass(frozen=True, slots=True)
class PendingAlert:
    """An alert that is nobody's but the relay's."""

    alert: Alert
    due: Instant


class AlertOutbox:
    """The causes of alerts, and which of them still wait to be published."""

    def __init__(self, table: Table, retention_days: int) -> None:
        """Keep published rows for so many days; pending ones never expire."""
        self._table = table
        self._retention_days = retention_days

    def add(self, alerts: Sequence[Alert], now: Instant, deadline: Deadline, *, leased: bool = True) -> list[Alert]:
        """Insert a pending row for each cause that has none; return the alerts of these rows.

        Leased ones are ours to publish, the others the relay's, which finds them due. A row that our own timed-out
        request inserted counts as somebody else's: it, too, is the relay's.
        """
        due = _lease_end(now) if leased else now
        refusals = self._table.execute([self._table.insert(_row(alert, now, due)) for alert in alerts], deadline)
        return [alert for alert, refusal in zip(alerts, refusals, strict=True) if refusal is None]

    def mark_published(self, alerts: Sequence[Alert], now: Instant, deadline: Deadline) -> None:
        """Take the pending mark off rows; doing it twice does no harm."""
        published = {
            "publishedAt": text(format_instant(now)),
            "expiresAt": number(now // 1_000_000 + self._retention_days * SECONDS_A_DAY),
        }
        statements = [
            self._table.update(row_key(alert), published, removed=("pendingShard", "dueAt")) for alert in alerts
        ]
        self._table.execute(statements, deadline)

    def due(self, shard: int, now: Instant, limit: int, deadline: Deadline) -> list[PendingAlert]:
        """Find pending rows of one shard whose lease has ended, those that wait longest first."""
        page = self._table.query(
            deadline,
            IndexName=PENDING_INDEX,
            KeyConditionExpression="pendingShard = :shard AND dueAt <= :now",
            ExpressionAttributeValues={":shard": text(_pending_shard(shard)), ":now": number(now)},
            Limit=limit,
        )
        return [
            PendingAlert(read_outbox_text(item["alert"]["S"]), Instant(int(item["dueAt"]["N"])))
            for item in page["Items"]
        ]

    def claim(self, pending: Sequence[PendingAlert], now: Instant, deadline: Deadline) -> list[Alert]:
        """Take a new lease on rows; return those that nobody else took, or published, meanwhile."""
        lease = {"dueAt": number(_lease_end(now))}
        statements = [
            self._table.update(row_key(one.alert), lease, condition={"dueAt": number(one.due)}) for one in pending
        ]
        refusals = self._table.execute(statements, deadline)
        return [one.alert for one, refusal in zip(pending, refusals, strict=True) if refusal is None]


def row_key(alert: Alert) -> Item:
    """Name the row of an alert's cause."""
    return {"pk": text(partition_key(alert.update.card_id)), "sk": text(ALERT_PREFIX + alert.alert_id)}


def _row(alert: Alert, now: Instant, due: Instant) -> Item:
    return {
        **row_key(alert),
        "alert": text(outbox_text(alert)),
        "createdAt": text(format_instant(now)),
        "dueAt": number(due),
        "pendingShard": text(_pending_shard(shard_of(alert.alert_id, PENDING_SHARDS))),
    }


def _lease_end(now: Instant) -> Instant:
    return Instant(now + LEASE_SECONDS * 1_000_000)


def _pending_shard(shard: int) -> str:
    return f"PENDING#{shard}"
