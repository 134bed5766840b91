"""Every property of every alarm, in two tables: a change of any of them has to be made here, too."""

import re
from typing import Any, Final

from tests.template.transformed import Json, Stack

ALARMS: Final = """
alarm                         | expression                                                   | period | fires if      | in        | without data | condition
AnswersFailedAlarm            | -                                                            |    300 | >= 1          | 1 of 1    | notBreaching | -
FunctionErrorsAlarm           | SUM(FILL(METRICS(), 0))                                      |    300 | >= 1          | 1 of 2    | notBreaching | -
QueriesFailedAlarm            | SUM([FILL(errors, 0), -1 * FILL(refused, 0)])                |    300 | >= 1          | 2 of 6    | notBreaching | -
FunctionsThrottledAlarm       | SUM(FILL(METRICS(), 0))                                      |    300 | >= 1          | 1 of 2    | notBreaching | -
NearTheTimeLimitAlarm         | -                                                            |    300 | >= 20000      | 1 of 1    | notBreaching | -
TableThrottledAlarm           | SUM(FILL(METRICS("throttled"), 0)) + 0 * FILL(runs, 0)       |     60 | >= 1          | 3 of 10   | notBreaching | -
OperationsRejectedAlarm       | -                                                            |    300 | >= 1          | 1 of 1    | notBreaching | -
RejectedExpiringAlarm         | -                                                            |   3600 | >= 1          | 162 of 168 | notBreaching | -
AlertsDelayedAlarm            | FILL(delay, 300)                                             |    300 | >= 300        | 2 of 2    | breaching    | -
OverdueAlertsFailAlarm        | -                                                            |    300 | >= 1          | 1 of 1    | notBreaching | AlertsOverdueCards
OverdueNotLookedForAlarm      | FILL(runs, 0)                                                |  86400 | < 1           | 4 of 4    | breaching    | AlertsOverdueCards
AlertDeliveryFailedAlarm      | -                                                            |    300 | >= 1          | 1 of 3    | notBreaching | -
CallersRefusedAlarm           | -                                                            |    300 | >= 1          | 1 of 1    | notBreaching | -
UnknownStatusesAlarm          | -                                                            |   3600 | >= 1          | 1 of 1    | notBreaching | -
FailuresWithoutAlertAlarm     | -                                                            |   3600 | >= 1          | 1 of 1    | notBreaching | -
ContradictionsAlarm           | -                                                            |    300 | >= 1          | 1 of 1    | notBreaching | -
NotificationsMissedAlarm      | -                                                            |    300 | >= 1          | 1 of 1    | notBreaching | Reconciles
ReconciliationFailsAlarm      | SUM(FILL(METRICS(), 0))                                      |    300 | >= 1          | 1 of 2    | notBreaching | Reconciles
SilenceAlarm                  | FILL(received, 0)                                            |   3600 | < 1           | ${SilenceHours} of ${SilenceHours} | breaching | WatchesForSilence
ClientCertificateExpiresAlarm | -                                                            |   3600 | <= 30         | 1 of 1    | ignore       | HasDomain
DomainCertificateExpiresAlarm | -                                                            |  86400 | <= 30         | 1 of 1    | ignore       | HasDomain
"""  # noqa: E501  # a table

