"""What AWS refuses, or does in another order, although the embedded AWS takes it."""

import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

from tests.template.transformed import Json, Stack

DAY, WEEK = 86_400, 604_800


def named(part: Any) -> Iterator[str]:
    """Name every resource that a part of the template waits for."""
    if isinstance(part, dict):
        for key, value in part.items():
            match key, value:
                case "Ref", str():
                    yield value
                case "Fn::GetAtt", [name, *_]:
                    yield name
                case "Fn::Sub", str() | [str(), *_]:
                    text = value if isinstance(value, str) else value[0]
                    yield from re.findall(r"\$\{(\w+)(?:\.\w+)*}", text)
                case "DependsOn", _:
                    yield from [value] if isinstance(value, str) else value
                case _:
                    yield from named(value)
    elif isinstance(part, list):
        for one in part:
            yield from named(one)


def needs(stack: Stack) -> dict[str, set[str]]:
    """Say for each resource which others it waits for, an update's policy included."""
    return {name: set(named(one)) & stack.resources.keys() for name, one in stack.resources.items()}


def before(stack: Stack, resource: str) -> set[str]:
    """Name everything that is there before a resource is made or changed."""
    direct, found = needs(stack), set[str]()
    waiting = [resource]
    while waiting:
        new = direct[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return found


def test_nothing_waits_for_itself(stack: Stack) -> None:
    """There is an order in which everything can be made, with the check of releases that waits for what it checks."""
    order = list(TopologicalSorter(needs(stack)).static_order())

    assert order.index("ReceiveNotificationFunction") < order.index("CheckReleaseFunction")
    assert order.index("CheckReleaseFunction") < order.index("ReceiveNotificationFunctionAliaslive")


def test_a_release_finds_what_it_needs(stack: Stack) -> None:
    """Before the alias moves, the version, its check, all their rights and the alarms that are watched are there."""
    there = before(stack, "ReceiveNotificationFunctionAliaslive")

    assert {
        "AnswersFailedAlarm",
        "CheckReleaseFunction",
        "CheckReleaseRole",
        "FunctionErrorsAlarm",
        "ReceiveNotificationRole",
        "ReleaseRole",
    } <= there


def test_the_stage_waits_for_the_right_to_log(stack: Stack) -> None:
    """API Gateway refuses a stage with an access log while the account has no role for it."""
    assert {"GatewayLogging", "GatewayLoggingRole", "AccessLogs"} <= before(stack, "CallbackApiStage")


def test_alarms_look_back_as_far_as_is_allowed(stack: Stack) -> None:
    """An alarm covers a day at most, a week with periods of an hour (PutMetricAlarm); that of silence too."""
    for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
        periods = alarm["EvaluationPeriods"]
        if isinstance(periods, dict):
            periods = stack.parameters[periods["Ref"]]["MaxValue"]
        seconds = (
            {alarm["Period"]}
            if "Period" in alarm
            else {one["MetricStat"]["Period"] for one in alarm["Metrics"] if "MetricStat" in one}
        )
        (period,) = seconds
        assert period * periods <= (WEEK if period >= 3_600 else DAY)


def test_nothing_has_a_name_that_another_stack_could_have(stack: Stack) -> None:
    """Names of our own choice hold the stack's, so that a second issuer's stack does not meet the first one's."""
    properties = {
        "LogGroupName",
        "DashboardName",
        "LayerName",
        "TableName",
        "TopicName",
        "QueueName",
        "RoleName",
        "FunctionName",
    }
    chosen: list[Json] = [
        one["Properties"][name]
        for one in stack.resources.values()
        for name in properties & one.get("Properties", {}).keys()
        if one["Type"]
        not in {
            "AWS::Lambda::Alias",
            "AWS::Lambda::Version",
            "AWS::Lambda::Permission",
            "AWS::Lambda::EventInvokeConfig",
        }
    ]

    assert chosen
    assert all("${AWS::StackName}" in str(name) for name in chosen)


def test_what_says_who_may_is_there_in_time(stack: Stack) -> None:
    """The key lets the log groups of this stack in by their names before they are made."""
    (logs,) = [one for one in stack.properties("Key")["KeyPolicy"]["Statement"] if one["Sid"] == "LogsOfThisStack"]
    patterns = [
        one["Fn::Sub"].split(":log-group:")[1]
        for one in logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    ]

    for group in stack.of_type("AWS::Logs::LogGroup").values():
        assert any(group["LogGroupName"]["Fn::Sub"].startswith(pattern.removesuffix("*")) for pattern in patterns)
