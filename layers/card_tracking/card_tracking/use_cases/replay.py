"""Rejected operations go through the same path again, once whatever rejected them has been mended.

Nothing is taken off the queue before it is stored: a message is deleted only after the use case has returned, and one
that would be rejected again stays where it is.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from card_tracking.adapters.rejected_queue import QueuedMessage, RejectedQueue
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant, parse_instant
from card_tracking.errors import UnreadableNotification
from card_tracking.use_cases.receive import ReceiveNotification
from card_tracking.wire.notification import Notification, read_notification
from card_tracking.wire.rejected_message import Origin, identifiers, replayable_body

SPARE_SECONDS: Final = 5.0
"""Kept to give back, at the end, the messages that were looked at and left."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which messages to replay: all that fit every condition given."""

    reasons: Collection[str] | None = None
    ids: Collection[str] | None = None
    """Of a message, a request, a correlation, a card or an operation."""
    since: Instant | None = None
    until: Instant | None = None

    def fits(self, message: QueuedMessage) -> bool:
        """Say whether a message is among those; one that is none of ours never is."""
        if not message.document:
            return False
        received = parse_instant(message.document["receivedAt"])
        return (
            (self.reasons is None or message.document["reason"] in self.reasons)
            and (self.ids is None or not {message.message_id, *identifiers(message.document)}.isdisjoint(self.ids))
            and (self.since is None or received >= self.since)
            and (self.until is None or received <= self.until)
        )


@dataclass(slots=True)
class ReplayReport:
    """What one run of the replay found and did."""

    looked_at: int = 0
    selected: int = 0
    replayed: int = 0
    operations_stored: int = 0
    still_rejected: int = 0
    cut: int = 0
    """Too large for a message, so the whole is not there to be replayed."""
    unreadable: int = 0
    """Messages that are not ours. They stay in the queue, and no selection names them."""
    finished: bool = False
    """Whether the whole queue was looked at; if not, run it again."""


@dataclass(frozen=True, slots=True)
class ReplayRejected:
    """The use case, with all it works on."""

    queue: RejectedQueue
    receive: ReceiveNotification
    pause: Callable[[float], None] = time.sleep

    def __call__(
        self, selection: Selection, operations_a_second: float, deadline: Deadline, *, dry_run: bool
    ) -> ReplayReport:
        """Replay what the selection names; with ``dry_run`` only count it.

        Raises DependencyFailed or OutOfTime as receiving does; what was not replayed is back in the queue at the latest
        when its time of invisibility ends, and replaying it twice does no harm.
        """
        report = ReplayReport()
        held: dict[str, QueuedMessage] = {}
        try:
            while not report.finished and deadline.allows(SPARE_SECONDS):
                messages = self.queue.receive(deadline)
                report.finished = not messages
                held.update({message.message_id: message for message in messages})
                for message in messages:
                    if not deadline.allows(SPARE_SECONDS):
                        break
                    stored = self._replay(message, selection, report, deadline, dry_run=dry_run)
                    if stored is not None:
                        self.queue.delete(message, deadline)
                        del held[message.message_id]
                        self.pause(min(stored / operations_a_second, max(0.0, deadline.seconds_left() - SPARE_SECONDS)))
        finally:
            self.queue.release(list(held.values()), deadline)
        return report

    def _replay(
        self,
        message: QueuedMessage,
        selection: Selection,
        report: ReplayReport,
        deadline: Deadline,
        *,
        dry_run: bool,
    ) -> int | None:
        """Return how many operations were stored; None where the message stays in the queue."""
        report.looked_at += 1
        if not message.document:
            report.unreadable += 1
        if not selection.fits(message):
            return None
        report.selected += 1
        body = replayable_body(message.document)
        if body is None:
            report.cut += 1
            return None
        origin = _origin(message)
        notification = _read(body, origin.received)
        if not notification.operations:
            report.still_rejected += 1
            return None
        if dry_run:
            return None
        receipt = self.receive(notification, origin, deadline)
        report.replayed += 1
        report.operations_stored += receipt.deliveries
        return receipt.deliveries


def _read(body: str, received: Instant) -> Notification:
    try:
        return read_notification(body, received)
    except UnreadableNotification:
        return Notification()


def _origin(message: QueuedMessage) -> Origin:
    """Keep when it first arrived.

    The request is named after the message, so that a second replay of it records no second delivery.
    """
    return Origin(
        received=parse_instant(message.document["receivedAt"]),
        request_id=f"replay-{message.message_id}",
        correlation_id=message.document.get("correlationId"),
        by_reconciliation=message.document.get("byReconciliation", False),
    )
