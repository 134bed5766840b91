"""Times as they are compared."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from card_tracking.domain.instants import NEVER, Instant, format_instant, now, parse_instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = parse_instant("2026-03-02T12:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T12:00:00.0Z",
        "2026-03-02T12:00:00.000000Z",
        "2026-03-02T12:00:00+00:00",
        "2026-03-02T14:00:00.00+02:00",
        "2026-03-02T14:00:00+0200",
        "2026-03-01T22:00:00-14:00",
        "2026-03-02T12:00:00",
        "2026-03-02t12:00:00z",
        "2026-03-02 12:00:00Z",
        "20260302T120000Z",
        "2026-03-02T12:00Z",
        "2026-03-02T12:00:00,0Z",
        "2026-03-02T12:00:00.0000004Z",
    ],
)
def test_same_instant(text: str) -> None:
    """A time is the same however D1 writes its fraction and offset."""
    assert parse_instant(text) == NOON


@pytest.mark.parametrize(
    ("text", "next_second"),
    [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016-12-31t23:59:60z", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60", "2017-01-01T00:00:00Z"),
        ("2016-12-31 23:59:60Z", "2017-01-01T00:00:00Z"),
        ("20161231T235960Z", "2017-01-01T00:00:00Z"),
        ("2016-W52-6T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016W526T235960Z", "2017-01-01T00:00:00Z"),
        ("2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00Z"),
        ("2017-01-01T00:59:60+0100", "2017-01-01T00:00:00Z"),
        ("2016-12-31T18:59:60-05:00", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.492Z", "2017-01-01T00:00:00.492Z"),
        ("2016-12-31T23:59:60,4920009+00:00", "2017-01-01T00:00:00.492Z"),
        ("2016-12-31T23:59:60.999999Z", "2017-01-01T00:00:00.999999Z"),
        ("2026-03-02T12:00:60Z", "2026-03-02T12:01:00Z"),
    ],
)
def test_second_60_is_the_next_second(text: str, next_second: str) -> None:
    """A leap second is a valid time of ISO 8601: it is read as the second after it, in every form of a time."""
    assert parse_instant(text) == parse_instant(next_second)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:60Z", "9999-12-31T23:59:60.5-05:00"])
def test_second_60_at_the_end_of_the_calendar(text: str) -> None:
    """The last leap second that can be written is later than the second before it."""
    assert parse_instant(text) - parse_instant(text.replace(":60", ":59")) == 1_000_000


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2026-03-02T12:00:00.49Z", "2026-03-02T12:00:00.492Z"),
        ("2026-03-02T12:00:00.5+02:00", "2026-03-02T12:00:00Z"),
        ("2026-03-02T12:00:00Z", "2026-03-02T12:00:00.001Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_order(earlier: str, later: str) -> None:
    """Times compare as instants where their texts would compare wrongly, up to both ends of the calendar."""
    assert NEVER < parse_instant(earlier) < parse_instant(later)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "0000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-03-02T25:00:00Z",
        "2026-03-02T12:00:00+99:00",
        "10000-01-01T00:00:00Z",
        "1772452800",
        "２０２６-03-02T12:00:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T12:00:61Z",
        "2026-03-02T12:60:00Z",
        "2026-03-02T12:60:60Z",
        "2026-03-02T24:00:60Z",
        "2026-02-30T23:59:60Z",
        "2026-03-02T23:59:600Z",
        "2026-03-02T23:59:6０Z",
        "2026-03-02T23:59:60X",
        "2026-03-02T23:5960Z",
        "2026-03-02T23:59:59+23:59:60",
        "2026W09T23+23:59:60",
        "2026-W09T2-23:59:60",
        "23:59:60Z",
    ],
)
def test_no_time(text: str) -> None:
    """What is no ISO 8601 time is refused with the one error that callers expect."""
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)


@given(st.text())
def test_any_text(text: str) -> None:
    """No text breaks the reading of times: it is a time or a ValueError."""
    with suppress(ValueError):
        assert isinstance(parse_instant(text), int)


@given(st.datetimes(timezones=st.timezones()))
def test_agrees_with_datetime(moment: datetime) -> None:
    """An instant is what the standard library takes the same text for."""
    assert parse_instant(moment.isoformat()) == (moment - EPOCH) // timedelta(microseconds=1)


def test_written() -> None:
    """Our own times are ISO 8601 in UTC with milliseconds, and read back as the same instant."""
    assert format_instant(NOON) == "2026-03-02T12:00:00.000Z"
    assert format_instant(Instant(NOON + 7_999)) == "2026-03-02T12:00:00.007Z"
    assert parse_instant("2026-03-02T12:00:00.007Z") == NOON + 7_000


@given(st.datetimes().map(lambda moment: parse_instant(moment.isoformat())))
@example(parse_instant("9999-12-31T23:59:59.999999Z"))
def test_written_and_read_back(moment: Instant) -> None:
    """Any time of the calendar is written to the millisecond, and never as a later one."""
    assert parse_instant(format_instant(moment)) == moment // 1000 * 1000


def test_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock tells whole milliseconds, because that is what our documents keep."""
    monkeypatch.setattr(time, "time_ns", lambda: 1_772_452_800_007_999_999)
    assert now() == NOON + 7_000
