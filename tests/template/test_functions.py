"""The functions: how they run, and how a deployment reaches them."""

import re
from typing import Final

import pytest

from card_tracking.adapters.alert_outbox import LEASE_MARGIN_SECONDS, LEASE_SECONDS
from card_tracking.adapters.rejected_queue import INVISIBLE_SECONDS
from tests.template.transformed import Json, Stack

FUNCTIONS: Final = {
    "ReceiveNotificationFunction": "receive_notification",
    "RelayAlertsFunction": "relay_alerts",
    "ReplayRejectedFunction": "replay_rejected",
    "GetCardStatusFunction": "get_card_status",
    "CheckReleaseFunction": "check_release",
    "IssueTokenFunction": "issue_token",
    "ReconcileCardsFunction": "reconcile_cards",
    "AlertOverdueCardsFunction": "alert_overdue_cards",
}
GATEWAY_LIMIT_SECONDS: Final = 29
OF_ALL: Final = {
    "POWERTOOLS_SERVICE_NAME": {"Ref": "AWS::StackName"},
    "POWERTOOLS_METRICS_NAMESPACE": "CardTracking",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    "SETTINGS_DIGEST": "unstamped",
}
SETTINGS_OF_RECEIVING: Final = {
    "ISSUER_ID": {"Ref": "IssuerId"},
    "STATUS_TABLE_NAME": {"Ref": "StatusTable"},
    "ALERT_TOPIC_ARN": {"Ref": "AlertTopic"},
    "RELAY_ALERTS_FUNCTION_ARN": {"Ref": "RelayAlertsFunctionAliaslive"},
    "REJECTED_QUEUE_URL": {"Ref": "RejectedQueue"},
    "ALERT_STATUSES": {"Ref": "AlertStatuses"},
    "RETENTION_DAYS": {"Ref": "RetentionDays"},
}
SETTINGS_OF_PROVIDER: Final = {
    "TOKEN_AUDIENCE": {"Ref": "TokenAudience"},
    "TOKEN_KEY_SET_URL": {"Ref": "TokenKeySetUrl"},
    "TOKEN_CLIENT_ID": {"Ref": "TokenClientId"},
    "TOKEN_CLIENT_CLAIM": {"Ref": "TokenClientClaim"},
}
SETTINGS_OF_CALLING: Final = {
    "CLIENT_CERTIFICATE_SUBJECT": {"Ref": "ClientCertificateSubject"},
    "SIGNING_KEY_ARN": {"Fn::If": ["IssuesTokens", {"Fn::GetAtt": ["SigningKey", "Id"]}, ""]},
    "TOKEN_ISSUER": {"Ref": "TokenIssuer"},
}

SETTINGS_OF_ALERTING: Final = {
    "ISSUER_ID": {"Ref": "IssuerId"},
    "STATUS_TABLE_NAME": {"Ref": "StatusTable"},
    "ALERT_TOPIC_ARN": {"Ref": "AlertTopic"},
    "RETENTION_DAYS": {"Ref": "RetentionDays"},
}
WORKING_CALENDAR: Final = {
    "WORKING_DAYS": {"Ref": "WorkingDays"},
    "HOLIDAYS": {"Ref": "Holidays"},
    "DUE_DATE_TIME_ZONE": {"Ref": "DueDateTimeZone"},
}

every_function: Final = pytest.mark.parametrize("function", FUNCTIONS)


def test_there_are_no_others(stack: Stack) -> None:
    """No function is left out of what is promised below."""
    assert set(stack.of_type("AWS::Lambda::Function")) == set(FUNCTIONS)


@every_function
def test_runtime(stack: Stack, function: str) -> None:
    """Each runs its own handler on Python 3.13 and arm64, traced without a library in the code."""
    properties = stack.properties(function)

    assert properties["Handler"] == f"{FUNCTIONS[function]}.app.handler"
    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]
    assert properties["MemorySize"] == {"Ref": "MemorySize"}
    assert properties["TracingConfig"] == {"Mode": "Active"}


@every_function
def test_layers(stack: Stack, function: str) -> None:
    """Each has the packages below and ours on top, as built for what it runs on."""
    layers = [layer["Ref"] for layer in stack.properties(function)["Layers"]]

    assert [re.sub(r"[0-9a-f]{10}$", "", name) for name in layers] == ["DependenciesLayer", "CardTrackingLayer"]
    for name in layers:
        assert stack.properties(name)["CompatibleRuntimes"] == ["python3.13"]
        assert stack.properties(name)["CompatibleArchitectures"] == ["arm64"]
        assert stack.resources[name]["DeletionPolicy"] == "Retain"


@every_function
def test_a_deployment_is_reached_by_the_alias(stack: Stack, function: str) -> None:
    """Each has a published version, and the alias that all its callers use points at it."""
    alias = stack.properties(f"{function}Aliaslive")
    version = alias["FunctionVersion"]["Fn::GetAtt"][0]

    assert alias["FunctionName"] == {"Ref": function}
    assert alias["Name"] == "live"
    assert stack.properties(version)["FunctionName"] == {"Ref": function}


