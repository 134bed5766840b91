"""The model of CloudWatch gives the states that AWS's documentation gives."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from tests.alarms.cloudwatch import Alarm, State, Statistic, Unknowns, next_state, points, run
from tests.alarms.datapoints import Datapoints, metric_of

ERRORS: Final = metric_of("Test", "Errors", {"service": "card-tracking"})
ALARM: Final = Alarm(
    name="Alarm",
    metrics={"errors": Statistic(ERRORS, "Sum")},
    expressions={},
    returned="errors",
    period=5,
    evaluation_periods=3,
    datapoints_to_alarm=3,
    comparison="GreaterThanOrEqualToThreshold",
    threshold=1,
    missing_data="missing",
)
TREATMENTS: Final = ("missing", "ignore", "breaching", "notBreaching")

# The tables of "Configuring how CloudWatch alarms treat missing data": data points with the latest on the right, then
# the state for each way to treat missing data, in the order of TREATMENTS.
THREE_OF_THREE: Final = """
0 - X - X | OK                OK     OK    OK
0 - - - - | OK                OK     OK    OK
- - - - - | INSUFFICIENT_DATA retain ALARM OK
0 X X - X | ALARM             ALARM  ALARM ALARM
- - X - - | ALARM             retain ALARM OK
"""
TWO_OF_THREE: Final = """
0 - X - X | ALARM             ALARM  ALARM ALARM
0 0 X 0 X | ALARM             ALARM  ALARM ALARM
0 - X - - | OK                OK     ALARM OK
- - - - 0 | OK                OK     ALARM OK
- - - X - | ALARM             retain ALARM OK
"""
# The text below the tables: a breaching data point that is younger than Datapoints to Alarm does not alarm yet.
NOT_YET: Final = ("- - - - X", "- - - X -", "- - - X 0", "- - X - 0")


def read(text: str) -> list[float | None]:
    """Read data points as AWS's tables write them."""
    return [{"0": 0.0, "X": 1.0, "-": None}[point] for point in text.split()]


def rows(table: str, datapoints_to_alarm: int) -> list[tuple[str, int, str, str]]:
    """List each cell of a table: data points, datapoints to alarm, treatment, state."""
    lines = [line.split("|") for line in table.strip().splitlines()]
    return [
        (found.strip(), datapoints_to_alarm, treatment, expected)
        for found, states in lines
        for treatment, expected in zip(TREATMENTS, states.split(), strict=True)
    ]


@pytest.mark.parametrize(
    ("found", "datapoints_to_alarm", "treatment", "expected"), rows(THREE_OF_THREE, 3) + rows(TWO_OF_THREE, 2)
)
def test_tables_of_aws(found: str, datapoints_to_alarm: int, treatment: str, expected: str) -> None:
    """Every cell of AWS's two tables comes out, whatever the state before."""
    alarm = replace(ALARM, datapoints_to_alarm=datapoints_to_alarm, missing_data=treatment)

    for before in State:
        assert next_state(alarm, read(found), before) == (before if expected == "retain" else expected)


@pytest.mark.parametrize("found", NOT_YET)
def test_alarm_waits_for_the_next_data_point(found: str) -> None:
    """One young breaching data point among missing ones does not alarm."""
    assert next_state(ALARM, read(found), State.OK) == State.OK


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_dynamodb_ignores_missing_data(treatment: str) -> None:
    """An alarm on AWS/DynamoDB keeps its state without data, whatever TreatMissingData says."""
    throttles = Statistic(metric_of("AWS/DynamoDB", "WriteThrottleEvents", {"TableName": "Cards"}), "Sum")
    alarm = replace(ALARM, metrics={"errors": throttles}, missing_data=treatment)

    assert next_state(alarm, read("- - - - -"), State.ALARM) == State.ALARM


