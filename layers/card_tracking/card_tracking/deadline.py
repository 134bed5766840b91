"""How much of the invocation is left."""

import time
from collections.abc import Callable
from typing import Final

from card_tracking.errors import OutOfTime

RESERVE_SECONDS: Final = 2.0
"""Nothing is started with less than this left: a call that hangs ends sooner (see ``adapters.clients``)."""


NO_END_MILLISECONDS: Final = 2**31


class Deadline:
    """The end of this invocation, asked before every call that goes out."""

    def __init__(self, remaining_milliseconds: Callable[[], int] = lambda: NO_END_MILLISECONDS) -> None:
        """Take the function that tells the milliseconds left, such as Lambda's ``get_remaining_time_in_millis``.

        Without one there is no end.
        """
        self._remaining_milliseconds = remaining_milliseconds

    def allows(self, pause_seconds: float = 0.0) -> bool:
        """Say whether a call may start after a pause of so many seconds."""
        return self.seconds_left() >= pause_seconds

    def seconds_left(self) -> float:
        """Tell for how long calls may still start; 0 or less where none may."""
        return self._remaining_milliseconds() / 1000 - RESERVE_SECONDS

    def check(self) -> None:
        """Raise OutOfTime where no further call may start."""
        if not self.allows():
            raise OutOfTime("too little time is left to start another call")

    def keeping(self, seconds: float) -> "Deadline":
        """Return a deadline that comes so many seconds before this one."""
        return Deadline(lambda: self._remaining_milliseconds() - int(seconds * 1000))

    def limited_to(self, seconds: float) -> "Deadline":
        """Return a deadline that allows starts for so many seconds from now, and none after this one's own end."""
        end = time.monotonic() + RESERVE_SECONDS + seconds
        return Deadline(lambda: min(self._remaining_milliseconds(), int((end - time.monotonic()) * 1000)))