@every_function
def test_logs_do_not_pile_up(stack: Stack, function: str) -> None:
    """Each logs to a group of its own, made by the stack with a retention."""
    group = stack.properties(function)["LoggingConfig"]["LogGroup"]["Ref"]

    assert stack.resources[group]["Type"] == "AWS::Logs::LogGroup"
    assert stack.properties(group)["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert [one["LoggingConfig"]["LogGroup"]["Ref"] for one in stack.of_type("AWS::Lambda::Function").values()].count(
        group
    ) == 1


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (
            "ReceiveNotificationFunction",
            SETTINGS_OF_RECEIVING | SETTINGS_OF_CALLING | SETTINGS_OF_PROVIDER,
        ),
        ("ReplayRejectedFunction", SETTINGS_OF_RECEIVING),
        (
            "ReconcileCardsFunction",
            SETTINGS_OF_RECEIVING
            | WORKING_CALENDAR
            | {
                "D1_API_URL": {"Ref": "D1ApiUrl"},
                "D1_TOKEN_URL": {"Ref": "D1TokenUrl"},
                "D1_TOKEN_AUDIENCE": {"Ref": "D1TokenAudience"},
                "D1_CLIENT_ID": {"Ref": "D1ClientId"},
                "D1_SIGNING_KEY_ID": {"Ref": "D1SigningKeyId"},
                "D1_CREDENTIALS_ARN": {"Ref": "D1CredentialsArn"},
                "SILENT_DAYS": {"Ref": "SilentDays"},
                "CARDS_A_SECOND": {"Ref": "CardsASecond"},
            },
        ),
        ("RelayAlertsFunction", SETTINGS_OF_ALERTING),
        ("AlertOverdueCardsFunction", SETTINGS_OF_ALERTING | WORKING_CALENDAR),
        ("GetCardStatusFunction", WORKING_CALENDAR | {"STATUS_TABLE_NAME": {"Ref": "StatusTable"}}),
        (
            "CheckReleaseFunction",
            SETTINGS_OF_CALLING | {"ISSUER_ID": {"Ref": "IssuerId"}, "STATUS_TABLE_NAME": {"Ref": "StatusTable"}},
        ),
        (
            "IssueTokenFunction",
            {
                "ISSUER_ID": {"Ref": "IssuerId"},
                "CLIENT_CERTIFICATE_SUBJECT": {"Ref": "ClientCertificateSubject"},
                "CLIENT_CREDENTIALS_ARN": {"Fn::GetAtt": ["ClientCredentials", "Id"]},
                "SIGNING_KEY_ARN": {"Fn::GetAtt": ["SigningKey", "Id"]},
            },
        ),
    ],
)
def test_environment(stack: Stack, function: str, expected: Json) -> None:
    """Each is told what its code reads, and no more; nothing in it is a secret."""
    told = dict(stack.properties(function)["Environment"]["Variables"])

    # Which version it is to check changes with each (tests/template/test_releases.py).
    assert ("NEW_VERSION_ARN" in told) is (function == "CheckReleaseFunction")
    told.pop("NEW_VERSION_ARN", None)
    assert told == OF_ALL | expected


def test_d1_gets_our_answer_and_not_the_gateways(stack: Stack) -> None:
    """The function ends before the gateway gives up on it."""
    assert stack.properties("ReceiveNotificationFunction")["Timeout"] < GATEWAY_LIMIT_SECONDS


def test_a_replay_keeps_its_messages_to_itself(stack: Stack) -> None:
    """It ends before the messages that it took show to others again, and Lambda repeats no order by itself."""
    assert stack.properties("ReplayRejectedFunction")["Timeout"] < INVISIBLE_SECONDS
    assert stack.properties("ReplayRejectedFunctionEventInvokeConfig")["MaximumRetryAttempts"] == 0


def test_the_relay_runs_every_minute(stack: Stack) -> None:
    """Pending alerts are tried again on the schedule; a failed run is not repeated, the next one is its repetition."""
    rule = stack.properties("RelayAlertsFunctionEveryMinute")
    target = rule["Targets"][0]
    retries = stack.properties("RelayAlertsFunctionEventInvokeConfig")

    assert rule["ScheduleExpression"] == {"Ref": "RelaySchedule"}
    assert target["Arn"] == {"Ref": "RelayAlertsFunctionAliaslive"}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert retries["Qualifier"] == "live"
    assert retries["MaximumRetryAttempts"] == 0
    assert stack.properties("RelayAlertsFunction")["Timeout"] < 60


def test_the_rule_may_invoke_the_relay(stack: Stack) -> None:
    """The schedule is allowed to run the alias, and nothing else is."""
    permission = stack.properties("RelayAlertsFunctionEveryMinutePermission")

    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["FunctionName"] == {"Ref": "RelayAlertsFunctionAliaslive"}
    assert permission["SourceArn"] == {"Fn::GetAtt": ["RelayAlertsFunctionEveryMinute", "Arn"]}


def test_a_notification_renews_no_lease(stack: Stack) -> None:
    """receive_notification ends before a lease needs to be renewed, so an alert costs it no request for that."""
    assert stack.properties("ReceiveNotificationFunction")["Timeout"] <= LEASE_SECONDS - LEASE_MARGIN_SECONDS
