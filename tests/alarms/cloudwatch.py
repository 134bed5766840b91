"""A model of how CloudWatch evaluates an alarm, after its documentation.

Sources: "Alarm evaluation", "Configuring how CloudWatch alarms treat missing data" and "Alarm evaluation window" of the
CloudWatch user guide, and the API reference of PutMetricAlarm. What AWS does not publish is in ``Unknowns``: rehearsals
run with several of them, and no alarm may depend on which of them is true.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.alarms.datapoints import MINUTES_PER_DAY, MINUTES_PER_HOUR, Datapoints, Metric, last_readable_minute
from tests.alarms.metric_math import MetricMath, Series

COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
IGNORES_MISSING_DATA: Final = "AWS/DynamoDB"
"""Alarms on this namespace ignore missing data, whatever TreatMissingData says."""


class State(StrEnum):
    """The states of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True)
class Statistic:
    """A metric with the statistic that an alarm takes of it."""

    metric: Metric
    statistic: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm as CloudWatch gets it."""

    name: str
    metrics: Mapping[str, Statistic]
    expressions: Mapping[str, str]
    returned: str
    """The Id of the metric or expression that is compared with the threshold."""
    period: int
    """In minutes."""
    evaluation_periods: int
    datapoints_to_alarm: int
    comparison: str
    threshold: float
    missing_data: str

    @property
    def minutes_between_evaluations(self) -> int:
        """CloudWatch evaluates alarms every minute, and those on more than a day once an hour."""
        return MINUTES_PER_HOUR if self.period * self.evaluation_periods > MINUTES_PER_DAY else 1

    @property
    def treatment(self) -> str:
        """How CloudWatch treats missing data."""
        is_ignored = any(one.metric.namespace == IGNORES_MISSING_DATA for one in self.metrics.values())
        return "ignore" if is_ignored else self.missing_data

    def is_breaching(self, value: float) -> bool:
        """Return whether a value is on the wrong side of the threshold."""
        return COMPARISONS[self.comparison](value, self.threshold)


@dataclass(frozen=True, slots=True)
class Unknowns:
    """What AWS does not publish."""

    late: int = 1
    """Minutes after the end of its minute until a data point can be read."""
    extra_periods: int = 2
    """Periods that CloudWatch reads beyond EvaluationPeriods. AWS's examples read 5 for 3."""
    fills_empty: bool = True
    """Whether FILL fills a series without any data point."""
    minute_of_hour: int = 0
    """When alarms on more than a day are evaluated, relative to the rehearsal."""


def run(
    alarm: Alarm, datapoints: Datapoints, begin: int, end: int, unknowns: Unknowns, step: int = 1
) -> Iterator[tuple[int, State]]:
    """Evaluate an alarm from one minute to another; give each time of evaluation and the state from then on."""
    state = State.INSUFFICIENT_DATA
    every = max(step, alarm.minutes_between_evaluations)
    offset = unknowns.minute_of_hour if every == MINUTES_PER_HOUR else 0
    for now in range(begin + (offset - begin) % every, end, every):
        state = next_state(alarm, points(alarm, datapoints, now, unknowns), state)
        yield now, state


def points(alarm: Alarm, datapoints: Datapoints, now: int, unknowns: Unknowns) -> list[float | None]:
    """Return the data points of the evaluation range, the latest last. The window ends now: it is not aligned."""
    periods = range(alarm.evaluation_periods + unknowns.extra_periods)
    metrics = {}
    for name, one in alarm.metrics.items():
        readable = last_readable_minute(one.metric.namespace, now, unknowns.late)
        series: Series = {}
        for number in periods:
            first, end = now - (number + 1) * alarm.period, min(readable, now - number * alarm.period)
            value = datapoints.statistic(one.metric, one.statistic, first, end)
            if value is not None:
                series[number] = value
        metrics[name] = series
    returned = MetricMath(metrics, alarm.expressions, periods, unknowns.fills_empty).series(alarm.returned)
    return [returned.get(number) for number in reversed(periods)]


def next_state(alarm: Alarm, found: Sequence[float | None], state: State) -> State:
    """Return the state after an evaluation of the data points found, the latest last."""
    real = [value for value in found if value is not None]
    evaluated = real[-alarm.evaluation_periods :]
    breaching = sum(map(alarm.is_breaching, evaluated))
    is_enough = breaching >= alarm.datapoints_to_alarm
    if is_enough or len(evaluated) == alarm.evaluation_periods:
        return State.ALARM if is_enough else State.OK
    all_breach = breaching == len(evaluated)
    match alarm.treatment:
        case "notBreaching":
            return State.OK
        case "breaching":
            breaching += alarm.evaluation_periods - len(evaluated)
            return State.ALARM if breaching >= alarm.datapoints_to_alarm else State.OK
        case "ignore":
            return state if all_breach else State.OK
        case "missing" if evaluated:
            # What AWS calls premature: the alarm does not wait for data points that may never come.
            return State.ALARM if all_breach and age_of_oldest(found) >= alarm.datapoints_to_alarm else State.OK
    return State.INSUFFICIENT_DATA


def age_of_oldest(found: Sequence[float | None]) -> int:
    """Return how many periods ago the oldest data point is, counted from 1 for the latest period."""
    return next(len(found) - place for place, value in enumerate(found) if value is not None)
