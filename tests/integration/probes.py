"""One call for each right that a role of this stack could have, to see what the engine makes of it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import boto3
from botocore.exceptions import ClientError

from local.engine import Access

Probe: TypeAlias = Callable[[Access, Mapping[str, str]], Any]

REFUSALS: Final = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}
KEY: Final = {"pk": {"S": "CARD#probe"}, "sk": {"S": "PROBE"}}
INDEXES: Final = {
    "ByStatus": "statusShard",
    "ByInputFile": "inputFileShard",
    "ByIssuerRequest": "issuerRequestId",
    "OpenCards": "openShard",
    "PendingAlerts": "pendingShard",
}


def refused(probe: Probe, access: Access, outputs: Mapping[str, str]) -> bool:
    """Say whether a call is refused for want of permission; any other failure came after that."""
    try:
        probe(access, outputs)
    except ClientError as error:
        return error.response["Error"]["Code"] in REFUSALS
    return False


def _table(call: str, **arguments: Any) -> Probe:
    return lambda access, outputs: getattr(boto3.client("dynamodb", **access), call)(
        TableName=outputs["StatusTableName"], **arguments
    )


def _query(name: str | None) -> Probe:
    key = INDEXES[name] if name else "pk"
    return _table(
        "query",
        **({"IndexName": name} if name else {}),
        KeyConditionExpression="#key = :value",
        ExpressionAttributeNames={"#key": key},
        ExpressionAttributeValues={":value": {"S": "probe"}},
    )


def _batch_get(access: Access, outputs: Mapping[str, str]) -> Any:
    requests: Any = {outputs["StatusTableName"]: {"Keys": [KEY]}}
    return boto3.client("dynamodb", **access).batch_get_item(RequestItems=requests)


def _batch_write(access: Access, outputs: Mapping[str, str]) -> Any:
    requests: Any = {outputs["StatusTableName"]: [{"DeleteRequest": {"Key": KEY}}]}
    return boto3.client("dynamodb", **access).batch_write_item(RequestItems=requests)


def _topic(call: str, **arguments: Any) -> Probe:
    return lambda access, outputs: getattr(boto3.client("sns", **access), call)(
        TopicArn=outputs["AlertTopicArn"], **arguments
    )


def _queue(call: str, **arguments: Any) -> Probe:
    return lambda access, outputs: getattr(boto3.client("sqs", **access), call)(
        QueueUrl=outputs["RejectedQueueUrl"], **arguments
    )


def _function(output: str) -> Probe:
    return lambda access, outputs: boto3.client("lambda", **access).invoke(
        FunctionName=f"{outputs[output]}:live", Payload=json.dumps({"cardIds": []})
    )


PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    ("dynamodb:BatchGetItem", "StatusTable"): _batch_get,
    ("dynamodb:BatchWriteItem", "StatusTable"): _batch_write,
    ("dynamodb:DeleteItem", "StatusTable"): _table("delete_item", Key=KEY),
    ("dynamodb:DeleteTable", "StatusTable"): _table("delete_table"),
    ("dynamodb:GetItem", "StatusTable"): _table("get_item", Key=KEY),
    ("dynamodb:PutItem", "StatusTable"): _table("put_item", Item=KEY),
    ("dynamodb:Query", "StatusTable"): _query(None),
    **{("dynamodb:Query", f"StatusTable/index/{name}"): _query(name) for name in INDEXES},
    ("dynamodb:Scan", "StatusTable"): _table("scan"),
    ("dynamodb:UpdateItem", "StatusTable"): _table("update_item", Key=KEY),
    ("sns:Publish", "AlertTopic"): _topic("publish", Message="probe"),
    ("sns:Subscribe", "AlertTopic"): _topic("subscribe", Protocol="email", Endpoint="x@bank.example"),
    ("sns:DeleteTopic", "AlertTopic"): _topic("delete_topic"),
    ("sqs:ChangeMessageVisibility", "RejectedQueue"): _queue(
        "change_message_visibility", ReceiptHandle="probe", VisibilityTimeout=1
    ),
    ("sqs:DeleteMessage", "RejectedQueue"): _queue("delete_message", ReceiptHandle="probe"),
    ("sqs:PurgeQueue", "RejectedQueue"): _queue("purge_queue"),
    ("sqs:ReceiveMessage", "RejectedQueue"): _queue("receive_message"),
    ("sqs:SendMessage", "RejectedQueue"): _queue("send_message", MessageBody="{}"),
    ("lambda:InvokeFunction", "AlertOverdueCardsFunction"): _function("AlertOverdueCardsFunctionName"),
    ("lambda:InvokeFunction", "GetCardStatusFunction"): _function("GetCardStatusFunctionName"),
    ("lambda:InvokeFunction", "ReceiveNotificationFunction"): _function("ReceiveNotificationFunctionName"),
    ("lambda:InvokeFunction", "RelayAlertsFunction"): _function("RelayAlertsFunctionName"),
    ("lambda:InvokeFunction", "ReplayRejectedFunction"): _function("ReplayRejectedFunctionName"),
}


def opened(access: Access, outputs: Mapping[str, str]) -> set[tuple[str, str]]:
    """Say which of these rights somebody has; functions that the stack is deployed without are nobody's."""
    return {
        right
        for right, probe in PROBES.items()
        if (right[0] != "lambda:InvokeFunction" or f"{right[1]}Name" in outputs) and not refused(probe, access, outputs)
    }
