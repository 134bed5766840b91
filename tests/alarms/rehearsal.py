"""Rehearsals of alarms: how they are listed, played and measured."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from tests.alarms.cloudwatch import Alarm, State, Unknowns, run
from tests.alarms.datapoints import MINUTES_PER_DAY, MINUTES_PER_HOUR
from tests.alarms.deployed import Deployed
from tests.alarms.stage import Stage, new_stage
from tests.proof.engines import TableEngine

Play: TypeAlias = Callable[[Stage], None]

LATE: Final = (0, 1, 3, 5)
"""Minutes by which data points may arrive late."""
EXTRA_PERIODS: Final = (2, 3)
MINUTES_OF_HOUR: Final = (1, 20, 40, 59)
"""When an alarm that is evaluated once an hour may be evaluated, for a rehearsal that begins at a full hour."""
NOT_FILLED: Final = Unknowns(fills_empty=False)
"""Alarms must work, maybe later, if FILL leaves a series without any data point empty."""

REHEARSALS: Final[list["Rehearsal"]] = []


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One cause of one alarm. It must fire after the cause has begun, and clear after it has ended."""

    alarm: str
    cause: str
    play: Play
    others: frozenset[str]
    """The other alarms that this cause sets off, and no more than these."""

    def __str__(self) -> str:
        """Name the rehearsal for a report."""
        return f"{self.alarm}: {self.cause}"


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a rehearsal, in minutes at most: whatever is unknown about CloudWatch."""

    fires_within: int
    clears_within: int
    failures: Sequence[str]
    with_data: frozenset[str] = frozenset()
    """The metrics of the alarm, by Id, that had data."""


def rehearses(alarm: str, cause: str, *others: str) -> Callable[[Play], Play]:
    """List a function as the rehearsal of an alarm. ``others`` are the alarms that the same cause sets off."""

    def listed(play: Play) -> Play:
        REHEARSALS.append(Rehearsal(alarm, cause, play, frozenset(others)))
        return play

    return listed


def rehearse(rehearsal: Rehearsal, engine: TableEngine, deployed: Deployed, past: Stage) -> Measured:
    """Play a rehearsal once, and evaluate the alarms in every way in which CloudWatch may evaluate them."""
    with new_stage(engine, deployed, past) as stage:
        rehearsal.play(stage)
    return measure(rehearsal, stage)


def measure(rehearsal: Rehearsal, stage: Stage) -> Measured:
    """Measure when the alarm fires and clears, and look whether any other one fires."""
    alarms = stage.deployed.alarms()
    if rehearsal.alarm not in alarms:
        return Measured(0, 0, ["the template has no such alarm"])
    alarm = alarms[rehearsal.alarm]
    fires, clears, failures = [], [], []
    for unknowns in [*unknowns_of(alarm), NOT_FILLED]:
        fired = times_in_alarm(alarm, stage, unknowns)
        if not fired:
            failures.append(f"does not fire ({unknowns})")
        elif fired[0] < stage.caused:
            failures.append(f"fires {stage.caused - fired[0]} minutes before its cause ({unknowns})")
        elif fired[-1] + alarm.minutes_between_evaluations >= stage.minute:
            failures.append(f"does not clear ({unknowns})")
        elif unknowns is not NOT_FILLED:
            fires.append(fired[0] - stage.caused)
            clears.append(fired[-1] + alarm.minutes_between_evaluations - stage.mended)
    others = {name for name, one in alarms.items() if name != rehearsal.alarm and fires_at_all(one, stage)}
    failures += [f"{name} fires, too" for name in sorted(others - rehearsal.others)]
    failures += [f"{name} does not fire" for name in sorted(rehearsal.others - others)]
    with_data = frozenset(name for name, one in alarm.metrics.items() if one.metric in stage.datapoints)
    return Measured(max(fires, default=0), max(clears, default=0), failures, with_data)


def false_alarms(stage: Stage, allowed: frozenset[str]) -> list[str]:
    """List the alarms that fire on an ordinary day, although they do not belong to it."""
    return [
        f"{name} fires ({unknowns})"
        for name, alarm in stage.deployed.alarms().items()
        if name not in allowed
        for unknowns in (Unknowns(late=0), Unknowns(late=max(LATE)), NOT_FILLED)
        if times_in_alarm(alarm, stage, unknowns, _step(stage))
    ]


def unknowns_of(alarm: Alarm) -> Iterator[Unknowns]:
    """List the ways in which CloudWatch may evaluate an alarm."""
    if alarm.minutes_between_evaluations == MINUTES_PER_HOUR:
        yield from (Unknowns(max(LATE), extra, minute_of_hour=at) for extra in EXTRA_PERIODS for at in MINUTES_OF_HOUR)
    else:
        yield from (Unknowns(late, extra) for extra in EXTRA_PERIODS for late in LATE)


def times_in_alarm(alarm: Alarm, stage: Stage, unknowns: Unknowns, step: int = 1) -> list[int]:
    """Return the times of evaluation at which the alarm is on."""
    states = run(alarm, stage.datapoints, stage.begin, stage.minute, unknowns, step)
    return [now for now, state in states if state == State.ALARM]


def fires_at_all(alarm: Alarm, stage: Stage) -> bool:
    """Return whether an alarm fires at any time."""
    return bool(times_in_alarm(alarm, stage, Unknowns(), _step(stage)))


def _step(stage: Stage) -> int:
    """Return how often an alarm that should be off is evaluated: every other minute, hourly in a long rehearsal."""
    return 2 if stage.minute - stage.begin < MINUTES_PER_DAY // 2 else MINUTES_PER_HOUR


def in_words(minutes: int) -> str:
    """Write a time as the operations guide does: in minutes, or from three hours on in full hours."""
    return f"{minutes} min" if minutes < 3 * MINUTES_PER_HOUR else f"{-(-minutes // MINUTES_PER_HOUR)} h"
