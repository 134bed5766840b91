"""Least privilege: what each role may do, complete. A right that is added has to be added here too."""

from typing import Any, Final

import pytest

from card_tracking.adapters.table import partition_key
from check_release.synthetic import CARD_ID
from tests.template.transformed import Json, Stack

TABLE: Final = {"Fn::GetAtt": ["StatusTable", "Arn"]}
TOPIC: Final = {"Ref": "AlertTopic"}
TRACES: Final = (["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")


def index(name: str) -> Json:
    """Name an index of the table."""
    return {"Fn::Sub": f"${{StatusTable.Arn}}/index/{name}"}


def logs(group: str) -> tuple[list[str], Json]:
    """Give the right to write to one log group."""
    return ["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": [group, "Arn"]}


CALL_RELAY: Final = (["lambda:InvokeFunction"], {"Ref": "RelayAlertsFunctionAliaslive"})
STORE_CARDS: Final = (
    ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"],
    TABLE,
)
KEY: Final = {"Fn::If": ["MakesKey", {"Fn::GetAtt": ["Key", "Arn"]}, {"Ref": "KmsKeyArn"}]}


def key(actions: list[str], *services: str) -> tuple[list[str], Json, Json]:
    """Give the right to use the key on behalf of services."""
    via = [{"Fn::Sub": f"{service}.${{AWS::Region}}.amazonaws.com"} for service in services]
    return actions, KEY, {"StringEquals": {"kms:ViaService": via if len(via) > 1 else via[0]}}


WRITE: Final = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
WRITE_ENCRYPTED: Final = key(WRITE, "dynamodb", "sns", "sqs")
READ_ENCRYPTED: Final = key(["kms:Decrypt", "kms:DescribeKey"], "dynamodb")
READ_SECRET: Final = key(["kms:Decrypt"], "secretsmanager")
READ_SIGNING_KEY: Final[Json] = {
    "Fn::If": [
        "IssuesTokens",
        {
            "PolicyName": "read-signing-key",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "secretsmanager:GetSecretValue",
                        "Resource": {"Fn::GetAtt": ["SigningKey", "Id"]},
                    },
                    {
                        "Effect": "Allow",
                        "Action": "kms:Decrypt",
                        "Resource": KEY,
                        "Condition": READ_SECRET[2],
                    },
                ],
            },
        },
        {"Ref": "AWS::NoValue"},
    ]
}
READ_CARDS: Final = [
    (["dynamodb:BatchGetItem", "dynamodb:Query"], TABLE),
    (["dynamodb:Query"], [index("ByStatus"), index("ByInputFile"), index("ByIssuerRequest"), index("OpenCards")]),
    READ_ENCRYPTED,
]


def allowed(document: Json) -> list[tuple[Any, ...]]:
    """Read a policy that only allows: for each statement its actions, its resource, and a condition if there is one."""
    statements = document["Statement"]
    assert all(one.keys() - {"Condition"} == {"Effect", "Action", "Resource"} for one in statements)
    assert all(one["Effect"] == "Allow" for one in statements)
    return [
        (
            one["Action"] if isinstance(one["Action"], list) else [one["Action"]],
            one["Resource"],
            *([one["Condition"]] if "Condition" in one else []),
        )
        for one in statements
    ]


