"""A notification arrives: keep the latest statuses, record the deliveries, alert once for each cause.

The order of the steps is the promise. Every step may be repeated, and a crash after any of them loses nothing:

1. causes of alerts go to the outbox before the statuses, so no status is ever stored whose alert could be lost;
2. statuses are written over the version that was read, and read and merged again where another delivery came first;
3. what cannot be stored goes to the queue of rejected operations;
4. only then are alerts published. From here on all is durable: a failure is the relay's work, not D1's.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from card_tracking.adapters.alert_outbox import AlertOutbox
from card_tracking.adapters.alert_topic import AlertTopic, Publication
from card_tracking.adapters.deliveries import Delivery
from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.adapters.rejected_queue import RejectedQueue
from card_tracking.adapters.status_items import StatusChange, StoredStatus
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert, detect_alerts
from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import merge_all
from card_tracking.domain.status import CardStatus
from card_tracking.domain.statuses import CARD_PROD_CANCELED, CARD_SHIPPED
from card_tracking.domain.update import CardUpdate
from card_tracking.use_cases.publish import publish
from card_tracking.wire.notification import Notification
from card_tracking.wire.rejected_message import Origin, rejected_operations


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one notification."""

    deliveries: int
    updates: int
    statuses_written: int
    lost_races: int
    contradictions: int
    """Cards that this notification made both canceled and shipped, in one operation."""
    rejections: int
    alerts_raised: Sequence[Alert]
    publication: Publication


@dataclass(frozen=True, slots=True)
class ReceiveNotification:
    """The use case, with all it works on."""

    store: NotificationStore
    outbox: AlertOutbox
    topic: AlertTopic
    rejected_queue: RejectedQueue
    alert_statuses: Collection[str]
    now: Callable[[], Instant]
    """Leases begin when an alert is raised, which is not when D1's request arrived if that is replayed days later."""

    def __call__(self, notification: Notification, origin: Origin, deadline: Deadline) -> Receipt:
        """Take a notification in. When this returns, all of it is durable and D1 may forget it.

        Raises DependencyFailed or OutOfTime where any of it may not be; to send all of it again does no harm.
        """
        updates = _updates_by_card(notification)
        stored = self.store.read(updates, deadline)
        statuses = _merge(stored, updates)
        raised = self._raise_alerts(notification, statuses, deadline)
        changes = _changes(statuses, stored)
        deliveries = _deliveries(notification, origin)
        written: list[StatusChange] = []
        lost_races = 0
        while True:
            lost = {change.card_id for change in self.store.write(changes, deliveries, deadline)}
            written += [change for change in changes if change.card_id not in lost]
            if not lost:
                break
            lost_races += len(lost)
            deliveries = []
            updates = {card_id: updates[card_id] for card_id in lost}
            stored = self.store.read(updates, deadline)
            changes = _changes(_merge(stored, updates), stored)
        self.rejected_queue.send(rejected_operations(notification.rejections, origin), deadline)
        publication = publish(self.topic, self.outbox, raised, self.now(), deadline)
        return Receipt(
            deliveries=len(notification.operations),
            updates=sum(operation.update is not None for operation in notification.operations),
            statuses_written=len(written),
            lost_races=lost_races,
            contradictions=sum(map(_contradicts, written)),
            rejections=len(notification.rejections),
            alerts_raised=raised,
            publication=publication,
        )

    def _raise_alerts(
        self, notification: Notification, statuses: Mapping[str, CardStatus], deadline: Deadline
    ) -> list[Alert]:
        updates = [operation.update for operation in notification.operations if operation.update is not None]
        alerts = detect_alerts(updates, statuses, self.alert_statuses)
        return self.outbox.add(alerts, self.now(), deadline)


def _updates_by_card(notification: Notification) -> dict[str, list[CardUpdate]]:
    by_card: dict[str, list[CardUpdate]] = {}
    for operation in notification.operations:
        if operation.update is not None:
            by_card.setdefault(operation.card_id, []).append(operation.update)
    return by_card


def _merge(stored: Mapping[str, StoredStatus], updates: Mapping[str, Sequence[CardUpdate]]) -> dict[str, CardStatus]:
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
        )
        for number, operation in enumerate(notification.operations)
    ]
