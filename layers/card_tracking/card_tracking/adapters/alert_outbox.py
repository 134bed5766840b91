"""The outbox: one row a cause, written before D1 gets its answer, so that no crash can lose an alert.

A row is pending until it is marked as published. Its lease says until when its holder alone may publish it: first
whoever inserted the row, later whoever claimed it. A pending row whose lease has ended is for the relay.
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


@dataclass(frozen=True, slots=True)
class PendingAlert:
    """An alert that waits to be published."""

    alert: Alert
    waits_since: Instant
    """Creation of the row. No lease changes it, so it tells how long the alert is delayed."""
    lease_end: Instant
    """End of the lease, as it was read or written: another lease means another holder."""


class AlertOutbox:
    """The causes of alerts, and which of them still wait to be published."""

    def __init__(self, table: Table, retention_days: int) -> None:
        """Keep published rows for so many days; pending ones never expire."""
        self._table = table
        self._retention_days = retention_days

    def add(self, alerts: Sequence[Alert], now: Instant, deadline: Deadline, *, leased: bool = True) -> list[Alert]:
        """Insert a pending row for each cause that has none; return the alerts of these rows.

        Leased ones are ours to publish. The relay may publish the others at once. A row that our own timed-out request
        inserted counts as somebody else's: the relay publishes it, too.
        """
        lease_end = _lease_end(now) if leased else now
        statements = [self._table.insert(_row(alert, now, lease_end)) for alert in alerts]
        refusals = self._table.execute(statements, deadline)
        return [alert for alert, refusal in zip(alerts, refusals, strict=True) if refusal is None]

    def mark_published(self, alerts: Sequence[Alert], now: Instant, deadline: Deadline) -> None:
        """Take the pending mark off rows; doing it twice does no harm."""
        published = {
            "publishedAt": text(format_instant(now)),
            "expiresAt": number(now // 1_000_000 + self._retention_days * SECONDS_A_DAY),
        }
        removed = ("pendingShard", "waitsSince", "leaseEndsAt")
        statements = [self._table.update(row_key(alert), published, removed) for alert in alerts]
        self._table.execute(statements, deadline)

    def pending(self, shard: int, after: PendingAlert | None, limit: int, deadline: Deadline) -> list[PendingAlert]:
        """Read pending rows of one shard, whoever holds their lease, those that wait longest first.

        Start behind the row ``after``, also if that has been published meanwhile. No row is left behind it: an empty
        list is the end of the shard.
        """
        start = {"ExclusiveStartKey": _index_key(after)} if after else {}
        page = self._table.query(
            deadline,
            IndexName=PENDING_INDEX,
            KeyConditionExpression="pendingShard = :shard",
            ExpressionAttributeValues={":shard": text(_pending_shard(shard))},
            Limit=limit,
            **start,
        )
        return [
            PendingAlert(
                alert=read_outbox_text(item["alert"]["S"]),
                waits_since=Instant(int(item["waitsSince"]["N"])),
                lease_end=Instant(int(item["leaseEndsAt"]["N"])),
            )
            for item in page["Items"]
        ]

    def claim(self, pending: Sequence[PendingAlert], now: Instant, deadline: Deadline) -> list[Alert]:
        """Take a new lease on rows; return the alerts of those that nobody else claimed or published meanwhile."""
        lease = {"leaseEndsAt": number(_lease_end(now))}
        statements = [
            self._table.update(row_key(one.alert), lease, condition={"leaseEndsAt": number(one.lease_end)})
            for one in pending
        ]
        refusals = self._table.execute(statements, deadline)
        return [one.alert for one, refusal in zip(pending, refusals, strict=True) if refusal is None]


def row_key(alert: Alert) -> Item:
    """Name the row of an alert's cause."""
    return {"pk": text(partition_key(alert.update.card_id)), "sk": text(ALERT_PREFIX + alert.alert_id)}


def _row(alert: Alert, now: Instant, lease_end: Instant) -> Item:
    return {
        **row_key(alert),
        "alert": text(outbox_text(alert)),
        "createdAt": text(format_instant(now)),
        "leaseEndsAt": number(lease_end),
        **_index_attributes(alert, now),
    }


def _index_attributes(alert: Alert, waits_since: Instant) -> Item:
    shard = shard_of(alert.alert_id, PENDING_SHARDS)
    return {"pendingShard": text(_pending_shard(shard)), "waitsSince": number(waits_since)}


def _index_key(pending: PendingAlert) -> Item:
    """Name a row's place in the index."""
    return {**row_key(pending.alert), **_index_attributes(pending.alert, pending.waits_since)}


def _lease_end(now: Instant) -> Instant:
    return Instant(now + LEASE_SECONDS * 1_000_000)


def _pending_shard(shard: int) -> str:
    return f"PENDING#{shard}"
