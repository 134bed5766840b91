"""Time-outs, memory, concurrency, retries and retention of every resource: a change of any has to be made here, too."""

from typing import Any, Final

from tests.template.transformed import Stack

# function                      seconds, attempts and age of asynchronous calls (None: Lambda's own)
FUNCTIONS: Final = {
    "ReceiveNotificationFunction": (28, None),
    "IssueTokenFunction": (15, None),
    "RelayAlertsFunction": (50, (0, 60)),
    "GetCardStatusFunction": (15, None),
    "ReplayRejectedFunction": (300, (0, None)),
    "ReconcileCardsFunction": (300, (0, 60)),
    "AlertOverdueCardsFunction": (300, (2, 3600)),
    "CheckReleaseFunction": (60, None),
}
# schedule                            expression, attempts and age of calls (None: EventBridge's own), input
SCHEDULES: Final = {
    "RelayAlertsFunctionEveryMinute": ("RelaySchedule", (0, 60), None),
    "ReconcileCardsFunctionRegularly": ("ReconcileSchedule", (0, 60), "{}"),
    "AlertOverdueCardsFunctionEveryDay": ("OverdueSchedule", None, None),
}
EXECUTE_API: Final = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${CallbackApi}"
# permission                             principal, function, what it may be invoked for
PERMISSIONS: Final = {
    "ReceiveNotificationFunctionNotificationPermissionStage": (
        "apigateway.amazonaws.com",
        "ReceiveNotificationFunctionAliaslive",
        (
            "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}"
            "/POST/notifications/d1/v2/issuers/*/cards"
        ),
    ),
    "IssueTokenPermission": (
        "apigateway.amazonaws.com",
        "IssueTokenFunctionAliaslive",
        f"{EXECUTE_API}/*/POST/authz/d1/v1/oauth2/token",
    ),
    "RelayAlertsFunctionEveryMinutePermission": (
        "events.amazonaws.com",
        "RelayAlertsFunctionAliaslive",
        "RelayAlertsFunctionEveryMinute",
    ),
    "ReconcileCardsFunctionRegularlyPermission": (
        "events.amazonaws.com",
        "ReconcileCardsFunctionAliaslive",
        "ReconcileCardsFunctionRegularly",
    ),
    "AlertOverdueCardsFunctionEveryDayPermission": (
        "events.amazonaws.com",
        "AlertOverdueCardsFunctionAliaslive",
        "AlertOverdueCardsFunctionEveryDay",
    ),
}
LOG_GROUPS: Final = {
    "AccessLogs": "/aws/apigateway/${AWS::StackName}/access",
    "AlertOverdueCardsLogs": "/aws/lambda/${AWS::StackName}/alert_overdue_cards",
    "CheckReleaseLogs": "/aws/lambda/${AWS::StackName}/check_release",
    "GetCardStatusLogs": "/aws/lambda/${AWS::StackName}/get_card_status",
    "IssueTokenLogs": "/aws/lambda/${AWS::StackName}/issue_token",
    "ReceiveNotificationLogs": "/aws/lambda/${AWS::StackName}/receive_notification",
    "ReconcileCardsLogs": "/aws/lambda/${AWS::StackName}/reconcile_cards",
    "RelayAlertsLogs": "/aws/lambda/${AWS::StackName}/relay_alerts",
    "ReplayRejectedLogs": "/aws/lambda/${AWS::StackName}/replay_rejected",
}
# resource             when the stack is deleted, when it is replaced
KEPT: Final = {
    **dict.fromkeys(LOG_GROUPS, ("Delete", "Retain")),
    **dict.fromkeys(
        (
            "ClientCredentials",
            "GatewayLogging",
            "GatewayLoggingRole",
            "Key",
            "RejectedQueue",
            "SigningKey",
            "StatusTable",
        ),
        ("Retain", "Retain"),
    ),
}
# secret                what is generated
SECRETS: Final = {
    "ClientCredentials": {
        "SecretStringTemplate": '{"clientId": "d1"}',
        "GenerateStringKey": "clientSecret",
        "PasswordLength": 48,
        "ExcludePunctuation": True,
    },
    "SigningKey": {"PasswordLength": 64, "ExcludePunctuation": True},
}
LOG_RETENTIONS: Final = [
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
]
YES_OR_NO: Final = ["true", "false"]
# parameter           default, least, most or allowed values
PARAMETERS: Final = {
    "IssuerId": (None,),
    "Stage": ("dev",),
    "DomainName": ("",),
    "CertificateArn": ("",),
    "OwnershipCertificateArn": ("",),
    "TruststoreBucket": ("",),
    "TruststoreKey": ("",),
    "TruststoreVersion": ("",),
    "ClientCertificateSubject": ("",),
    "AccessTokens": ("false", ["true", "false", "provider"]),
    "TokenIssuer": ("",),
    "TokenAudience": ("",),
    "TokenKeySetUrl": ("",),
    "TokenClientId": ("",),
    "TokenClientClaim": ("client_id",),
    "AlertStatuses": ("DATA_EXCEPTION,CARD_PROD_CANCELED",),
    "AlertEmail": ("",),
    "RelaySchedule": ("rate(1 minute)",),
    "Reconcile": ("false", YES_OR_NO),
    "D1ApiUrl": ("",),
    "D1TokenUrl": ("",),
    "D1TokenAudience": ("",),
    "D1ClientId": ("",),
    "D1SigningKeyId": ("",),
    "D1CredentialsArn": ("",),
    "ReconcileSchedule": ("rate(1 hour)",),
    "SilentDays": (3, 1, 90),
    "CardsASecond": (5, 1, 100),
    "OverdueAlerts": ("false", YES_OR_NO),
    "OverdueSchedule": ("cron(0 6 * * ? *)",),
    "WorkingDays": ("MON,TUE,WED,THU,FRI",),
    "Holidays": ("", 1099),
    "DueDateTimeZone": ("UTC",),
    "RetentionDays": (400, 1, 3653),
    "LogRetentionDays": (90, LOG_RETENTIONS),
    "MemorySize": (1024, 256, 10240),
    "RequestsASecond": (100, 1, 10000),
    "RequestBurst": (200, 1, 5000),
    "KmsKeyArn": ("",),
    "AlarmTopicArn": ("",),
    "RunbookUrl": ("docs/operations.md",),
    "SilenceHours": (72, 0, 168),
    "GradualReleases": ("true", YES_OR_NO),
    "SetUpGatewayLogging": ("true", YES_OR_NO),
}
OF_FUNCTIONS: Final = {
    "Architectures",
    "Code",
    "Description",
    "Environment",
    "Handler",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Tags",
    "Timeout",
    "TracingConfig",
}
"""No reserved concurrency, no storage, no dead-letter queue: whatever else a function could have is not in here."""


