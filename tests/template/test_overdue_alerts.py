"""Alerts for overdue cards: off by default, on their schedule, and noticed where they fail."""

import metric_names
from tests.template.transformed import Stack


def test_they_are_off_by_default(stack: Stack) -> None:
    """Without a word there is no function, no schedule, no right and no alarm of them."""
    made = {name for name, one in stack.resources.items() if one.get("Condition") == "AlertsOverdueCards"}
    of_them = {name for name in stack.resources if "Overdue" in name}

    assert stack.parameters["OverdueAlerts"]["Default"] == "false"
    assert stack.conditions["AlertsOverdueCards"] == {"Fn::Equals": [{"Ref": "OverdueAlerts"}, "true"]}
    assert made == of_them
    assert len(made) > 5


def test_the_schedule(stack: Stack) -> None:
    """It runs the alias. A run that failed is repeated: it goes on where it ended."""
    rule = stack.properties("AlertOverdueCardsFunctionEveryDay")
    retries = stack.properties("AlertOverdueCardsFunctionEventInvokeConfig")

    assert rule["ScheduleExpression"] == {"Ref": "OverdueSchedule"}
    assert rule["Targets"][0]["Arn"] == {"Ref": "AlertOverdueCardsFunctionAliaslive"}
    assert (retries["Qualifier"], retries["MaximumRetryAttempts"]) == ("live", 2)


def test_a_failed_run_is_noticed(stack: Stack) -> None:
    """One error of the function is enough: somebody was not told of a card, or will be later."""
    alarm = stack.properties("OverdueAlertsFailAlarm")

    assert (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"]) == ("AWS/Lambda", "Errors", 1)
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "AlertOverdueCardsFunction"}}]


def test_missing_runs_are_noticed(stack: Stack) -> None:
    """So is that nobody looks; a schedule of working days alone is no reason."""
    alarm = stack.properties("OverdueNotLookedForAlarm")
    (runs,) = [one["MetricStat"] for one in alarm["Metrics"] if "MetricStat" in one]

    assert runs["Metric"]["MetricName"] == metric_names.OVERDUE_RUNS
    assert runs["Period"] * alarm["DatapointsToAlarm"] > 3 * 86400