def test_old_data_keeps_a_dead_source_out_of_alarm() -> None:
    """With missing data breaching, one old data point keeps the alarm OK until it leaves the evaluation range."""
    alarm = replace(ALARM, missing_data="breaching", evaluation_periods=2, datapoints_to_alarm=2)
    datapoints = Datapoints()
    datapoints.add(ERRORS, 0, [0])

    fired = [now for now, state in run(alarm, datapoints, 1, 60, Unknowns(late=0)) if state == State.ALARM]

    assert fired[0] == 21


def test_filled_data_shows_a_dead_source() -> None:
    """FILL with a breaching value alarms after exactly the evaluation periods."""
    alarm = replace(
        ALARM, expressions={"e": "FILL(errors, 1)"}, returned="e", evaluation_periods=2, datapoints_to_alarm=2
    )
    datapoints = Datapoints()
    datapoints.add(ERRORS, 0, [0])

    for extra in (0, 2, 5):
        states = run(alarm, datapoints, 1, 60, Unknowns(late=0, extra_periods=extra))
        assert next(now for now, state in states if state == State.ALARM) == 11


def test_filled_data_hides_a_late_data_point() -> None:
    """FILL with a good value and one short period never sees data that arrives after that period."""
    alarm = replace(
        ALARM, expressions={"e": "FILL(errors, 0)"}, returned="e", period=1, evaluation_periods=1, datapoints_to_alarm=1
    )
    datapoints = Datapoints()
    datapoints.add(ERRORS, 10, [1])

    def states(late: int) -> set[State]:
        return {state for _, state in run(alarm, datapoints, 1, 30, Unknowns(late=late))}

    assert State.ALARM in states(late=0)
    assert State.ALARM not in states(late=1)


@pytest.mark.parametrize(
    ("statistic", "expected"), [("Sum", 6), ("Minimum", 1), ("Maximum", 3), ("Average", 2), ("SampleCount", 3)]
)
def test_statistics(statistic: str, expected: float) -> None:
    """Each statistic is taken over all values of a period."""
    datapoints = Datapoints()
    datapoints.add(ERRORS, 10, [1, 2])
    datapoints.add(ERRORS, 12, [3])

    assert datapoints.statistic(ERRORS, statistic, 10, 15) == expected
    assert datapoints.statistic(ERRORS, statistic, 15, 20) is None


def test_periods_end_at_the_evaluation() -> None:
    """Periods slide with the time of evaluation: they are not aligned to the clock."""
    datapoints = Datapoints()
    datapoints.add(ERRORS, 7, [1])

    def found(now: int) -> Sequence[float | None]:
        return points(ALARM, datapoints, now, Unknowns(late=0, extra_periods=0))

    assert found(8) == [None, None, 1]
    assert found(12) == [None, None, 1]
    assert found(13) == [None, 1, None]


def test_data_points_arrive_late() -> None:
    """A data point is read when it has arrived, and SNS reports five minutes later than others."""
    sns = metric_of("AWS/SNS", "NumberOfNotificationsFailed", {"TopicName": "alerts"})
    alarm = replace(ALARM, metrics={"errors": Statistic(sns, "Sum")})
    datapoints = Datapoints()
    datapoints.add(ERRORS, 7, [1])
    datapoints.add(sns, 7, [1])

    def first_read(of: Alarm) -> int:
        return next(now for now in range(30) if any(points(of, datapoints, now, Unknowns(late=2))))

    assert first_read(ALARM) == 10
    assert first_read(alarm) == 15


def test_alarms_on_days_are_evaluated_hourly() -> None:
    """An alarm on more than a day is evaluated once an hour, all others every minute."""
    alarm = replace(ALARM, period=60, evaluation_periods=25)

    times = [now for now, _ in run(alarm, Datapoints(), 10, 300, Unknowns(minute_of_hour=30))]

    assert times == [30, 90, 150, 210, 270]
    assert [now for now, _ in run(ALARM, Datapoints(), 10, 13, Unknowns(minute_of_hour=30))] == [10, 11, 12]
