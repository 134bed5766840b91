"""What whoever deploys the stack gives to it, and gets from it."""

import re

import pytest

from tests.template.transformed import Stack


def test_only_the_issuer_has_to_be_given(stack: Stack) -> None:
    """A deployment needs one decision: which issuer. Everything else has a default and a description."""
    without_default = [name for name, one in stack.parameters.items() if "Default" not in one]

    assert without_default == ["IssuerId"]
    assert all(one["Description"] for one in stack.parameters.values())


@pytest.mark.parametrize(
    ("parameter", "default"),
    [
        ("Stage", "dev"),
        ("DomainName", ""),
        ("RequestsASecond", 100),
        ("RequestBurst", 200),
        ("AlertStatuses", "DATA_EXCEPTION,CARD_PROD_CANCELED"),
        ("AlertEmail", ""),
        ("RelaySchedule", "rate(1 minute)"),
        ("OverdueAlerts", "false"),
        ("OverdueSchedule", "cron(0 6 * * ? *)"),
        ("WorkingDays", "MON,TUE,WED,THU,FRI"),
        ("Holidays", ""),
        ("DueDateTimeZone", "UTC"),
        ("RetentionDays", 400),
        ("AccessTokens", "false"),
        ("TokenIssuer", ""),
        ("TokenClientClaim", "client_id"),
        ("Reconcile", "false"),
        ("ReconcileSchedule", "rate(1 hour)"),
        ("SilentDays", 3),
        ("CardsASecond", 5),
        ("GradualReleases", "true"),
        ("KmsKeyArn", ""),
        ("AlarmTopicArn", ""),
        ("SilenceHours", 72),
    ],
)
def test_defaults(stack: Stack, parameter: str, default: object) -> None:
    """What is not given has the value that the documents tell."""
    assert stack.parameters[parameter]["Default"] == default


@pytest.mark.parametrize(
    ("parameter", "value", "accepted"),
    [
        ("IssuerId", "local-bank", True),
        ("IssuerId", "A1_b2-c3d4", True),
        ("IssuerId", "nine-char", False),
        ("IssuerId", "eleven-char", False),
        ("IssuerId", "with/slash", False),
        ("AlertStatuses", "DATA_EXCEPTION", True),
        ("AlertStatuses", "DATA_EXCEPTION,CARD_PROD_EXCEPTION,CARD_PROD_CANCELED", True),
        ("AlertStatuses", "", False),
        ("AlertStatuses", "DATA_EXCEPTION, CARD_PROD_CANCELED", False),
        ("AlertEmail", "", True),
        ("AlertEmail", "cards@bank.example", True),
        ("AlertEmail", "cards", False),
        ("RelaySchedule", "rate(5 minutes)", True),
        ("RelaySchedule", "every minute", False),
        ("OverdueSchedule", "cron(0 5 ? * MON-FRI *)", True),
        ("OverdueSchedule", "each morning", False),
        ("WorkingDays", "SUN,MON", True),
        ("WorkingDays", "", False),
        ("WorkingDays", "MONDAY", False),
        ("WorkingDays", "MON, TUE", False),
        ("Holidays", "", True),
        ("Holidays", "2026-12-25,2027-01-01", True),
        ("Holidays", "25.12.2026", False),
        ("DueDateTimeZone", "UTC", True),
        ("DueDateTimeZone", "Europe/Paris", True),
        ("DueDateTimeZone", "America/Argentina/Buenos_Aires", True),
        ("DueDateTimeZone", "Etc/GMT+5", True),
        ("DueDateTimeZone", "+01:00", False),
        ("DomainName", "", True),
        ("DomainName", "d1.cards.bank.example", True),
        ("DomainName", "https://d1.cards.bank.example", False),
        ("DomainName", "D1.bank.example", False),
        ("CertificateArn", "arn:aws:acm:eu-west-1:123456789012:certificate/1", True),
        ("CertificateArn", "certificate/1", False),
        ("D1ApiUrl", "", True),
        ("D1ApiUrl", "https://api.d1.thalescloud.io", True),
        ("D1ApiUrl", "https://127.0.0.1:8443", True),
        ("D1ApiUrl", "http://api.d1.thalescloud.io", False),
        ("D1ApiUrl", "https://api.d1.thalescloud.io/banking/v1", False),
        ("D1TokenUrl", "https://api.d1.thalescloud.io/authz/v1/oauth2/token", True),
        ("D1TokenUrl", "http://api.d1.thalescloud.io/authz/v1/oauth2/token", False),
        ("D1CredentialsArn", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:d1-Ab12Cd", True),
        ("D1CredentialsArn", "d1", False),
        ("ReconcileSchedule", "cron(0 6 * * ? *)", True),
        ("ReconcileSchedule", "hourly", False),
        ("TokenKeySetUrl", "", True),
        ("TokenKeySetUrl", "https://login.bank.example/keys", True),
        ("TokenKeySetUrl", "https://login.bank.example", True),
        ("TokenKeySetUrl", "https://", False),
        ("TokenKeySetUrl", "http://login.bank.example/keys", False),
        ("TokenIssuer", "https://login.bank.example/cards/", True),
        ("TokenIssuer", "two words", False),
        ("TokenClientClaim", "", False),
    ],
)
def test_values_are_checked_before_anything_is_made(stack: Stack, parameter: str, value: str, accepted: bool) -> None:
    """A mistyped parameter is refused at once, not found when the first notification arrives."""
    # CloudFormation holds the pattern against the whole value.
    matches = re.fullmatch(stack.parameters[parameter]["AllowedPattern"], value) is not None

    assert matches is accepted


def test_outputs(stack: Stack) -> None:
    """Every name that another stack, a tool or a document relies on is there, with a description."""
    assert set(stack.outputs) == {
        "AlertOverdueCardsFunctionName",
        "AlertTopicArn",
        "CallbackDomainTarget",
        "CallbackUrl",
        "Callers",
        "CheckReleaseFunctionName",
        "CardStatusReaderPolicyArn",
        "CardTrackingLayerArn",
        "DependenciesLayerArn",
        "GetCardStatusFunctionArn",
        "GetCardStatusFunctionName",
        "GetCardStatusInvokePolicyArn",
        "OperationsTopicArn",
        "ReceiveNotificationFunctionName",
        "ReconcileCardsFunctionName",
        "RejectedQueueUrl",
        "RelayAlertsFunctionName",
        "ReplayRejectedFunctionName",
        "StatusTableName",
        "TokenUrl",
    }
    assert all(one["Description"] for one in stack.outputs.values())


def test_other_lambdas_are_given_the_alias(stack: Stack) -> None:
    """Whoever invokes get_card_status by the output gets the version in service, also while another is published."""
    assert stack.outputs["GetCardStatusFunctionArn"]["Value"] == {"Ref": "GetCardStatusFunctionAliaslive"}


def test_the_callback_url_is_complete(stack: Stack) -> None:
    """The output can be handed to D1 as it is: path of the contract, issuer filled in."""
    condition, with_domain, without = stack.outputs["CallbackUrl"]["Value"]["Fn::If"]

    assert condition == "HasDomain"
    assert with_domain["Fn::Sub"] == "https://${DomainName}/notifications/d1/v2/issuers/${IssuerId}/cards"
    assert without["Fn::Sub"] == (
        "https://${CallbackApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}"
        "/notifications/d1/v2/issuers/${IssuerId}/cards"
    )
