"""The outbox: one row a cause, written before D1 gets its answer, so that no crash can lose an alert.

A row is pending until it is marked as published. Its lease says until when its holder alone may publish it: first
whoever inserted the row, later whoever claimed it. A pending row whose lease has ended is for the relay.

A row about a cause never expires, so that a cause alerts once for ever. When it is published it loses the alert's text
and keeps what names the cause, and times. A row about an overdue card keeps its text, and expires.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from card_tracking.adapters.deliveries import SECONDS_A_DAY
from card_tracking.adapters.table import Item, Statement, Table, number, partition_key, shard_of, text
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import OVERDUE, STATUS, Alert
from card_tracking.domain.instants import Instant, format_instant
from card_tracking.wire.alert_message import outbox_text, read_outbox_text

ALERT_PREFIX: Final = "ALERT#"
PENDING_INDEX: Final = "PendingAlerts"
PENDING_SHARDS: Final = 4
LEASE_SECONDS: Final = 60
LEASE_MARGIN_SECONDS: Final = 30
"""Longer than one round may take to be published and marked: whoever begins one must hold its rows for so long.

A function can run for longer than a lease (replay, reconciliation, overdue cards: 300 s).
"""

_PENDING_MARK: Final = ("pendingShard", "waitsSince", "leaseEndsAt")
ONLY_WHILE_PENDING: Final = {STATUS: (*_PENDING_MARK, "alert"), OVERDUE: _PENDING_MARK}
"""Attributes that a row loses when it is published, by the kind of the alert."""


@dataclass(frozen=True, slots=True)
class PendingAlert:
    """An alert that waits to be published."""

    alert: Alert
    waits_since: Instant
    """Creation of the row. No lease changes it, so it tells how long the alert is delayed."""
    lease_end: Instant
    """End of the lease, as it was read or written: another lease means another holder."""

    def is_safe(self, now: Instant) -> bool:
        """Return whether the lease lasts for long enough to publish a round, for who holds it."""
        return self.lease_end - now >= LEASE_MARGIN_SECONDS * 1_000_000


class AlertOutbox:
    """The causes of alerts, and which of them still wait to be published."""

    def __init__(self, table: Table, retention_days: int) -> None:
        """Keep rows about overdue cards for so many days."""
        self._table = table
        self._retention_days = retention_days

    def add(
        self, alerts: Sequence[Alert], now: Instant, deadline: Deadline, *, leased: bool = True
    ) -> list[PendingAlert]:
        """Insert a pending row for each cause that has none; return these rows.

        Leased ones are ours to publish. The relay may publish the others at once. A row that our own timed-out request
        inserted counts as somebody else's: the relay publishes it, too.
        """
        rows = [PendingAlert(alert, now, _lease_end(now) if leased else now) for alert in alerts]
        statements = [self._table.insert(outbox_item(row, self._retention_days)) for row in rows]
        return self._accepted(rows, statements, deadline)

    def mark_published(self, alerts: Sequence[Alert], now: Instant, deadline: Deadline) -> None:
        """Take the pending mark off rows; doing it twice does no harm."""
        published = {"publishedAt": text(format_instant(now))}
        statements = [self._table.update(row_key(alert), published, ONLY_WHILE_PENDING[alert.kind]) for alert in alerts]
        self._table.execute(statements, deadline)

    def pending(self, shard: int, after: PendingAlert | None, limit: int, deadline: Deadline) -> list[PendingAlert]:
        """Read pending rows of one shard, whoever holds their lease, those that wait longest first.

        Start behind the row ``after``, also if that has been published meanwhile. An empty list means that no row is
        behind it.
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

    def claim(self, pending: Sequence[PendingAlert], now: Instant, deadline: Deadline) -> list[PendingAlert]:
        """Take a new lease on rows, or renew our own; return the rows that nobody else claimed or published meanwhile.

        A row whose claim timed out after it took effect counts as somebody else's; it is claimed again when that ends.
        """
        rows = [replace(one, lease_end=_lease_end(now)) for one in pending]
        statements = [
            self._table.update(
                row_key(old.alert),
                {"leaseEndsAt": number(new.lease_end)},
                condition={"leaseEndsAt": number(old.lease_end)},
            )
            for old, new in zip(pending, rows, strict=True)
        ]
        return self._accepted(rows, statements, deadline)

    def _accepted(
        self, rows: Sequence[PendingAlert], statements: Sequence[Statement], deadline: Deadline
    ) -> list[PendingAlert]:
        """Execute a statement for each row; return the rows whose statement was not refused."""
        refusals = self._table.execute(statements, deadline)
        return [row for row, refusal in zip(rows, refusals, strict=True) if refusal is None]


def row_key(alert: Alert) -> Item:
    """Name the row of an alert's cause."""
    return {"pk": text(partition_key(alert.update.card_id)), "sk": text(ALERT_PREFIX + alert.alert_id)}


def outbox_item(row: PendingAlert, retention_days: int) -> Item:
    """Write a pending row as an item; one about an overdue card expires after so many days."""
    update = row.alert.update
    item = {
        **_index_key(row),
        "operationId": text(update.operation_id),
        "status": text(update.status),
        "superseded": {"BOOL": row.alert.superseded},
        "receivedAt": text(format_instant(update.received)),
        "createdAt": text(format_instant(row.waits_since)),
        "leaseEndsAt": number(row.lease_end),
        "alert": text(outbox_text(row.alert)),
    }
    if row.alert.kind == OVERDUE:
        # Also while it is pending: a card that is still overdue is alerted for again on the next working day.
        item["expiresAt"] = number(row.waits_since // 1_000_000 + retention_days * SECONDS_A_DAY)
    return item


def _index_key(row: PendingAlert) -> Item:
    """Name a row's place in the table and in the index of pending rows."""
    shard = shard_of(row.alert.alert_id, PENDING_SHARDS)
    return {
        **row_key(row.alert),
        "pendingShard": text(_pending_shard(shard)),
        "waitsSince": number(row.waits_since),
    }


def _lease_end(now: Instant) -> Instant:
    return Instant(now + LEASE_SECONDS * 1_000_000)


def _pending_shard(shard: int) -> str:
    return f"PENDING#{shard}"
