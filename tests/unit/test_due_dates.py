"""Which cards are still in production, and from which day on they are overdue."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_tracking.domain.due_dates import WEEKDAYS, WorkingCalendar, due_date, is_due_before, is_open
from card_tracking.domain.merge import merge, merge_all
from card_tracking.domain.status import CardStatus
from card_tracking.domain.statuses import ENDED_RANK, FAILED, PENDING, SUCCESSFUL
from card_tracking.domain.update import CardUpdate
from tests.properties.strategies import histories
from tests.samples import update

OFFICE_DAYS = WEEKDAYS[:5]
DAYS = st.dates(date(1999, 1, 1), date(2101, 1, 1))


def status(status: str = "DATA_PREPARED", operation_status: str = PENDING, **fields: Any) -> CardStatus:
    """Make the status of a card of which D1 has said one thing."""
    return merge(None, update(status, operation_status, **fields))


@pytest.mark.parametrize(
    ("reported", "operation_status", "expected"),
    [
        ("CARD_PROD_REQUESTED", PENDING, True),
        ("DATA_PREPARED", PENDING, True),
        ("CARD_PROD_READY", PENDING, True),
        ("CARD_PROD_ONGOING", PENDING, True),
        ("CARD_PROD_DONE", PENDING, True),
        ("UNKNOWN", PENDING, True),
        ("ON_HOLD", PENDING, True),
        ("ON_HOLD", "WAITING", True),
        ("CARD_PROD_DONE", SUCCESSFUL, False),
        ("CARD_SHIPPED", SUCCESSFUL, False),
        ("CARD_SHIPPED", PENDING, False),
        ("CARD_PROD_CANCELED", PENDING, False),
        ("CARD_PROD_CANCELED", SUCCESSFUL, False),
        ("DATA_EXCEPTION", FAILED, False),
        ("CARD_PROD_EXCEPTION", FAILED, False),
        ("ON_HOLD", FAILED, False),
        ("CARD_RETURNED", SUCCESSFUL, False),
    ],
)
def test_open(reported: str, operation_status: str, expected: bool) -> None:
    """A card is open until it is canceled or shipped, or its operation has ended well or badly."""
    assert is_open(status(reported, operation_status)) is expected


def test_an_overcome_failure_leaves_the_card_open() -> None:
    """What counts is where the card is now: a failure that was overcome is no end, and an end is not undone."""
    failure, ready = update("DATA_EXCEPTION", FAILED), update("CARD_PROD_READY")
    assert is_open(merge_all(None, [failure, ready]))
    shipped = update("CARD_SHIPPED", SUCCESSFUL)
    assert not is_open(merge_all(None, [ready, shipped, update("ON_HOLD"), ready]))


def test_a_new_production_is_open() -> None:
    """A renewal of a card that was shipped is open for itself."""
    shipped = update("CARD_SHIPPED", SUCCESSFUL)
    renewed = update("CARD_PROD_REQUESTED", operation_id="second", start="2026-09-14T07:00:00Z")
    assert is_open(merge_all(None, [shipped, renewed, shipped]))


@given(histories())
def test_open_or_ended(history: list[CardUpdate]) -> None:
    """Whatever D1 tells: a card that shows an end, or has been canceled or shipped, is not open."""
    reached = merge_all(None, history)
    ended = reached.shown.operation_status in {SUCCESSFUL, FAILED} or reached.shown.end_time is not None
    assert is_open(reached) is not (ended or reached.position.progress.rank >= ENDED_RANK)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-03-06", date(2026, 3, 6)),
        ("2024-02-29", date(2024, 2, 29)),
        ("9999-12-31", date(9999, 12, 31)),
        ("2026-02-29", None),
        ("2026-13-01", None),
        ("0000-01-01", None),
        ("2026-3-6", None),
        ("20260306", None),
        ("2026-W10-5", None),
        ("2026-03-06T10:00:00Z", None),
        ("2026-03-06\n", None),
        ("٢٠٢٦-٠٣-٠٦", None),
        (" 2026-03-06", None),
        ("soon", None),
        ("~", None),
        ("", None),
        (None, None),
    ],
)
def test_due_date(told: str | None, expected: date | None) -> None:
    """A due date is a day of the calendar in the form that D1 documents; anything else is none, and does no harm."""
    assert due_date(status(due_date=told)) == expected


@given(st.text())
def test_due_date_of_any_text(text: str) -> None:
    """No text of D1's is too strange to be asked for its date."""
    found = due_date(status(due_date=text))
    assert found is None or found.isoformat() == text


