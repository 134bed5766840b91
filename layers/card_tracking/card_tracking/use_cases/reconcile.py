"""What D1 says when it is asked goes the way of its notifications: cards that missed one are put right.

A card that D1 has answered about is noted, and is not chosen again for a while; one that it has not is chosen again in
the next run. Two runs at once ask twice, and that is all: whatever is received twice changes nothing.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from card_tracking.adapters.d1_api import D1Api
from card_tracking.adapters.questions import Questions
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import effective_updates
from card_tracking.domain.update import CardUpdate
from card_tracking.errors import AnswerRefused, DependencyBusy, DependencyFailed, OutOfTime, UnreadableNotification
from card_tracking.use_cases.receive import Receipt, ReceiveNotification
from card_tracking.wire.notification import Notification
from card_tracking.wire.production_status import read_production_status
from card_tracking.wire.rejected_message import Origin

ATTEMPTS: Final = 2
FIRST_PAUSE_SECONDS: Final = 1.0
FAILURES_IN_A_ROW: Final = 5
"""After so many cards without an answer it is D1 that is down, or we that are refused."""
SPARE_SECONDS: Final = 25.0
"""A card is begun only with so much time left: for the question, for storing the answer, and for a new token before."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A card that was not reconciled; None where the cards themselves could not be found."""

    card_id: str | None
    detail: str
    """What failed and how, never a value that was sent or answered."""


@dataclass(slots=True)
class ReconcileReport:
    """What one run asked, and what came of it."""

    answered: int = 0
    missed: list[CardUpdate] = field(default_factory=list)
    """The updates of which there had been no notification: those that changed something."""
    unknown_to_d1: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    finished: bool = False
    """Whether all cards were asked about; if not, run it again."""


@dataclass(frozen=True, slots=True)
class ReconcileCards:
    """The use case, with all it works on."""

    api: D1Api
    receive: ReceiveNotification
    questions: Questions
    issuer_id: str
    now: Callable[[], Instant]
    pause: Callable[[float], None] = time.sleep

    def __call__(self, card_ids: Iterable[str], cards_a_second: float, deadline: Deadline) -> ReconcileReport:
        """Ask D1 about one card after the other, while there is time, and take in what it answers.

        Raises nothing of D1's or AWS's: what failed is in the report, and one bad card stops no other.
        """
        report = ReconcileReport()
        in_a_row = 0
        try:
            for card_id in card_ids:
                if in_a_row == FAILURES_IN_A_ROW or not deadline.allows(SPARE_SECONDS):
                    return report
                in_a_row = 0 if self._reconcile(card_id, report, deadline) else in_a_row + 1
                self.pause(1 / cards_a_second)
            report.finished = True
        except DependencyFailed as error:
            report.failures.append(Failure(None, str(error)))
        except OutOfTime:
            # The cards that are left are due in the next run.
            pass
        return report

    def _reconcile(self, card_id: str, report: ReconcileReport, deadline: Deadline) -> bool:
        """Say whether D1 has answered, and the answer is stored."""
        correlation_id = str(uuid4())
        try:
            body = self._ask(card_id, correlation_id, report, deadline)
            origin = Origin(self.now(), f"reconcile-{correlation_id}", correlation_id, by_reconciliation=True)
            if body is None:
                report.unknown_to_d1.append(card_id)
            else:
                notification = read_production_status(body, card_id, self.issuer_id, origin.received)
                self._take(notification, origin, report, deadline)
            self.questions.record(card_id, origin.received, deadline)
        except (AnswerRefused, DependencyFailed, UnreadableNotification) as error:
            report.failures.append(Failure(card_id, str(error)))
            return False
        return True

    def _ask(self, card_id: str, correlation_id: str, report: ReconcileReport, deadline: Deadline) -> str | None:
        """Raise DependencyFailed where D1 does not answer, OutOfTime where the run is over."""
        attempted = 0
        while True:
            try:
                return self.api.production_status(card_id, correlation_id, deadline)
            except DependencyBusy as error:
                attempted += 1
                pause = max(error.retry_after_seconds, FIRST_PAUSE_SECONDS * 2 ** (attempted - 1))
                if not deadline.allows(pause + SPARE_SECONDS):
                    report.failures.append(Failure(card_id, str(error)))
                    raise OutOfTime("D1 is not to be asked again for longer than this run lasts") from None
                # Also after the last attempt: the next card is asked of the same D1.
                self.pause(pause)
                if attempted == ATTEMPTS:
                    raise

    def _take(self, notification: Notification, origin: Origin, report: ReconcileReport, deadline: Deadline) -> None:
        receipt = self.receive(notification, origin, deadline)
        report.answered += 1
        report.receipts.append(receipt)
        for change in receipt.changes:
            report.missed += effective_updates(
                change.previous.status if change.previous else None, notification.updates
            )
