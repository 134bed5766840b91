"""The working calendar, as the parameters of the template say it."""

import sys
from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest

import working_calendar
from tests.samples import instant
from working_calendar import read_calendar

PARAMETERS = {"WORKING_DAYS": "MON,TUE,WED,THU,FRI", "HOLIDAYS": "2026-12-25,2026-01-01", "DUE_DATE_TIME_ZONE": "UTC"}


def test_calendar_is_that_of_the_parameters() -> None:
    """Working days and holidays are read as they are written."""
    calendar = read_calendar(PARAMETERS)

    assert calendar.working_days == {"MON", "TUE", "WED", "THU", "FRI"}
    assert not calendar.is_working_day(date(2026, 12, 25))
    assert calendar.is_working_day(date(2026, 12, 24))
    assert not calendar.is_working_day(date(2026, 12, 26))


def test_utc_needs_no_zone_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default works on machines without zone files."""

    def no_files(name: str) -> ZoneInfo:
        raise AssertionError(name)

    monkeypatch.setattr(working_calendar, "ZoneInfo", no_files)

    assert read_calendar(PARAMETERS).zone is UTC
    assert "working_calendar" in sys.modules


def test_day_is_that_of_the_zone() -> None:
    """Late in the evening it is the next day already in the east."""
    calendar = read_calendar(PARAMETERS | {"DUE_DATE_TIME_ZONE": "Asia/Tokyo"})

    assert calendar.day_of(instant("2026-03-05T14:59:59Z")) == date(2026, 3, 5)
    assert calendar.day_of(instant("2026-03-05T15:00:00Z")) == date(2026, 3, 6)


def test_unknown_zone_is_an_error() -> None:
    """A mistyped zone is a KeyError that names it."""
    with pytest.raises(KeyError, match="Nowhere"):
        read_calendar(PARAMETERS | {"DUE_DATE_TIME_ZONE": "Europe/Nowhere"})