def test_a_due_date_outlives_its_update() -> None:
    """Later updates need not repeat it."""
    card = merge_all(None, [update("DATA_PREPARED", due_date="2026-03-06"), update("CARD_PROD_READY")])
    assert due_date(card) == date(2026, 3, 6)


def test_due_before() -> None:
    """Before a day is not on it; neither an end nor a missing date is late."""
    late = status(due_date="2026-03-06")
    assert not is_due_before(late, date(2026, 3, 6))
    assert is_due_before(late, date(2026, 3, 7))
    assert not is_due_before(status(), date(2026, 3, 7))
    assert not is_due_before(status("CARD_SHIPPED", SUCCESSFUL, due_date="2026-03-06"), date(2026, 3, 7))


@pytest.mark.parametrize(
    ("due", "overdue_from"),
    [
        ("2026-03-04", "2026-03-05"),  # a Wednesday
        ("2026-03-06", "2026-03-09"),  # a Friday: the weekend is no working day
        ("2026-03-07", "2026-03-09"),  # a Saturday
        ("2026-03-08", "2026-03-09"),  # a Sunday
        ("2026-04-02", "2026-04-07"),  # the Thursday before Easter: Good Friday and Easter Monday are holidays
        ("2024-02-28", "2024-02-29"),  # a leap day
        ("2024-02-29", "2024-03-01"),
        ("2025-02-28", "2025-03-03"),  # none
        ("2026-12-24", "2026-12-28"),  # Christmas on a Friday
        ("2026-12-31", "2027-01-04"),  # the year ends; New Year on a Friday
    ],
)
def test_overdue_from(due: str, overdue_from: str) -> None:
    """A card is overdue when the first working day after its due date has come, and on every day from then on."""
    holidays = {"2026-04-03", "2026-04-06", "2026-12-25", "2027-01-01"}
    calendar = WorkingCalendar(OFFICE_DAYS, holidays)
    first = date.fromisoformat(overdue_from)
    for days in range(-10, 30):
        today = first + timedelta(days)
        assert (date.fromisoformat(due) < calendar.overdue_before(today)) is (today >= first), today


@given(st.sets(st.sampled_from(WEEKDAYS), min_size=1), st.sets(DAYS, max_size=30), DAYS, DAYS)
def test_overdue_is_a_working_day_later(working: set[str], holidays: set[date], due: date, today: date) -> None:
    """In any calendar: overdue exactly where a working day lies after the due date, and not after today."""
    calendar = WorkingCalendar(working, {day.isoformat() for day in holidays})
    later = (due + timedelta(days) for days in range(1, min((today - due).days, 400) + 1))
    assert (due < calendar.overdue_before(today)) is any(map(calendar.is_working_day, later))


@given(DAYS, st.integers(0, 40))
def test_overdue_stays_overdue(today: date, days: int) -> None:
    """What is overdue on a day is overdue on every later day."""
    calendar = WorkingCalendar(OFFICE_DAYS, {"2026-12-25"})
    assert calendar.overdue_before(today) <= calendar.overdue_before(today + timedelta(days))


def test_a_holiday_that_is_no_day_is_none() -> None:
    """A mistyped holiday costs that holiday and nothing else."""
    calendar = WorkingCalendar(OFFICE_DAYS, {"2026-02-30", "", "christmas"})
    assert calendar.is_working_day(date(2026, 3, 2))
    assert not calendar.is_working_day(date(2026, 3, 1))


@pytest.mark.parametrize("days", [(), ("mon",), ("MONDAY", "")])
def test_a_week_without_work_is_refused(days: tuple[str, ...]) -> None:
    """A calendar in which no working day ever comes is refused when it is made."""
    with pytest.raises(ValueError, match="working day"):
        WorkingCalendar(days)
