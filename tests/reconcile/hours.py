"""Hourly runs of reconciliation in simulated time: the real use cases on a real table, and a D1 that fails as told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Final

from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.adapters.questions import Questions
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant, parse_instant
from card_tracking.errors import DependencyBusy, DependencyFailed
from card_tracking.use_cases.receive import ReceiveNotification
from card_tracking.use_cases.reconcile import ReconcileCards, ReconcileReport
from card_tracking.use_cases.silent_cards import FindSilentCards
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import Origin
from tests.proof.doubles import Functions, Topic
from tests.proof.engines import TableEngine
from tests.proof.invocations import Clock
from tests.proof.product import ISSUER_ID, Services, composed
from tests.proof.queue import Queue
from tests.samples import body, operation

HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR
SILENT: Final = 3 * DAY
RUN_SECONDS: Final = 300
CARDS_PER_SECOND: Final = 5
START: Final = parse_instant("2026-05-04T08:00:00Z")
NEVER_OVERDUE: Final = date(2020, 1, 1)

_NUMBERS: Final = count()


class Crash(BaseException):
    """The process dies."""


def answered(card_id: str) -> str:
    """Repeat what is known of a card."""
    return body(operation(cardId=card_id))


def shipped(card_id: str) -> str:
    """Send the end of a card's production."""
    return body(operation(cardId=card_id, status="SUCCESSFUL", details={"status": "CARD_SHIPPED"}))


def unknown(_: str) -> None:
    """Know no such card."""


def refused_answer(_: str) -> str:
    """Answer about another card."""
    return answered("another")


def unreadable(_: str) -> str:
    """Send a page instead of an answer."""
    return "<html>"


def internal_error(_: str) -> str:
    """Fail."""
    raise DependencyBusy("production_status", "500")


def timed_out(_: str) -> str:
    """Send nothing in time."""
    raise DependencyBusy("production_status", "ReadTimeoutError")


def forbidden(_: str) -> str:
    """Refuse to answer about a card."""
    raise DependencyFailed("production_status", "403")


def no_token(_: str) -> str:
    """Refuse us."""
    raise DependencyFailed("d1_token", "403")


def unreachable(_: str) -> str:
    """Refuse the connection."""
    raise DependencyBusy("production_status", "NewConnectionError", connected=False)


def crash(_: str) -> str:
    """Let the process die while D1 is asked."""
    raise Crash


Behaviour = Callable[[str], str | None]
WITHOUT_ANSWER: Final[tuple[Behaviour, ...]] = (internal_error, timed_out, forbidden, refused_answer, unreadable, crash)
OUTAGES: Final[tuple[Behaviour, ...]] = (internal_error, timed_out, unreadable, no_token, unreachable)


@dataclass(slots=True)
class Run:
    """What one run did."""

    started: Instant
    ended: Instant
    due: list[str]
    """The cards that were due when it began."""
    asked: list[str]
    """The cards that D1 was asked about, each once however often the question was tried."""
    report: ReconcileReport | None
    """None if the process died."""


@dataclass(slots=True)
class Hours:
    """The use cases, the time, and what D1 does."""

    table: Table
    receive: ReceiveNotification
    time: Instant = START
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    outage: Behaviour | None = None
    """What D1 does about every card."""
    on_question: Callable[[str], None] = lambda _: None
    asked: list[str] = field(default_factory=list)
    """The cards that D1 was asked about, in all runs."""
    _latest: str = ""

    def now(self) -> Instant:
        """Return the simulated time."""
        return self.time

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.time = Instant(self.time + int(seconds * 1_000_000))

    def tell(self, card_id: str, silent_for: int) -> None:
        """Receive the last notification of a card, so long ago."""
        received = Instant(self.time - silent_for)
        notification = read_notification(body(operation(cardId=card_id)), received)
        self.receive(notification, Origin(received, f"request-{card_id}", None), Deadline())

    def production_status(self, card_id: str, _correlation_id: str, _deadline: Deadline) -> str | None:
        """Be D1: a time-out takes 9 s, everything else 0.2 s."""
        if card_id != self._latest:
            self.asked.append(card_id)
            self._latest = card_id
        self.on_question(card_id)
        behaviour = self.outage or self.behaviours.get(card_id, answered)
        self.pass_time(9.0 if behaviour is timed_out else 0.2)
        return behaviour(card_id)

    def find(self, deadline: Deadline) -> Iterator[str]:
        """Find the cards of the schedule."""
        search = FindSilentCards(CardStatusReader(self.table.name, self.table.client), self._questions(), self.now)
        return search(Instant(self.time - SILENT), NEVER_OVERDUE, deadline)

    def run(self) -> Run:
        """Run once, as the schedule does."""
        started, before = self.time, len(self.asked)
        end = started + RUN_SECONDS * 1_000_000
        deadline = Deadline(lambda: (end - self.time) // 1_000)
        due = list(self.find(deadline))
        reconcile = ReconcileCards(
            self,  # type: ignore[arg-type]  # D1's side of D1Api
            self.receive,
            self._questions(),
            ISSUER_ID,
            self.now,
            self.pass_time,
        )
        report = None
        self._latest = ""
        with suppress(Crash):
            report = reconcile(iter(due), CARDS_PER_SECOND, deadline)
        self._latest = ""
        return Run(started, self.time, due, self.asked[before:], report)

    def next_hour(self, run: Run) -> None:
        """Wait for the next run."""
        self.time = Instant(max(self.time, run.started + HOUR))

    def _questions(self) -> Questions:
        return Questions(self.table, 400)


@contextmanager
def simulated_hours(engine: TableEngine) -> Iterator[Hours]:
    """Begin with an empty table."""
    with engine.table(f"Hours-{next(_NUMBERS)}") as name:
        services = Services(engine.dynamodb, name, Topic(), Queue(Clock()), Functions())
        with composed(services) as compose:
            yield Hours(Table(engine.dynamodb, name), compose())
