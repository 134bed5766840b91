"""A notification arrives: keep the latest statuses, record the deliveries, alert once for each cause.

The order of the steps is the promise. Every step may be repeated, and a crash after any of them loses nothing:

1. causes of alerts go to the outbox before the statuses, so no status is ever stored whose alert could be lost, and the
   cause of a status that is stored need not go there again;
2. statuses are written over the version that was read, and read and merged again where another delivery came first;
3. what cannot be stored goes to the queue of rejected operations;
4. only then are alerts published. From here on all is durable: a failure is the relay's work, not D1's. Of a storm only
   the first are published here; the relay is called for the others, so that D1 does not wait for them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, TypeAlias

from card_tracking.adapters.alert_outbox import AlertOutbox, PendingAlert
from card_tracking.adapters.alert_topic import AlertTopic, Publication
from card_tracking.adapters.deliveries import Delivery
from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.adapters.rejected_queue import RejectedQueue
from card_tracking.adapters.relay_call import RelayCall
from card_tracking.adapters.retries import batches_of
from card_tracking.adapters.status_items import StatusChange, StoredStatus
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert, detect_alerts, failures_without_alert, is_known
from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import merge_all
from card_tracking.domain.status import CardStatus
from card_tracking.domain.statuses import CARD_PROD_CANCELED, CARD_SHIPPED
from card_tracking.domain.update import CardUpdate
from card_tracking.use_cases.publish import publish
from card_tracking.wire.notification import Notification
from card_tracking.wire.rejected_message import Origin, rejected_operations

ALERTS_AT_ONCE: Final = 50
"""Of one notification; more than an ordinary day has. How long D1 waits for an answer is not published."""
CARDS_A_PART: Final = 1_000
"""Statuses are stored part by part, so that a resend of what is too large for its time gets further each time."""

_Updates: TypeAlias = dict[str, list[CardUpdate]]
"""By card, each card's in the order they came in."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one notification."""

    deliveries: int
    updates: int
    changes: Sequence[StatusChange]
    """The statuses that were written, and what each was written over."""
    lost_races: int
    contradictions: int
    """Cards that this notification made both canceled and shipped, in one operation."""
    rejections: int
    alerts_raised: Sequence[Alert]
    """Those that this delivery was first to tell of, and published at once."""
    publication: Publication
    alerts_left: int
    """To the relay, of a storm."""
    relay_failure: str | None
    """Why it could not be called; its schedule finds them."""