@pytest.mark.parametrize(
    ("function", "role", "expected"),
    [
        (
            "ReceiveNotificationFunction",
            "ReceiveNotificationRole",
            [
                STORE_CARDS,
                (["sns:Publish"], TOPIC),
                CALL_RELAY,
                WRITE_ENCRYPTED,
                (["sqs:SendMessage"], {"Fn::GetAtt": ["RejectedQueue", "Arn"]}),
                logs("ReceiveNotificationLogs"),
                TRACES,
            ],
        ),
        (
            "RelayAlertsFunction",
            "RelayAlertsRole",
            [
                (["dynamodb:Query"], index("PendingAlerts")),
                (["dynamodb:PartiQLUpdate"], TABLE),
                (["sns:Publish"], TOPIC),
                key(WRITE, "dynamodb", "sns"),
                logs("RelayAlertsLogs"),
                TRACES,
            ],
        ),
        (
            "ReplayRejectedFunction",
            "ReplayRejectedRole",
            [
                STORE_CARDS,
                (["sns:Publish"], TOPIC),
                CALL_RELAY,
                WRITE_ENCRYPTED,
                (
                    ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"],
                    {"Fn::GetAtt": ["RejectedQueue", "Arn"]},
                ),
                logs("ReplayRejectedLogs"),
                TRACES,
            ],
        ),
        (
            "ReconcileCardsFunction",
            "ReconcileCardsRole",
            [
                STORE_CARDS,
                (["dynamodb:Query"], index("OpenCards")),
                (["sns:Publish"], TOPIC),
                CALL_RELAY,
                WRITE_ENCRYPTED,
                (["sqs:SendMessage"], {"Fn::GetAtt": ["RejectedQueue", "Arn"]}),
                (["secretsmanager:GetSecretValue"], {"Fn::Sub": "${D1CredentialsArn}"}),
                READ_SECRET,
                logs("ReconcileCardsLogs"),
                TRACES,
            ],
        ),
        (
            "GetCardStatusFunction",
            "GetCardStatusRole",
            [*READ_CARDS, logs("GetCardStatusLogs"), TRACES],
        ),
        (
            "CheckReleaseFunction",
            "CheckReleaseRole",
            [
                (["lambda:InvokeFunction"], {"Fn::Sub": "${ReceiveNotificationFunction.Arn}:*"}),
                (
                    ["dynamodb:BatchGetItem"],
                    TABLE,
                    {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [partition_key(CARD_ID)]}},
                ),
                READ_ENCRYPTED,
                (
                    ["codedeploy:PutLifecycleEventHookExecutionStatus"],
                    {
                        "Fn::Sub": "arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}"
                        ":deploymentgroup:${AWS::StackName}-*/*"
                    },
                ),
                logs("CheckReleaseLogs"),
                TRACES,
            ],
        ),
        (
            "AlertOverdueCardsFunction",
            "AlertOverdueCardsRole",
            [
                (["dynamodb:Query"], index("OpenCards")),
                (["dynamodb:BatchGetItem", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"], TABLE),
                (["sns:Publish"], TOPIC),
                key(WRITE, "dynamodb", "sns"),
                logs("AlertOverdueCardsLogs"),
                TRACES,
            ],
        ),
        (
            "IssueTokenFunction",
            "IssueTokenRole",
            [
                (
                    ["secretsmanager:GetSecretValue"],
                    [{"Fn::GetAtt": ["ClientCredentials", "Id"]}, {"Fn::GetAtt": ["SigningKey", "Id"]}],
                ),
                READ_SECRET,
                logs("IssueTokenLogs"),
                TRACES,
            ],
        ),
    ],
)
def test_a_function_may_do_what_it_does(stack: Stack, function: str, role: str, expected: list[Any]) -> None:
    """Each function has a role of its own that allows exactly what its code calls, on exactly these resources."""
    properties = stack.properties(role)

    assert stack.properties(function)["Role"] == {"Fn::GetAtt": [role, "Arn"]}
    assert set(properties) == {"AssumeRolePolicyDocument", "Policies"}
    (policy,) = (one for one in properties["Policies"] if one != READ_SIGNING_KEY)
    assert allowed(policy["PolicyDocument"]) == expected


def test_only_lambda_takes_these_roles(stack: Stack) -> None:
    """There are no roles but these, each for one service: no person and nothing else can take one."""
    roles = stack.of_type("AWS::IAM::Role")
    others = {"GatewayLoggingRole": "apigateway.amazonaws.com", "ReleaseRole": "codedeploy.amazonaws.com"}

    assert set(roles) - set(others) == {
        "ReceiveNotificationRole",
        "RelayAlertsRole",
        "ReplayRejectedRole",
        "GetCardStatusRole",
        "CheckReleaseRole",
        "IssueTokenRole",
        "ReconcileCardsRole",
        "AlertOverdueCardsRole",
    }
    for name, role in roles.items():
        service = others.get(name, "lambda.amazonaws.com")
        assert role["AssumeRolePolicyDocument"]["Statement"] == [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        ]


def test_a_release_moves_one_alias(stack: Stack) -> None:
    """CodeDeploy may move the alias of the function that D1 reaches, and run its check; no other function is its."""
    function = {"Fn::GetAtt": ["ReceiveNotificationFunction", "Arn"]}
    (policy,) = stack.properties("ReleaseRole")["Policies"]

    assert allowed(policy["PolicyDocument"]) == [
        (
            ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
            [function, {"Fn::Sub": "${ReceiveNotificationFunction.Arn}:*"}],
        ),
        (
            ["lambda:InvokeFunction"],
            [{"Fn::GetAtt": ["CheckReleaseFunction", "Arn"]}, {"Fn::Sub": "${CheckReleaseFunction.Arn}:*"}],
        ),
        (["cloudwatch:DescribeAlarms"], "*"),
    ]


def test_the_signing_key_is_read_by_those_who_check_or_bring_tokens(stack: Stack) -> None:
    """Where this stack issues tokens, receiving and the check of releases may read their key; nobody else may."""
    readers = {
        name for name, role in stack.of_type("AWS::IAM::Role").items() if READ_SIGNING_KEY in role.get("Policies", [])
    }

    assert readers == {"ReceiveNotificationRole", "CheckReleaseRole"}
    assert allowed(READ_SIGNING_KEY["Fn::If"][1]["PolicyDocument"]) == [
        (["secretsmanager:GetSecretValue"], {"Fn::GetAtt": ["SigningKey", "Id"]}),
        READ_SECRET,
    ]


def test_a_new_version_has_its_rights_before_it_runs(stack: Stack) -> None:
    """What a function may do is in its role, which it waits for: a policy beside it could come after the release."""
    for policy in stack.of_type("AWS::IAM::ManagedPolicy").values():
        assert policy.keys().isdisjoint({"Roles", "Users", "Groups"})
    assert not stack.of_type("AWS::IAM::Policy")
    assert not stack.of_type("AWS::IAM::RolePolicy")


def test_others_may_ask(stack: Stack) -> None:
    """The policy for Lambdas that ask allows to invoke get_card_status by its alias, and nothing more."""
    policy = stack.properties("GetCardStatusInvokePolicy")["PolicyDocument"]

    assert allowed(policy) == [(["lambda:InvokeFunction"], {"Ref": "GetCardStatusFunctionAliaslive"})]


def test_others_may_read(stack: Stack) -> None:
    """The policy for Lambdas that read the table allows what get_card_status itself may read, and nothing more."""
    policy = stack.properties("CardStatusReaderPolicy")["PolicyDocument"]

    assert allowed(policy) == READ_CARDS


def test_the_topic_takes_alerts_from_this_stack_only(stack: Stack) -> None:
    """No other publisher is let in by the topic, and nobody publishes over a connection without TLS."""
    policy = stack.properties("AlertTopicPolicy")

    assert policy["Topics"] == [TOPIC]
    assert [{**one, "Sid": None} for one in policy["PolicyDocument"]["Statement"]] == [
        {
            "Sid": None,
            "Effect": "Allow",
            "Principal": {
                "AWS": [
                    {"Fn::GetAtt": ["ReceiveNotificationRole", "Arn"]},
                    {"Fn::GetAtt": ["RelayAlertsRole", "Arn"]},
                    {"Fn::GetAtt": ["ReplayRejectedRole", "Arn"]},
                    {"Fn::If": ["Reconciles", {"Fn::GetAtt": ["ReconcileCardsRole", "Arn"]}, {"Ref": "AWS::NoValue"}]},
                    {
                        "Fn::If": [
                            "AlertsOverdueCards",
                            {"Fn::GetAtt": ["AlertOverdueCardsRole", "Arn"]},
                            {"Ref": "AWS::NoValue"},
                        ]
                    },
                ]
            },
            "Action": "sns:Publish",
            "Resource": TOPIC,
        },
        {
            "Sid": None,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": TOPIC,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]


def test_the_queue_refuses_connections_without_tls(stack: Stack) -> None:
    """Rejected operations cannot be sent or read in the clear."""
    policy = stack.properties("RejectedQueuePolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert policy["Queues"] == [{"Ref": "RejectedQueue"}]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "sqs:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_e_mail_is_subscribed_only_where_it_is_wanted(stack: Stack) -> None:
    """Without an address there is no subscription; with one it is to every alert."""
    subscription = stack.resources["AlertEmailSubscription"]

    assert subscription["Condition"] == "HasAlertEmail"
    assert subscription["Properties"] == {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": {"Ref": "AlertEmail"}}
