"""Data points as CloudWatch keeps them: the values of a metric, by the minute."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

MINUTES_PER_HOUR: Final = 60
MINUTES_PER_DAY: Final = 24 * MINUTES_PER_HOUR
REPORTED_LATE: Final[Mapping[str, int]] = {"AWS/SNS": 5}
"""Minutes that a namespace adds before its data points can be read. SNS reports every five minutes."""

Key: TypeAlias = tuple["Metric", str, int, int]


@dataclass(frozen=True, slots=True)
class Metric:
    """One time series. Two metrics with different dimensions have nothing in common."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


def metric_of(namespace: str, name: str, dimensions: Mapping[str, str]) -> Metric:
    """Return the metric with these dimensions, whatever their order."""
    return Metric(namespace, name, tuple(sorted(dimensions.items())))


@dataclass(slots=True)
class Datapoints:
    """All data points of all metrics."""

    _values: dict[Metric, dict[int, list[float]]] = field(default_factory=dict)
    _cache: dict[Key, float | None] = field(default_factory=dict)
    _minutes: dict[Metric, list[int]] = field(default_factory=dict)

    def add(self, metric: Metric, minute: int, values: Iterable[float]) -> None:
        """Add values to the minute in which they were measured."""
        self._values.setdefault(metric, {}).setdefault(minute, []).extend(values)
        if self._cache:
            self._cache.clear()
            self._minutes.clear()

    def of_minute(self, minute: int) -> Iterator[tuple[Metric, list[float]]]:
        """Give the values of one minute, by metric."""
        for metric, minutes in self._values.items():
            if minute in minutes:
                yield metric, minutes[minute]

    def copy(self) -> "Datapoints":
        """Return a copy to which other values can be added."""
        return Datapoints(
            {metric: {minute: [*of] for minute, of in minutes.items()} for metric, minutes in self._values.items()}
        )

    def __contains__(self, metric: Metric) -> bool:
        """Return whether a metric has any data."""
        return metric in self._values

    def statistic(self, metric: Metric, statistic: str, first: int, end: int) -> float | None:
        """Return a statistic over the minutes from ``first`` up to but not including ``end``, None without data."""
        key = (metric, statistic, first, end)
        if key not in self._cache:
            self._cache[key] = self._statistic(metric, statistic, first, end)
        return self._cache[key]

    def _statistic(self, metric: Metric, statistic: str, first: int, end: int) -> float | None:
        of_metric = self._values.get(metric, {})
        # They were added in their order.
        minutes = self._minutes.setdefault(metric, [*of_metric])
        within = minutes[bisect_left(minutes, first) : bisect_left(minutes, end)]
        values = [value for minute in within for value in of_metric[minute]]
        if not values:
            return None
        match statistic:
            case "Sum":
                return sum(values)
            case "Minimum":
                return min(values)
            case "Maximum":
                return max(values)
            case "Average":
                return sum(values) / len(values)
            case "SampleCount":
                return len(values)
        raise ValueError(f"the model does not know the statistic {statistic}")


def last_readable_minute(namespace: str, now: int, late: int) -> int:
    """Return the end of what CloudWatch can read at a time, when data points arrive ``late`` minutes late."""
    return now - late - REPORTED_LATE.get(namespace, 0)
