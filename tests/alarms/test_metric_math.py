"""The model of metric math does what the documentation says, and refuses what it leaves open."""

from typing import Final

import pytest

from tests.alarms.metric_math import MetricMath, NotModelled, Series

METRICS: Final[dict[str, Series]] = {"errors": {0: 2.0, 2: 1.0}, "refused": {0: 1.0}, "never": {}}
MATH: Final = MetricMath(METRICS, {"failed": "errors - FILL(refused, 0)"}, range(3))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("errors", {0: 2, 2: 1}),
        ("errors + 1", {0: 3, 2: 2}),
        ("errors - refused", {0: 1}),
        ("errors * 2 - 1", {0: 3, 2: 1}),
        ("refused / errors", {0: 0.5}),
        ("errors / 0", {}),
        ("FILL(errors, 0)", {0: 2, 1: 0, 2: 1}),
        ("FILL(never, 7)", {0: 7, 1: 7, 2: 7}),
        ("failed", {0: 1, 2: 1}),
        ("SUM(FILL(METRICS(), 0))", {0: 3, 1: 0, 2: 1}),
        ('SUM(FILL(METRICS("e"), 1))', {0: 4, 1: 3, 2: 3}),
        ('SUM(FILL(METRICS("err"), 0)) + 0 * FILL(never, 0)', {0: 2, 1: 0, 2: 1}),
        ("SUM([FILL(errors, 0), -1 * FILL(refused, 0)])", {0: 1, 1: 0, 2: 1}),
        ("IF(errors > 1, errors, -1)", {0: 2, 2: -1}),
        ("IF(errors >= 1, 1, 0)", {0: 1, 2: 1}),
        ("IF(errors < 2, 1, never)", {2: 1}),
        ("IF(errors <= 2, 5, 0)", {0: 5, 2: 5}),
    ],
)
def test_expressions(expression: str, expected: Series) -> None:
    """Expressions are calculated period by period; a period that one side misses is missing."""
    assert MATH.series(expression) == expected


def test_empty_series_may_stay_empty() -> None:
    """Where FILL leaves an empty series empty, a sum counts the others and a difference is missing."""
    math = MetricMath(METRICS, {}, range(3), fills_empty=False)

    assert math.series("FILL(never, 7)") == {}
    assert math.series("errors - FILL(never, 0)") == {}
    assert math.series("SUM(FILL(METRICS(), 0))") == {0: 3, 1: 0, 2: 1}
    assert math.series("SUM([FILL(errors, 0), -1 * FILL(never, 0)])") == {0: 2, 1: 0, 2: 1}


@pytest.mark.parametrize(
    "expression",
    [
        "SUM(METRICS())",
        "SUM(errors)",
        "AVG(METRICS())",
        "MAX(METRICS())",
        "DATAPOINT_COUNT(errors)",
        "REMOVE_EMPTY(METRICS())",
        "FILL(errors, REPEAT)",
        "METRICS()",
        "METRICS() + 1",
        "unknown",
        "errors ** 2",
        "errors == 2",
    ],
)
def test_what_is_not_documented_is_refused(expression: str) -> None:
    """An alarm whose evaluation AWS does not document cannot be rehearsed."""
    with pytest.raises(NotModelled):
        MATH.series(expression)
