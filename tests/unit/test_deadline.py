"""The end of an invocation."""

import pytest

from card_tracking.deadline import RESERVE_SECONDS, Deadline
from card_tracking.errors import OutOfTime

RESERVE = int(RESERVE_SECONDS * 1000)


@pytest.mark.parametrize(
    ("left", "pause", "allowed"),
    [
        (RESERVE, 0.0, True),
        (RESERVE - 1, 0.0, False),
        (RESERVE + 500, 0.5, True),
        (RESERVE + 499, 0.5, False),
        (0, 0.0, False),
        (-5, 0.0, False),
    ],
)
def test_reserve(left: int, pause: float, allowed: bool) -> None:
    """A call may start while the reserve is left after the pause before it, and never later."""
    assert Deadline(lambda: left).allows(pause) is allowed


def test_check() -> None:
    """Checking raises where no call may start, and does nothing where one may."""
    Deadline(lambda: RESERVE).check()
    with pytest.raises(OutOfTime):
        Deadline(lambda: RESERVE - 1).check()


def test_asked_every_time() -> None:
    """The time that is left is asked for anew every time."""
    left = iter([RESERVE, RESERVE - 1])
    deadline = Deadline(lambda: next(left))
    assert deadline.allows()
    assert not deadline.allows()


def test_without_an_end() -> None:
    """Where nobody gave an end, as in a reader outside Lambda, there is none."""
    assert Deadline().allows(100_000)


def test_reserve_is_longer_than_a_call() -> None:
    """A call that may start ends before the invocation does: its time-outs together are shorter than the reserve."""
    from card_tracking.adapters.clients import CONFIG  # noqa: PLC0415 - boto3 is slow to import, and needed here only

    assert CONFIG.connect_timeout + CONFIG.read_timeout < RESERVE_SECONDS  # type: ignore[attr-defined]  # botocore sets them by name
    assert CONFIG.retries == {"mode": "standard", "total_max_attempts": 1}  # type: ignore[attr-defined]  # botocore sets them by name


@pytest.mark.parametrize(("kept", "seconds"), [(0.0, 8.0), (4.0, 4.0), (4.5, 3.5), (8.0, 0.0), (9.0, -1.0)])
def test_time_that_is_kept_back_ends_a_deadline_earlier(kept: float, seconds: float) -> None:
    """Of ten seconds two are the reserve, and what is kept back comes off the rest."""
    assert Deadline(lambda: 10_000).keeping(kept).seconds_left() == seconds


def test_limit_is_counted_from_now() -> None:
    """Calls may start for so many seconds from now."""
    assert 4.5 < Deadline(lambda: 300_000).limited_to(5.0).seconds_left() <= 5.0


def test_limit_never_outlasts_the_invocation() -> None:
    """A limit that ends later than the invocation changes nothing."""
    assert Deadline(lambda: 10_000).limited_to(50.0).seconds_left() == 8.0
    assert not Deadline(lambda: 1_000).limited_to(50.0).allows()
