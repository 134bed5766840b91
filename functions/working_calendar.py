"""The personalization centre's working days, as the template's parameters tell them."""

from collections.abc import Mapping
from datetime import UTC
from zoneinfo import ZoneInfo

from card_tracking.domain.due_dates import WorkingCalendar


def read_calendar(environment: Mapping[str, str]) -> WorkingCalendar:
    """Read the calendar. Raises KeyError where there is no such time zone, ValueError where nobody ever works."""
    zone = environment["DUE_DATE_TIME_ZONE"]
    return WorkingCalendar(
        working_days=frozenset(environment["WORKING_DAYS"].split(",")),
        holidays=frozenset(environment["HOLIDAYS"].split(",")),
        # UTC needs no zone files, which not every machine has.
        zone=UTC if zone == "UTC" else ZoneInfo(zone),
    )