METRICS: Final = """
alarm                         | Id              | statistic of metric                                         | dimensions
AnswersFailedAlarm            | -               | Sum AWS/ApiGateway 5XXError                                 | ApiName=${AWS::StackName}-callback Stage=${Stage}
FunctionErrorsAlarm           | receive         | Sum AWS/Lambda Errors                                       | FunctionName=${ReceiveNotificationFunction}
FunctionErrorsAlarm           | relay           | Sum AWS/Lambda Errors                                       | FunctionName=${RelayAlertsFunction}
FunctionErrorsAlarm           | replay          | Sum AWS/Lambda Errors                                       | FunctionName=${ReplayRejectedFunction}
QueriesFailedAlarm            | errors          | Sum AWS/Lambda Errors                                       | FunctionName=${GetCardStatusFunction}
QueriesFailedAlarm            | refused         | Sum CardTracking QueriesRefused                             | service=${AWS::StackName}
FunctionsThrottledAlarm       | receive         | Sum AWS/Lambda Throttles                                    | FunctionName=${ReceiveNotificationFunction}
FunctionsThrottledAlarm       | relay           | Sum AWS/Lambda Throttles                                    | FunctionName=${RelayAlertsFunction}
FunctionsThrottledAlarm       | ask             | Sum AWS/Lambda Throttles                                    | FunctionName=${GetCardStatusFunction}
NearTheTimeLimitAlarm         | -               | Maximum AWS/Lambda Duration                                 | FunctionName=${ReceiveNotificationFunction}
TableThrottledAlarm           | runs            | Sum CardTracking RelayRuns                                  | service=${AWS::StackName}
TableThrottledAlarm           | throttled_reads | Sum AWS/DynamoDB ReadThrottleEvents                         | TableName=${StatusTable}
TableThrottledAlarm           | throttled_writes | Sum AWS/DynamoDB WriteThrottleEvents                       | TableName=${StatusTable}
TableThrottledAlarm           | throttled_bystatus | Sum AWS/DynamoDB WriteThrottleEvents                     | TableName=${StatusTable} GlobalSecondaryIndexName=ByStatus
TableThrottledAlarm           | throttled_byinputfile | Sum AWS/DynamoDB WriteThrottleEvents                  | TableName=${StatusTable} GlobalSecondaryIndexName=ByInputFile
TableThrottledAlarm           | throttled_byissuerrequest | Sum AWS/DynamoDB WriteThrottleEvents              | TableName=${StatusTable} GlobalSecondaryIndexName=ByIssuerRequest
TableThrottledAlarm           | throttled_opencards | Sum AWS/DynamoDB WriteThrottleEvents                    | TableName=${StatusTable} GlobalSecondaryIndexName=OpenCards
TableThrottledAlarm           | throttled_pendingalerts | Sum AWS/DynamoDB WriteThrottleEvents                | TableName=${StatusTable} GlobalSecondaryIndexName=PendingAlerts
OperationsRejectedAlarm       | -               | Maximum AWS/SQS ApproximateNumberOfMessagesVisible          | QueueName=${RejectedQueue.QueueName}
RejectedExpiringAlarm         | -               | Maximum AWS/SQS ApproximateNumberOfMessagesVisible          | QueueName=${RejectedQueue.QueueName}
AlertsDelayedAlarm            | delay           | Maximum CardTracking OldestAlertDelay                       | service=${AWS::StackName}
OverdueAlertsFailAlarm        | -               | Sum AWS/Lambda Errors                                       | FunctionName=${AlertOverdueCardsFunction}
OverdueNotLookedForAlarm      | runs            | Sum CardTracking OverdueRuns                                | service=${AWS::StackName}
AlertDeliveryFailedAlarm      | -               | Sum AWS/SNS NumberOfNotificationsFailed                     | TopicName=${AlertTopic.TopicName}
CallersRefusedAlarm           | -               | Sum CardTracking CallersRefused                             | service=${AWS::StackName}
UnknownStatusesAlarm          | -               | Sum CardTracking UnknownStatuses                            | service=${AWS::StackName}
FailuresWithoutAlertAlarm     | -               | Sum CardTracking FailuresWithoutAlert                       | service=${AWS::StackName}
ContradictionsAlarm           | -               | Sum CardTracking Contradictions                             | service=${AWS::StackName}
NotificationsMissedAlarm      | -               | Sum CardTracking NotificationsMissed                        | service=${AWS::StackName}
ReconciliationFailsAlarm      | failed          | Sum CardTracking ReconciliationsFailed                      | service=${AWS::StackName}
ReconciliationFailsAlarm      | unknown         | Sum CardTracking CardsUnknownToD1                           | service=${AWS::StackName}
ReconciliationFailsAlarm      | errors          | Sum AWS/Lambda Errors                                       | FunctionName=${ReconcileCardsFunction}
SilenceAlarm                  | received        | Sum CardTracking OperationsReceived                         | service=${AWS::StackName}
ClientCertificateExpiresAlarm | -               | Minimum CardTracking ClientCertificateDaysLeft              | service=${AWS::StackName}
DomainCertificateExpiresAlarm | -               | Minimum AWS/CertificateManager DaysToExpiry                 | CertificateArn=${CertificateArn}
"""  # noqa: E501  # a table

ACTIONS: Final = [{"Fn::If": ["MakesAlarmTopic", {"Ref": "OperationsTopic"}, {"Ref": "AlarmTopicArn"}]}]
OF_EVERY_ALARM: Final = {
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "EvaluationPeriods",
    "OKActions",
    "Threshold",
    "TreatMissingData",
}
ON_ONE_METRIC: Final = {"Dimensions", "MetricName", "Namespace", "Period", "Statistic"}
COMPARISONS: Final = {
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanOrEqualToThreshold": "<=",
    "LessThanThreshold": "<",
}


