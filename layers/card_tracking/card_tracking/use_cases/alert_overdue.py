"""A working day begins: people are told, once, of each card that is overdue.

A card is told of by a row in the outbox, as every alert is, and there is one row a card and day. So this may be run
again, and beside itself, and may end anywhere: what has a row is not told of twice, what is unpublished is the relay's,
and the next run goes on with the others.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from card_tracking.adapters.alert_outbox import AlertOutbox
from card_tracking.adapters.alert_topic import AlertTopic
from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert, overdue_alert
from card_tracking.domain.due_dates import WorkingCalendar
from card_tracking.domain.instants import Instant
from card_tracking.errors import OutOfTime
from card_tracking.use_cases.publish import ALERTS_A_ROUND, publish

if TYPE_CHECKING:
    from datetime import date


@dataclass(slots=True)
class OverdueReport:
    """What one run did."""

    day: "date"
    """At the personalization centre."""
    is_working_day: bool
    overdue: int = 0
    """Cards that were found late, those included of which people were told earlier today."""
    raised: list[Alert] = field(default_factory=list)
    published: int = 0
    failure: str | None = None
    """Why not all that was raised is published; the relay goes on with it."""
    is_complete: bool = True
    """Whether the time sufficed for all cards."""


@dataclass(frozen=True, slots=True)
class AlertOverdueCards:
    """The use case, with all it works on."""

    reader: CardStatusReader
    outbox: AlertOutbox
    topic: AlertTopic
    calendar: WorkingCalendar
    now: Callable[[], Instant]

    def __call__(self, deadline: Deadline) -> OverdueReport:
        """Alert for every card that is overdue today and was not alerted for today, while there is time for it.

        On a day on which nobody works at the centre: for none. Raises DependencyFailed where the table fails.
        """
        today = self.calendar.day_of(self.now())
        report = OverdueReport(today, self.calendar.is_working_day(today))
        if report.is_working_day:
            try:
                self._alert(report, deadline)
            except OutOfTime:
                report.is_complete = False
        return report

    def _alert(self, report: OverdueReport, deadline: Deadline) -> None:
        due_before = self.calendar.overdue_before(report.day)
        token: str | None = None
        topic_takes = True
        while True:
            page = self.reader.open_cards(due_before, ALERTS_A_ROUND, token, deadline)
            alerts = [overdue_alert(status, report.day) for status in page.entries]
            raised = self.outbox.add(alerts, self.now(), deadline)
            report.overdue += len(alerts)
            report.raised += [row.alert for row in raised]
            # Where the topic is down, the rows are all that is needed.
            if topic_takes:
                publication = publish(self.topic, self.outbox, raised, self.now, deadline)
                report.published += len(publication.published)
                report.failure = report.failure or publication.failure
                topic_takes = publication.can_go_on
            token = page.next_token
            if token is None:
                return
