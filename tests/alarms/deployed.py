"""The template as it is deployed with parameters: its names, its functions' environments and its alarms.

A resource is called after its logical id here, and an attribute of one ``Resource.Attribute``. So a metric and an
alarm meet only if both name the same thing in the way in which AWS names it.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from tests.alarms.cloudwatch import Alarm, Statistic
from tests.alarms.datapoints import Metric, metric_of
from tests.template.rules import evaluate, values_of
from tests.template.transformed import Json, Stack

PSEUDO_PARAMETERS: Final[Mapping[str, str]] = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "card-tracking",
    "AWS::URLSuffix": "amazonaws.com",
}
_REFERENCE: Final = re.compile(r"\$\{([^}]+)}")


class Deployed:
    """A stack with the values of its parameters."""

    def __init__(self, stack: Stack, given: Mapping[str, str]) -> None:
        """Deploy the stack with these parameters, all others at their defaults."""
        self.stack = stack
        self.parameters = values_of(stack, given)
        self.conditions = {name: evaluate(one, self.parameters) for name, one in stack.conditions.items()}

    def resolve(self, value: Any) -> Any:
        """Return a value of the template with everything that it refers to."""
        resolved = value
        match value:
            case {"Ref": name}:
                resolved = self._name(name)
            case {"Fn::GetAtt": [name, attribute]}:
                resolved = f"{self._name(name)}.{attribute}"
            case {"Fn::Sub": str() as text}:
                resolved = _REFERENCE.sub(lambda match: self._name(match[1]), text)
            case {"Fn::If": [condition, then, otherwise]}:
                resolved = self.resolve(then if self.conditions[condition] else otherwise)
            case dict():
                resolved = {name: self.resolve(one) for name, one in value.items()}
            case list():
                resolved = [self.resolve(one) for one in value]
        return resolved

    def _name(self, reference: str) -> str:
        names = {**PSEUDO_PARAMETERS, **self.parameters}
        if reference in names:
            return names[reference]
        resource, _, _ = reference.partition(".")
        if resource not in self.stack.resources:
            raise KeyError(f"the template has no {reference}")
        return reference

    def environment(self, function: str) -> dict[str, str]:
        """Return the environment of a function."""
        variables = self.resolve(self.stack.properties(function)["Environment"]["Variables"])
        return {name: str(value) for name, value in variables.items()}

    def package(self, function: str) -> str:
        """Return the package of a function's code."""
        handler: str = self.stack.properties(function)["Handler"]
        return handler.removesuffix(".app.handler")

    def time_limit(self, function: str) -> int:
        """Return the seconds after which Lambda stops a function."""
        seconds: int = self.stack.properties(function)["Timeout"]
        return seconds

    @property
    def gateway(self) -> dict[str, str]:
        """The dimensions of the API's metrics."""
        api = self.stack.properties("CallbackApi")["Body"]["info"]["title"]
        stage = self.stack.properties("CallbackApiStage")["StageName"]
        return {"ApiName": self.resolve(api), "Stage": self.resolve(stage)}

    def alarms(self) -> dict[str, Alarm]:
        """Return the alarms that this stack has."""
        return {
            name: self._alarm(name, self.resolve(properties))
            for name, properties in self.stack.of_type("AWS::CloudWatch::Alarm").items()
            if self.conditions.get(self.stack.resources[name].get("Condition", ""), True)
        }

    def _alarm(self, name: str, properties: Json) -> Alarm:
        queries = properties.get("Metrics", [_single(properties)])
        of_metrics = {one["Id"]: one["MetricStat"] for one in queries if "MetricStat" in one}
        expressions = {one["Id"]: one["Expression"] for one in queries if "Expression" in one}
        (returned,) = [one["Id"] for one in queries if one.get("ReturnData", True)]
        (seconds,) = {one["Period"] for one in of_metrics.values()}
        evaluation_periods = int(properties["EvaluationPeriods"])
        return Alarm(
            name=name,
            metrics={key: Statistic(_metric(one["Metric"]), one["Stat"]) for key, one in of_metrics.items()},
            expressions=expressions,
            returned=returned,
            period=seconds // 60,
            evaluation_periods=evaluation_periods,
            datapoints_to_alarm=int(properties.get("DatapointsToAlarm", evaluation_periods)),
            comparison=properties["ComparisonOperator"],
            threshold=properties["Threshold"],
            missing_data=properties.get("TreatMissingData", "missing"),
        )


def _single(properties: Json) -> Json:
    """Write an alarm on one metric as the metric queries of others."""
    metric = {name: properties.get(name) for name in ("Namespace", "MetricName", "Dimensions")}
    stat = {"Metric": metric, "Period": properties.get("Period"), "Stat": properties.get("Statistic")}
    return {"Id": "metric", "MetricStat": stat}


def _metric(metric: Json) -> Metric:
    dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
    return metric_of(metric["Namespace"], metric["MetricName"], dimensions)
