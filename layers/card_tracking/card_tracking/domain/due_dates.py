"""Which cards are still in production, and which of them are later than promised.

``dueDate`` is D1's estimate of the day of shipment: a date without a time, local to the personalization centre
(contract, "The operation"). A card has the whole of that day, and the days on which nobody works there.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from card_tracking.domain.instants import Instant
from card_tracking.domain.status import CardStatus
from card_tracking.domain.statuses import ENDED_RANK

WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ONE_DAY: Final = timedelta(days=1)


def is_open(status: CardStatus) -> bool:
    """Return whether the card is still in production.

    A card that was canceled or shipped is not, nor is one whose operation has ended, in success or failure: a card that
    is done and is not to be shipped ends SUCCESSFUL, and a failure alerted when it was received. An operation status
    that we do not know ends nothing.
    """
    return not status.shown.is_ended and status.position.progress.rank < ENDED_RANK


def due_date(status: CardStatus) -> date | None:
    """Return the day on which a card is to be shipped; None if D1 has sent none, or a text that is no date."""
    text = status.latest("due_date")
    # Only as D1 documents it: Python also reads other forms, which would not sort as text.
    if text is None or not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_due_before(status: CardStatus, day: date) -> bool:
    """Say whether a card is still in production and was to be shipped before a day."""
    due = due_date(status)
    return due is not None and due < day and is_open(status)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The days on which the personalization centre works. Raises ValueError where there is none in a week."""

    working_days: Collection[str]
    """Of WEEKDAYS."""
    holidays: Collection[str] = ()
    """Dates as ``2026-12-25``. A text that names no day is no holiday."""
    zone: tzinfo = UTC
    """Where the centre is."""

    def __post_init__(self) -> None:
        """Refuse a calendar in which no search for a working day would end."""
        if not set(WEEKDAYS) & set(self.working_days):
            raise ValueError("a week needs a working day")

    def day_of(self, now: Instant) -> date:
        """Tell which day it is at the centre."""
        return datetime.fromtimestamp(now // 1_000_000, self.zone).date()

    def is_working_day(self, day: date) -> bool:
        """Say whether the centre works on a day."""
        return WEEKDAYS[day.weekday()] in self.working_days and day.isoformat() not in self.holidays

    def overdue_before(self, today: date) -> date:
        """Tell the day before which a card must have been due to be overdue today: the latest working day, or today.

        A card is overdue once the first working day after its due date has come.
        """
        day = today
        while not self.is_working_day(day):
            day -= _ONE_DAY
        return day
