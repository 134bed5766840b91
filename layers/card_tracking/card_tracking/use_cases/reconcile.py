"""Ask D1 about cards, and receive its answers like notifications: this corrects cards that missed one.

The order of the steps is the promise. A run may end after any of them, also by a crash, and may run beside another one:

1. that D1 is asked is stored before the question is sent. Whatever comes of a question, even the death of this process,
   the next run asks about other cards first;
2. the answer is received like a notification, and receiving something twice changes nothing;
3. that D1 has answered is stored last. If this is lost, D1 is asked again about this card, a day later.

What concerns one card costs only that card its turn. What concerns every card ends the run: D1 gives no token, cannot
be reached, refuses a new token, or asks us to slow down. Other failures can be either (a 5xx, a time-out, a 403, an
answer that cannot be read), so five cards in a row end the run too. While D1 is down, a run thus leaves out at most
five cards for a day. All others are asked about as soon as D1 is up again.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from card_tracking.adapters.d1_api import D1Api, concerns_every_card
from card_tracking.adapters.questions import Question, Questions
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import effective_updates
from card_tracking.domain.update import CardUpdate
from card_tracking.errors import (
    AnswerRefused,
    D1Unavailable,
    DependencyBusy,
    DependencyFailed,
    OutOfTime,
    UnreadableNotification,
)
from card_tracking.use_cases.receive import Receipt, ReceiveNotification
from card_tracking.wire.notification import Notification
from card_tracking.wire.production_status import read_production_status
from card_tracking.wire.rejected_message import Origin

ATTEMPTS: Final = 2
FIRST_PAUSE_SECONDS: Final = 1.0
UNANSWERED_IN_A_ROW: Final = 5
"""After so many cards in a row without a usable answer the run ends: the cause is likely D1 or us, not the cards."""
SPARE_SECONDS: Final = 25.0
"""A card is begun only with so much time left: for the question, for storing the answer, and for a new token before."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A card that was not reconciled; None if the failure concerns every card and ended the run."""

    card_id: str | None
    detail: str
    """What failed and how, never a value that was sent or answered."""


@dataclass(slots=True)
class ReconcileReport:
    """What one run asked, and what came of it."""

    answered: int = 0
    missed: list[CardUpdate] = field(default_factory=list)
    """The updates that changed something: D1 had sent no notification of them, or it was lost."""
    unknown_to_d1: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    finished: bool = False
    """Whether all cards were asked about. If not, run it again."""


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
        """Ask D1 about one card after the other while there is time, and receive its answers.

        Raises nothing of D1's or AWS's: failures are in the report.
        """
        report = ReconcileReport()
        unanswered = 0
        try:
            for card_id in card_ids:
                if unanswered == UNANSWERED_IN_A_ROW or not deadline.allows(SPARE_SECONDS):
                    return report
                unanswered = 0 if self._reconcile(card_id, report, deadline) else unanswered + 1
                self.pause(1 / cards_a_second)
            report.finished = True
        except DependencyFailed as error:
            report.failures.append(Failure(None, str(error)))
        except OutOfTime:
            # The cards that are left are due in the next run.
            pass
        return report

    def _reconcile(self, card_id: str, report: ReconcileReport, deadline: Deadline) -> bool:
        """Return whether D1 answered and the answer is stored. Raises DependencyFailed if it concerns every card."""
        asked = self.now()
        self.questions.record(card_id, Question(asked, answered=False), deadline)
        correlation_id = str(uuid4())
        try:
            body = self._ask(card_id, correlation_id, report, deadline)
            origin = Origin(self.now(), f"reconcile-{correlation_id}", correlation_id, by_reconciliation=True)
            if body is None:
                report.unknown_to_d1.append(card_id)
            else:
                notification = read_production_status(body, card_id, self.issuer_id, origin.received)
                self._take(notification, origin, report, deadline)
            self.questions.record(card_id, Question(asked, answered=True), deadline)
        except D1Unavailable:
            raise
        except (AnswerRefused, DependencyFailed, UnreadableNotification) as error:
            report.failures.append(Failure(card_id, str(error)))
            return False
        return True

    def _ask(self, card_id: str, correlation_id: str, report: ReconcileReport, deadline: Deadline) -> str | None:
        """Return D1's answer.

        Raises D1Unavailable if D1 can be asked about no card, another DependencyFailed if it does not answer about this
        one, OutOfTime if the run is over.
        """
        try:
            return self._ask_patiently(card_id, correlation_id, report, deadline)
        except DependencyFailed as error:
            if concerns_every_card(error):
                raise D1Unavailable(error.operation, error.code) from None
            raise

    def _ask_patiently(
        self, card_id: str, correlation_id: str, report: ReconcileReport, deadline: Deadline
    ) -> str | None:
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