def rows(table: str) -> list[tuple[str, ...]]:
    """Read the rows of a table below its heading."""
    _, *lines = table.strip().splitlines()
    return sorted(tuple(re.split(r"\s+\|\s+", line.strip())) for line in lines)


def written(value: Any) -> str:
    """Write a value of the template with its references."""
    match value:
        case {"Ref": name} | {"Fn::GetAtt": name}:
            return f"${{{'.'.join(name) if isinstance(name, list) else name}}}"
        case {"Fn::Sub": str() as text}:
            return text
        case str() | int():
            return str(value)
    raise AssertionError(f"the table has no place for {value}")


def queries(alarm: Json) -> list[Json]:
    """List the metrics and expressions of an alarm; one on a single metric has one without Id."""
    if "Metrics" in alarm:
        found: list[Json] = alarm["Metrics"]
        return found
    metric = {name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions")}
    return [{"Id": "-", "MetricStat": {"Metric": metric, "Stat": alarm["Statistic"], "Period": alarm["Period"]}}]


def row_of_alarm(stack: Stack, name: str) -> tuple[str, ...]:
    """Write the row of an alarm."""
    alarm = stack.properties(name)
    found = queries(alarm)
    (period,) = {one["MetricStat"]["Period"] for one in found if "MetricStat" in one}
    expressions = [one["Expression"] for one in found if "Expression" in one]
    periods = written(alarm["EvaluationPeriods"])
    return (
        name,
        " ".join(expressions) or "-",
        written(period),
        f"{COMPARISONS[alarm['ComparisonOperator']]} {alarm['Threshold']}",
        f"{written(alarm.get('DatapointsToAlarm', periods))} of {periods}",
        alarm["TreatMissingData"],
        stack.resources[name].get("Condition", "-"),
    )


def rows_of_metrics(stack: Stack, name: str) -> list[tuple[str, ...]]:
    """Write the rows of the metrics of an alarm."""
    found: list[tuple[str, ...]] = []
    for one in queries(stack.properties(name)):
        if "MetricStat" in one:
            stat, metric = one["MetricStat"], one["MetricStat"]["Metric"]
            dimensions = [f"{dimension['Name']}={written(dimension['Value'])}" for dimension in metric["Dimensions"]]
            named = f"{stat['Stat']} {metric['Namespace']} {metric['MetricName']}"
            found.append((name, one["Id"], named, " ".join(dimensions)))
    return found


def test_alarms(stack: Stack) -> None:
    """Expression, period, threshold, M of N, missing data and condition of every alarm are those of the table."""
    assert sorted(row_of_alarm(stack, name) for name in stack.of_type("AWS::CloudWatch::Alarm")) == rows(ALARMS)


def test_metrics(stack: Stack) -> None:
    """Namespace, name, dimensions and statistic of every metric of an alarm are those of the table."""
    found = [row for name in stack.of_type("AWS::CloudWatch::Alarm") for row in rows_of_metrics(stack, name)]

    assert sorted(found) == rows(METRICS)


def test_no_other_properties(stack: Stack) -> None:
    """An alarm has no property that the tables have no place for, and nothing beside its properties."""
    for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items():
        of_its_kind = {"Metrics"} if "Metrics" in alarm else ON_ONE_METRIC
        assert alarm.keys() - {"DatapointsToAlarm"} == OF_EVERY_ALARM | of_its_kind, name
        assert stack.resources[name].keys() <= {"Type", "Properties", "Condition", "Metadata"}, name
        for one in alarm.get("Metrics", []):
            kind = {"Expression", "Label"} if "Expression" in one else {"MetricStat", "ReturnData"}
            assert one.keys() == {"Id"} | kind, name


def test_actions(stack: Stack) -> None:
    """Every alarm goes to the topic of alarms, when it fires and when it clears."""
    for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
        assert (alarm["AlarmActions"], alarm["OKActions"]) == (ACTIONS, ACTIONS)


def test_one_value_is_compared(stack: Stack) -> None:
    """Of several metrics and expressions only one expression is returned, and compared with the threshold."""
    for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items():
        returned = [one["Id"] for one in alarm.get("Metrics", []) if one.get("ReturnData", True)]
        assert returned == [one["Id"] for one in alarm.get("Metrics", []) if "Expression" in one], name
        assert len(returned) <= 1, name
        assert len(alarm.get("Metrics", [])) <= 10, name
