"""Least privilege: what each role may do, complete. A right that is added has to be added here too."""

from typing import Any, Final

import pytest

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


STORE_CARDS: Final = (
    ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"],
    TABLE,
)
READ_CARDS: Final = [
    (["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"], TABLE),
    (["dynamodb:Query"], [index("ByStatus"), index("ByInputFile"), index("ByIssuerRequest")]),
]


def allowed(document: Json) -> list[tuple[list[str], Any]]:
    """Read a policy that only allows: for each statement its actions and its resource."""
    statements = document["Statement"]
    assert all(set(one) == {"Effect", "Action", "Resource"} and one["Effect"] == "Allow" for one in statements)
    return [
        (one["Action"] if isinstance(one["Action"], list) else [one["Action"]], one["Resource"]) for one in statements
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
                (
                    ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"],
                    {"Fn::GetAtt": ["RejectedQueue", "Arn"]},
                ),
                logs("ReplayRejectedLogs"),
                TRACES,
            ],
        ),
        (
            "GetCardStatusFunction",
            "GetCardStatusRole",
            [*READ_CARDS, logs("GetCardStatusLogs"), TRACES],
        ),
    ],
)
def test_a_function_may_do_what_it_does(stack: Stack, function: str, role: str, expected: list[Any]) -> None:
    """Each function has a role of its own that allows exactly what its code calls, on exactly these resources."""
    properties = stack.properties(role)

    assert stack.properties(function)["Role"] == {"Fn::GetAtt": [role, "Arn"]}
    assert set(properties) == {"AssumeRolePolicyDocument", "Policies"}
    assert [allowed(policy["PolicyDocument"]) for policy in properties["Policies"]] == [expected]


def test_only_lambda_takes_these_roles(stack: Stack) -> None:
    """There are no roles but these and the gateway's, and no person or other service can take one."""
    roles = {name: role for name, role in stack.of_type("AWS::IAM::Role").items() if name != "GatewayLoggingRole"}

    assert set(roles) == {"ReceiveNotificationRole", "RelayAlertsRole", "ReplayRejectedRole", "GetCardStatusRole"}
    for role in roles.values():
        assert role["AssumeRolePolicyDocument"]["Statement"] == [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]


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
