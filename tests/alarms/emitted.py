"""What the functions emit, read off their logs, and what AWS emits about its services.

| namespace | emits |
|---|---|
| AWS/Lambda | `Invocations`, `Errors`, `Throttles`, `Duration` of each invocation, also zeros; nothing without one |
| AWS/ApiGateway | `Count`, `4XXError` and `5XXError` of each request, also zeros; nothing without one |
| AWS/SQS | the visible messages of each minute, for six hours after the queue was last used or held a message |
| AWS/SNS | `NumberOfNotificationsFailed` of five minutes, if there were any |
| AWS/DynamoDB | `ReadThrottleEvents` and `WriteThrottleEvents` of each minute in which there were any |
| AWS/CertificateManager | `DaysToExpiry` twice a day, until the certificate has expired |
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from tests.alarms.datapoints import Metric, metric_of

IN_SECONDS: Final = ("OldestAlertDelay",)
"""The metrics whose unit is seconds; all others are counts."""
SNS_REPORTS_EVERY: Final = 5
"""Minutes."""
SQS_ACTIVE_MINUTES: Final = 6 * 60

Values = Iterator[tuple[Metric, list[float]]]


class WrongMetric(AssertionError):
    """CloudWatch would not take the metric, or not as what it is."""


def read_logs(output: str) -> Values:
    """Read the metrics off what a function printed, in CloudWatch's embedded metric format."""
    for line in output.splitlines():
        document = json.loads(line)
        for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
            for names in directive["Dimensions"]:
                for definition in directive["Metrics"]:
                    name, unit = definition["Name"], definition["Unit"]
                    if unit != ("Seconds" if name in IN_SECONDS else "Count"):
                        raise WrongMetric(f"{name} in {unit}")
                    values = document[name] if isinstance(document[name], list) else [document[name]]
                    dimensions = {dimension: document[dimension] for dimension in names}
                    yield metric_of(directive["Namespace"], name, dimensions), values


def of_invocation(function: str, milliseconds: float, *, failed: bool) -> Values:
    """Return what Lambda emits about one invocation, for the function and for its alias."""
    for dimensions in _of_function(function):
        yield metric_of("AWS/Lambda", "Invocations", dimensions), [1]
        yield metric_of("AWS/Lambda", "Errors", dimensions), [float(failed)]
        yield metric_of("AWS/Lambda", "Throttles", dimensions), [0]
        yield metric_of("AWS/Lambda", "Duration", dimensions), [milliseconds]


def of_throttled_invocation(function: str) -> Values:
    """Return what Lambda emits about an invocation that it refused."""
    for dimensions in _of_function(function):
        yield metric_of("AWS/Lambda", "Throttles", dimensions), [1]


def _of_function(function: str) -> tuple[Mapping[str, str], ...]:
    return {"FunctionName": function}, {"FunctionName": function, "Resource": f"{function}:live"}


def of_request(api: Mapping[str, str], status: int) -> Values:
    """Return what API Gateway emits about one request."""
    for name, value in (("Count", 1.0), ("4XXError", float(400 <= status < 500)), ("5XXError", float(status >= 500))):
        yield metric_of("AWS/ApiGateway", name, api), [value]


def of_queue(queue: str, visible: int) -> Values:
    """Return what SQS emits about a queue in use."""
    yield metric_of("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue}), [visible]


def of_failed_deliveries(topic: str, failed: int) -> Values:
    """Return what SNS emits about messages that a subscriber did not take."""
    yield metric_of("AWS/SNS", "NumberOfNotificationsFailed", {"TopicName": topic}), [failed]


def of_throttled_table(name: str, table: str, index: str | None) -> Values:
    """Return what DynamoDB emits about throttled reads or writes of a table, or of an index."""
    of_index = {"GlobalSecondaryIndexName": index} if index else {}
    yield metric_of("AWS/DynamoDB", name, {"TableName": table, **of_index}), [5]


def of_certificate(arn: str, days: float) -> Values:
    """Return what Certificate Manager emits about a certificate."""
    yield metric_of("AWS/CertificateManager", "DaysToExpiry", {"CertificateArn": arn}), [days]
