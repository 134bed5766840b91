"""Alarms and dashboard: everything that is measured is looked at, and every alarm says what to do."""

import json
import re
from typing import Final

import pytest

import metric_names
from local.engine import ROOT
from tests.template.transformed import Json, Stack

OPERATIONS: Final = (ROOT / "docs/operations.md").read_text()
NOTIFY: Final = [{"Fn::If": ["MakesAlarmTopic", {"Ref": "OperationsTopic"}, {"Ref": "AlarmTopicArn"}]}]
PROMISED: Final = {
    "AlertDeliveryFailedAlarm",
    "AlertsDelayedAlarm",
    "AnswersFailedAlarm",
    "CallersRefusedAlarm",
    "ClientCertificateExpiresAlarm",
    "ContradictionsAlarm",
    "DomainCertificateExpiresAlarm",
    "FailuresWithoutAlertAlarm",
    "FunctionErrorsAlarm",
    "FunctionsThrottledAlarm",
    "NearTheTimeLimitAlarm",
    "NotificationsMissedAlarm",
    "OperationsRejectedAlarm",
    "OverdueAlertsFailAlarm",
    "OverdueNotLookedForAlarm",
    "QueriesFailedAlarm",
    "ReconciliationFailsAlarm",
    "RejectedExpiringAlarm",
    "SilenceAlarm",
    "TableThrottledAlarm",
    "UnknownStatusesAlarm",
}

every_alarm: Final = pytest.mark.parametrize("alarm", sorted(PROMISED))


def own_metrics(text: str) -> set[str]:
    """Find the names of our metrics in a text."""
    return {name for name in metric_names.ALL if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text)}


def own_metrics_of_alarms(stack: Stack) -> list[Json]:
    """List every metric of ours that an alarm is raised on."""
    alarms = stack.of_type("AWS::CloudWatch::Alarm").values()
    singles = [one for one in alarms if "MetricName" in one]
    parts = [part["MetricStat"]["Metric"] for one in alarms for part in one.get("Metrics", []) if "MetricStat" in part]
    return [one for one in (*singles, *parts) if one["Namespace"] == "CardTracking"]


def dashboard(stack: Stack) -> Json:
    """Read the dashboard, its references left as they are."""
    body: Json = json.loads(stack.properties("Dashboard")["DashboardBody"]["Fn::Sub"])
    return body


def test_there_is_an_alarm_for_each_trouble(stack: Stack) -> None:
    """No trouble that is promised to be noticed lacks its alarm, and none is left out of what is promised below."""
    assert set(stack.of_type("AWS::CloudWatch::Alarm")) == PROMISED


@every_alarm
def test_an_alarm_reaches_somebody(stack: Stack, alarm: str) -> None:
    """Each goes to the topic of the stack or to the one it was given, when it goes off and when it is over."""
    assert stack.properties(alarm)["AlarmActions"] == NOTIFY
    assert stack.properties(alarm)["OKActions"] == NOTIFY


@every_alarm
def test_an_alarm_says_where_to_read_on(stack: Stack, alarm: str) -> None:
    """Each names its entry in the runbook, and the entry exists."""
    description = stack.properties(alarm)["AlarmDescription"]["Fn::Sub"]
    (anchor,) = re.findall(r"\$\{RunbookUrl}#([a-z-]+)$", description)
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", OPERATIONS, re.MULTILINE)}

    assert anchor in headings


@every_alarm
def test_what_silence_means_is_said(stack: Stack, alarm: str) -> None:
    """No data is no trouble, except where no data is the trouble, or a date comes nearer meanwhile."""
    expected = {
        "SilenceAlarm": "breaching",
        "AlertsDelayedAlarm": "breaching",
        "OverdueNotLookedForAlarm": "breaching",
        "ClientCertificateExpiresAlarm": "ignore",
        "DomainCertificateExpiresAlarm": "ignore",
    }

    assert stack.properties(alarm)["TreatMissingData"] == expected.get(alarm, "notBreaching")


def test_silence_is_by_parameter(stack: Stack) -> None:
    """The alarm on silence fires after so many hours without an operation of D1, and can be left out."""
    alarm = stack.properties("SilenceAlarm")
    (received,) = [one["MetricStat"] for one in alarm["Metrics"] if "MetricStat" in one]

    assert stack.resources["SilenceAlarm"]["Condition"] == "WatchesForSilence"
    assert received["Metric"]["MetricName"] == metric_names.OPERATIONS_RECEIVED
    assert alarm["EvaluationPeriods"] == alarm["DatapointsToAlarm"] == {"Ref": "SilenceHours"}
    assert received["Period"] == 3600


def test_alarms_are_on_metrics_that_exist(stack: Stack) -> None:
    """What an alarm waits for is what the code emits, by name and by dimension: a stack of another issuer is not it."""
    for metric in own_metrics_of_alarms(stack):
        assert metric["MetricName"] in metric_names.ALL
        assert metric["Dimensions"] == [{"Name": "service", "Value": {"Ref": "AWS::StackName"}}]


def test_everything_measured_is_seen(stack: Stack) -> None:
    """Each metric of the list is on the dashboard or has an alarm, and is explained in the operations guide."""
    seen = own_metrics(json.dumps(dashboard(stack))) | {one["MetricName"] for one in own_metrics_of_alarms(stack)}

    assert seen == metric_names.ALL
    assert own_metrics(OPERATIONS) == metric_names.ALL


def test_the_dashboard_refers_to_what_is_there(stack: Stack) -> None:
    """Every reference in it is to a resource or a parameter of this template."""
    references = re.findall(r"\$\{([^}.]+)", stack.properties("Dashboard")["DashboardBody"]["Fn::Sub"])

    assert {name for name in references if not name.startswith("AWS::")} <= stack.resources.keys() | stack.parameters


def test_the_dashboard_answers_four_questions(stack: Stack) -> None:
    """Is D1 reaching us, is anything lost or waiting, in which stage are cards, and how fast is it."""
    titles = [one["properties"]["markdown"] for one in dashboard(stack)["widgets"] if one["type"] == "text"]

    assert len(titles) == 4
    assert all("?" in title for title in titles)


def test_alarms_come_from_cloudwatch_alone(stack: Stack) -> None:
    """The topic of alarms takes them from CloudWatch of this account, and nothing in the clear."""
    allow, deny = stack.properties("OperationsTopicPolicy")["PolicyDocument"]["Statement"]

    assert allow["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