@dataclass(frozen=True, slots=True)
class ReceiveNotification:
    """The use case, with all it works on."""

    store: NotificationStore
    outbox: AlertOutbox
    topic: AlertTopic
    call_relay: RelayCall
    rejected_queue: RejectedQueue
    alert_statuses: Collection[str]
    report_failures: Callable[[Sequence[CardUpdate]], None]
    """Takes the failed operations that are new and alert nobody, before their statuses are stored.

    So a request that fails afterwards has reported them. D1's resend reports those again whose status was not stored.
    """
    now: Callable[[], Instant]
    """Leases begin when an alert is raised, which is not when D1's request arrived if that is replayed days later."""

    def __call__(self, notification: Notification, origin: Origin, deadline: Deadline) -> Receipt:
        """Take a notification in. When this returns, all of it is durable and D1 may forget it.

        Raises DependencyFailed or OutOfTime where any of it may not be; to send all of it again does no harm.
        """
        done = _Done()
        *earlier_parts, last_part = _parts(notification)
        for part in earlier_parts:
            self._store(part, [], done, deadline)
        self._store(last_part, _deliveries(notification, origin), done, deadline)
        self.rejected_queue.send(rejected_operations(notification.rejections, origin), deadline)
        publication = publish(self.topic, self.outbox, done.alerts_at_once, self.now, deadline)
        relay_failure = self.call_relay(deadline) if done.alerts_left else None
        return Receipt(
            deliveries=len(notification.operations),
            updates=sum(operation.update is not None for operation in notification.operations),
            changes=done.written,
            lost_races=done.lost_races,
            contradictions=sum(map(_contradicts, done.written)),
            rejections=len(notification.rejections),
            alerts_raised=[row.alert for row in done.alerts_at_once],
            publication=publication,
            alerts_left=done.alerts_left,
            relay_failure=relay_failure,
        )

    def _store(self, updates: _Updates, deliveries: Sequence[Delivery], done: "_Done", deadline: Deadline) -> None:
        stored = self.store.read(updates, deadline)
        statuses = _merge(stored, updates)
        self._raise_alerts(updates, stored, statuses, done, deadline)
        self._report_failures(updates, stored)
        changes = _changes(statuses, stored)
        while True:
            lost = {change.card_id for change in self.store.write(changes, deliveries, deadline)}
            done.written += [change for change in changes if change.card_id not in lost]
            if not lost:
                return
            done.lost_races += len(lost)
            deliveries = []
            updates = {card_id: updates[card_id] for card_id in lost}
            stored = self.store.read(updates, deadline)
            changes = _changes(_merge(stored, updates), stored)

    def _raise_alerts(
        self,
        updates: _Updates,
        stored: Mapping[str, StoredStatus],
        statuses: Mapping[str, CardStatus],
        done: "_Done",
        deadline: Deadline,
    ) -> None:
        """Put the causes of alerts into the outbox, but not those whose row must be there: see the order of steps."""
        alerts = [
            alert
            for alert in detect_alerts(chain.from_iterable(updates.values()), statuses, self.alert_statuses)
            if (previous := stored.get(alert.update.card_id)) is None or not is_known(alert, previous.status)
        ]
        at_once = max(0, ALERTS_AT_ONCE - len(done.alerts_at_once))
        done.alerts_at_once += self.outbox.add(alerts[:at_once], self.now(), deadline)
        done.alerts_left += len(self.outbox.add(alerts[at_once:], self.now(), deadline, leased=False))

    def _report_failures(self, updates: _Updates, stored: Mapping[str, StoredStatus]) -> None:
        """Report the failures that are not among the causes of alerts."""
        failures: list[CardUpdate] = []
        for card_id, card_updates in updates.items():
            previous = stored.get(card_id)
            failures += failures_without_alert(previous.status if previous else None, card_updates, self.alert_statuses)
        if failures:
            self.report_failures(failures)


@dataclass(slots=True)
class _Done:
    """What has been done of a notification so far."""

    written: list[StatusChange] = field(default_factory=list)
    lost_races: int = 0
    alerts_at_once: list[PendingAlert] = field(default_factory=list)
    alerts_left: int = 0


def _parts(notification: Notification) -> list[_Updates]:
    """Cut the updates of a notification by cards; at least one part, which may be empty."""
    by_card: _Updates = {}
    for operation in notification.operations:
        if operation.update is not None:
            by_card.setdefault(operation.card_id, []).append(operation.update)
    return [dict(cards) for cards in batches_of(CARDS_A_PART, list(by_card.items()))] or [{}]


def _merge(stored: Mapping[str, StoredStatus], updates: _Updates) -> dict[str, CardStatus]:
    merged = {}
    for card_id, card_updates in updates.items():
        previous = stored.get(card_id)
        merged[card_id] = merge_all(previous.status if previous else None, card_updates)
    return merged


def _changes(statuses: Mapping[str, CardStatus], stored: Mapping[str, StoredStatus]) -> list[StatusChange]:
    """Leave out what did not change: a duplicate writes no status."""
    changes = []
    for card_id, status in statuses.items():
        previous = stored.get(card_id)
        if previous is None or status is not previous.status:
            changes.append(StatusChange(status, previous))
    return changes


def _contradicts(change: StatusChange) -> bool:
    """Say whether a card is now told to be both canceled and shipped, and was not before."""
    ends = {CARD_PROD_CANCELED, CARD_SHIPPED}
    previous = change.previous
    was = previous is not None and ends <= previous.status.milestones.keys()
    return ends <= change.status.milestones.keys() and not was


def _deliveries(notification: Notification, origin: Origin) -> list[Delivery]:
    return [
        Delivery(
            card_id=operation.card_id,
            operation=operation.operation,
            raw=operation.raw,
            received=origin.received,
            request_id=origin.request_id,
            number=number,
            correlation_id=origin.correlation_id,
            by_reconciliation=origin.by_reconciliation,
        )
        for number, operation in enumerate(notification.operations)
    ]
