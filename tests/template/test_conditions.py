"""Every condition of the template, for default and for set parameters."""

from typing import Final

import pytest

from tests.template.rules import evaluate, values_of
from tests.template.transformed import Stack

ARN: Final = "arn:aws:kms:eu-west-1:123456789012:key/1"

CONDITIONS: Final = [
    # condition, parameter, its value at default, then the values for other settings
    ("HasAlertEmail", "AlertEmail", False, {"": False, "cards@bank.example": True}),
    ("HasDomain", "DomainName", False, {"": False, "d1.bank.example": True}),
    ("HasOwnershipCertificate", "OwnershipCertificateArn", False, {"": False, "arn:aws:acm:eu-west-1:1:x": True}),
    ("SetsUpGatewayLogging", "SetUpGatewayLogging", True, {"true": True, "false": False}),
    ("IssuesTokens", "AccessTokens", False, {"true": True, "false": False, "provider": False}),
    ("Reconciles", "Reconcile", False, {"true": True, "false": False}),
    ("AlertsOverdueCards", "OverdueAlerts", False, {"true": True, "false": False}),
    ("MakesKey", "KmsKeyArn", True, {"": True, ARN: False}),
    ("MakesAlarmTopic", "AlarmTopicArn", True, {"": True, "arn:aws:sns:eu-west-1:123456789012:alarms": False}),
    ("WatchesForSilence", "SilenceHours", True, {"0": False, "1": True, "72": True, "168": True}),
]

CONDITIONAL: Final = {
    "AlertEmailSubscription": "HasAlertEmail",
    "AlertOverdueCardsFunction": "AlertsOverdueCards",
    "AlertOverdueCardsFunctionEveryDay": "AlertsOverdueCards",
    "AlertOverdueCardsLogs": "AlertsOverdueCards",
    "AlertOverdueCardsRole": "AlertsOverdueCards",
    "CallbackDomain": "HasDomain",
    "CallbackDomainMapping": "HasDomain",
    "ClientCertificateExpiresAlarm": "HasDomain",
    "ClientCredentials": "IssuesTokens",
    "DomainCertificateExpiresAlarm": "HasDomain",
    "GatewayLogging": "SetsUpGatewayLogging",
    "GatewayLoggingRole": "SetsUpGatewayLogging",
    "IssueTokenFunction": "IssuesTokens",
    "IssueTokenLogs": "IssuesTokens",
    "IssueTokenPermission": "IssuesTokens",
    "IssueTokenRole": "IssuesTokens",
    "Key": "MakesKey",
    "NotificationsMissedAlarm": "Reconciles",
    "OperationsTopic": "MakesAlarmTopic",
    "OperationsTopicPolicy": "MakesAlarmTopic",
    "OverdueAlertsFailAlarm": "AlertsOverdueCards",
    "OverdueNotLookedForAlarm": "AlertsOverdueCards",
    "ReconcileCardsFunction": "Reconciles",
    "ReconcileCardsFunctionRegularly": "Reconciles",
    "ReconcileCardsLogs": "Reconciles",
    "ReconcileCardsRole": "Reconciles",
    "ReconciliationFailsAlarm": "Reconciles",
    "SigningKey": "IssuesTokens",
    "SilenceAlarm": "WatchesForSilence",
}
"""Every resource of the template that is there only under a condition, but for what SAM adds to functions."""
ADDED_BY_SAM: Final = {
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Version",
}


def test_every_condition_is_in_the_table(stack: Stack) -> None:
    """No condition is left out of the table."""
    assert {name for name, *_ in CONDITIONS} == stack.conditions.keys()


@pytest.mark.parametrize(("condition", "parameter", "default", "others"), CONDITIONS)
def test_conditions(stack: Stack, condition: str, parameter: str, default: bool, others: dict[str, bool]) -> None:
    """Each condition has its value for the default, and for every other kind of value of its parameter."""
    expression = stack.conditions[condition]

    assert evaluate(expression, values_of(stack, {})) is default
    for value, expected in others.items():
        assert evaluate(expression, values_of(stack, {parameter: value})) is expected


@pytest.mark.parametrize(("condition", "parameter", "default", "others"), CONDITIONS)
def test_a_condition_depends_on_one_parameter(
    stack: Stack, condition: str, parameter: str, default: bool, others: dict[str, bool]
) -> None:
    """No other parameter changes a condition."""
    set_to_anything = {name: f"set {name}" for name in stack.parameters if name != parameter}

    assert evaluate(stack.conditions[condition], values_of(stack, set_to_anything)) is default


def test_conditional_resources(stack: Stack) -> None:
    """Each resource is there under the condition of the table, and all others always."""
    found = {
        name: resource["Condition"]
        for name, resource in stack.resources.items()
        if "Condition" in resource and resource["Type"] not in ADDED_BY_SAM and not name.endswith("Permission")
    }

    assert found == {name: one for name, one in CONDITIONAL.items() if not name.endswith("Permission")}
    assert stack.resources["IssueTokenPermission"]["Condition"] == CONDITIONAL["IssueTokenPermission"]


def test_what_sam_adds_has_the_condition_of_its_function(stack: Stack) -> None:
    """Versions, aliases, permissions and schedules come and go with their function."""
    for name, resource in stack.resources.items():
        for function in stack.of_type("AWS::Lambda::Function"):
            if name.startswith(function) and name != function:
                assert resource.get("Condition") == stack.resources[function].get("Condition"), name
