"""Points in time as whole microseconds since 1970-01-01T00:00:00Z.

Integers, because they compare right whatever the fraction and the offset of the text they came from, and because
they also hold 9999-12-31T23:59:59-05:00, which a datetime in UTC does not.
"""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Final, NewType

Instant = NewType("Instant", int)

NEVER: Final = Instant(-(2**63))
"""Below every instant that a text can name."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SECOND: Final = timedelta(seconds=1)
# Date, separator, hours and minutes, then 60. The separator is no sign: the 60 of an offset is not a second.
_LEAP_SECOND: Final = re.compile(r"(.{7,10}[^0-9+-][0-9]{2}(:?)[0-9]{2}\2)60(?![0-9])")


def parse_instant(text: str) -> Instant:
    """Read an ISO 8601 date and time, with or without fraction and offset; without an offset it is UTC.

    Digits below the microsecond are dropped. Second 60, a leap second, is read as the next second. Raises ValueError
    if the text is not such a time.
    """
    text = text.upper()
    leap = timedelta()
    if "60" in text and (match := _LEAP_SECOND.match(text)):
        # datetime has no second 60.
        text = f"{match[1]}59{text[match.end() :]}"
        leap = _SECOND
    parsed = datetime.fromisoformat(text)
    offset = parsed.utcoffset() or timedelta()
    # Not astimezone: it fails in the first and the last hours that the calendar has.
    return Instant((parsed.replace(tzinfo=UTC) - _EPOCH - offset + leap) // _MICROSECOND)


def format_instant(instant: Instant) -> str:
    """Write an instant as ISO 8601 in UTC with milliseconds, such as ``2025-01-17T06:28:02.492Z``."""
    moment = _EPOCH + instant * _MICROSECOND
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def whole_second(instant: Instant) -> Instant:
    """Cut an instant to whole seconds."""
    return Instant(instant // 1_000_000 * 1_000_000)


def now() -> Instant:
    """Tell the time to the millisecond, which is what our documents keep of it."""
    return Instant(time.time_ns() // 1_000_000 * 1000)