def test_functions(stack: Stack) -> None:
    """Each function has its time-out, the memory of the parameter, and no limit of its own to concurrency."""
    found = stack.of_type("AWS::Lambda::Function")

    assert {name: one["Timeout"] for name, one in found.items()} == {name: one for name, (one, _) in FUNCTIONS.items()}
    for name, one in found.items():
        assert one["MemorySize"] == {"Ref": "MemorySize"}, name
        assert one.keys() == OF_FUNCTIONS, name


def test_asynchronous_calls(stack: Stack) -> None:
    """Lambda repeats and keeps asynchronous calls as often and as long as the table says."""
    found = {}
    for name, one in stack.of_type("AWS::Lambda::EventInvokeConfig").items():
        assert one.keys() <= {
            *("DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier")
        }, name
        assert (one["DestinationConfig"], one["Qualifier"]) == ({}, "live"), name
        found[one["FunctionName"]["Ref"]] = (one["MaximumRetryAttempts"], one.get("MaximumEventAgeInSeconds"))

    assert found == {name: retries for name, (_, retries) in FUNCTIONS.items() if retries is not None}


def test_schedules(stack: Stack) -> None:
    """Each schedule has its expression, its retries and its input, and is on."""
    found = {}
    for name, one in stack.of_type("AWS::Events::Rule").items():
        (target,) = one["Targets"]
        retries = target.get("RetryPolicy")
        times = retries and (retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"])
        assert one.keys() == {"Description", "ScheduleExpression", "Targets"}, name
        assert target.keys() <= {"Arn", "Id", "Input", "RetryPolicy"}, name
        found[name] = (one["ScheduleExpression"]["Ref"], times, target.get("Input"))

    assert found == SCHEDULES


def test_who_may_invoke_a_function(stack: Stack) -> None:
    """The gateway may invoke a function for one method and path, a schedule for itself, and nobody else may."""
    found = {}
    for name, one in stack.of_type("AWS::Lambda::Permission").items():
        assert one["Action"] == "lambda:InvokeFunction", name
        found[name] = (one["Principal"], one["FunctionName"]["Ref"], _source(one["SourceArn"]))

    assert found == PERMISSIONS


def _source(source: Any) -> str:
    match source:
        case {"Fn::Sub": [str() as text, _]} | {"Fn::Sub": str() as text}:
            return text
        case {"Fn::GetAtt": [str() as rule, "Arn"]}:
            return rule
    raise AssertionError(source)


def test_logs(stack: Stack) -> None:
    """Each log group is kept for as long as the parameter says, the access log, too."""
    found = stack.of_type("AWS::Logs::LogGroup")

    assert {name: one["LogGroupName"]["Fn::Sub"] for name, one in found.items()} == LOG_GROUPS
    for name, one in found.items():
        assert one["RetentionInDays"] == {"Ref": "LogRetentionDays"}, name
        assert one.keys() == {"KmsKeyId", "LogGroupName", "RetentionInDays"}, name


def test_what_is_kept(stack: Stack) -> None:
    """Deletion and replacement keep what the table says, and no other resource says anything about it."""
    said = {
        name: (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        for name, resource in stack.resources.items()
        if resource.keys() & {"DeletionPolicy", "UpdateReplacePolicy"}
        # SAM keeps published versions and layers.
        and not resource["Type"].startswith("AWS::Lambda::")
    }

    assert said == KEPT


def test_secrets(stack: Stack) -> None:
    """Generated secrets are as long as the table says."""
    found = stack.of_type("AWS::SecretsManager::Secret")

    assert {name: one["GenerateSecretString"] for name, one in found.items()} == SECRETS


def test_rejected_operations(stack: Stack) -> None:
    """The queue keeps messages for 14 days, the longest that SQS keeps them."""
    assert stack.properties("RejectedQueue")["MessageRetentionPeriod"] == 14 * 86_400


def test_gateway(stack: Stack) -> None:
    """The gateway lets through as many requests as the parameters say, on every method and path."""
    (settings,) = stack.properties("CallbackApiStage")["MethodSettings"]

    assert settings == {
        "HttpMethod": "*",
        "ResourcePath": "/*",
        "MetricsEnabled": True,
        "ThrottlingBurstLimit": {"Ref": "RequestBurst"},
        "ThrottlingRateLimit": {"Ref": "RequestsASecond"},
    }


def test_parameters(stack: Stack) -> None:
    """Each parameter has its default, and takes the values of the table."""
    bounds = ("MinValue", "MaxValue", "MaxLength", "AllowedValues")
    found = {
        name: (one.get("Default"), *(one[bound] for bound in bounds if bound in one))
        for name, one in stack.parameters.items()
    }

    assert found == PARAMETERS
