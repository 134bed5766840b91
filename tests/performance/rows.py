"""What a measurement comes to: medians of interleaved rounds, a ratio, and the goal that it is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

ARROWS: Final = {True: "at most", False: "at least"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, of whom, and what the goal is held against."""

    measure: str
    unit: str
    values: Mapping[str, float]
    """Medians by variant, the product's first."""
    result: float
    """A ratio, or a number of requests or units."""
    of: str
    """What the result is: ``product / naive``, say."""
    goal: float | None = None
    """None where it is only reported."""
    at_most: bool = True

    @property
    def is_met(self) -> bool | None:
        """Say whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        return self.result <= self.goal if self.at_most else self.result >= self.goal


Rounds = Mapping[str, Sequence[float]]
"""Of each variant what it took in each round; the rounds are interleaved."""


def ratio_row(
    measure: str, unit: str, rounds: Rounds, variant: str, to: str, goal: float | None = None, *, at_most: bool = True
) -> Row:
    """Compare two variants round by round, so that a machine that is busy for a while is busy for both."""
    ratios = [one / other for one, other in zip(rounds[variant], rounds[to], strict=True)]
    values = {name: median(rounds[name]) for name in (variant, to)}
    return Row(measure, unit, values, median(ratios), f"{variant} / {to}", goal, at_most)


def count_row(measure: str, unit: str, counted: float, goal: float) -> Row:
    """Hold a number against its goal."""
    return Row(measure, unit, {"product": counted}, counted, "product", goal)
