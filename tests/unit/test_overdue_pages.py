"""Overdue cards, page by page: the day is that of the centre, and no failure is forgotten."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from card_tracking.adapters.alert_outbox import PendingAlert
from card_tracking.adapters.alert_topic import Publication
from card_tracking.adapters.card_status_reader import Page
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.due_dates import WEEKDAYS, WorkingCalendar
from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import merge_all
from card_tracking.domain.status import CardStatus
from card_tracking.use_cases import alert_overdue as use_case
from card_tracking.use_cases.alert_overdue import AlertOverdueCards, OverdueReport
from tests.samples import instant, update


class FakeReader:
    """A reader with three pages of one card each, which notes what it is asked."""

    def __init__(self) -> None:
        """Note nothing yet."""
        self.asked: list[tuple[date, str | None]] = []

    def open_cards(self, due_before: date, limit: int, next_token: str | None, deadline: Deadline) -> Page[CardStatus]:
        """Return the next page."""
        self.asked.append((due_before, next_token))
        number = len(self.asked)
        status = merge_all(None, [update("DATA_PREPARED", card_id=f"c{number}")])
        return Page([status], f"page {number + 1}" if number < 3 else None)


class FakeOutbox:
    """An outbox that has raised the card of the first page today."""

    def add(self, alerts: Sequence[Alert], now: Instant, deadline: Deadline) -> list[PendingAlert]:
        """Insert rows."""
        return [PendingAlert(alert, now, now) for alert in alerts if alert.update.card_id != "c1"]


def run(monkeypatch: pytest.MonkeyPatch, moment: str, *published: Publication) -> tuple[OverdueReport, FakeReader]:
    """Run the use case in Tokyo; the topic answers as told, a round each."""
    answers = list(published)
    monkeypatch.setattr(use_case, "publish", lambda *_: answers.pop(0))
    reader: Any = FakeReader()
    outbox: Any = FakeOutbox()
    calendar = WorkingCalendar(WEEKDAYS[:5], zone=ZoneInfo("Asia/Tokyo"))
    report = AlertOverdueCards(reader, outbox, outbox, calendar, lambda: instant(moment))(Deadline())
    return report, reader


def good(count: int = 0) -> Publication:
    """Return a round in which the topic took everything."""
    return Publication([Alert(update("DATA_PREPARED"), superseded=False)] * count, None, can_go_on=True)


def test_first_failure_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure of one page is reported although the pages after it are published; every page is read and counted."""
    refused = Publication([], "InvalidParameter", can_go_on=True)
    report, reader = run(monkeypatch, "2026-03-09T03:00:00Z", good(), refused, good(1))

    assert [token for _, token in reader.asked] == [None, "page 2", "page 3"]
    assert (report.overdue, [alert.update.card_id for alert in report.raised]) == (3, ["c2", "c3"])
    assert (report.published, report.failure, report.is_complete) == (1, "InvalidParameter", True)


@pytest.mark.parametrize(
    ("moment", "day", "is_working_day"),
    [("2026-03-08T15:00:00Z", date(2026, 3, 9), True), ("2026-03-13T15:00:00Z", date(2026, 3, 14), False)],
)
def test_day_is_that_of_the_centre(
    monkeypatch: pytest.MonkeyPatch, moment: str, day: date, is_working_day: bool
) -> None:
    """It is Monday at the centre while it is Sunday in UTC, and Saturday while it is Friday."""
    report, reader = run(monkeypatch, moment, good(), good(1), good(1))

    assert (report.day, report.is_working_day) == (day, is_working_day)
    assert [due_before for due_before, _ in reader.asked] == [day] * (3 if is_working_day else 0)
