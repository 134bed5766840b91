"""Least privilege, held against the engine that enforces it: what the policies do not allow is refused."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from card_tracking.adapters.card_status_reader import CardStatusReader
from local.deployment import Deployment
from local.engine import Access
from tests.integration.client import Client
from tests.integration.notifications import Card

Guest = Callable[..., Access]


@pytest.fixture
def guest(deployment: Deployment) -> Iterator[Guest]:
    """Make access for somebody who has one policy: one of ours by its ARN, or that of one of the functions."""
    iam = boto3.client("iam", **deployment.engine.access)
    name = "guest"
    iam.create_user(UserName=name)

    def with_policy(*, arn: str = "", function: str = "") -> Access:
        if arn:
            iam.attach_user_policy(UserName=name, PolicyArn=arn)
        if function:
            functions = boto3.client("lambda", **deployment.engine.access)
            role = functions.get_function_configuration(FunctionName=deployment.outputs[function])["Role"].split("/")[
                -1
            ]
            (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            iam.put_user_policy(UserName=name, PolicyName="as-function", PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {
            **deployment.engine.access,
            "aws_access_key_id": key["AccessKeyId"],
            "aws_secret_access_key": key["SecretAccessKey"],
        }

    yield with_policy
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    for attached in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=name, PolicyArn=attached["PolicyArn"])
    for inline in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=inline)
    iam.delete_user(UserName=name)


def assert_refused(call: Callable[..., Any], **arguments: Any) -> None:
    """Call, and see it refused for want of permission."""
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    assert refusal.value.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


def test_who_has_no_policy_gets_nothing(deployment: Deployment, guest: Guest) -> None:
    """The engine does enforce IAM: the tests below would mean nothing without it."""
    dynamodb = boto3.client("dynamodb", **guest())

    assert_refused(dynamodb.scan, TableName=deployment.outputs["StatusTableName"])


def test_the_reader_policy_reads_and_no_more(client: Client, deployment: Deployment, guest: Guest) -> None:
    """With the policy for readers the layer's reader answers every question; nothing can be changed with it."""
    card = Card()
    file_name = f"file-{card.card_id}"
    details = {"inputFileName": file_name, "issuerRequestId": card.operation_id}
    client.post(card.update("DATA_PREPARED", details=details))
    table = deployment.outputs["StatusTableName"]
    dynamodb = boto3.client("dynamodb", **guest(arn=deployment.outputs["CardStatusReaderPolicyArn"]))
    reader = CardStatusReader(table, dynamodb)

    assert reader.get(card.card_id) is not None
    assert reader.history(card.card_id, 10).entries
    assert reader.with_status("DATA_PREPARED", 10).entries
    assert reader.of_input_file(file_name, 10).entries
    assert reader.of_issuer_request(card.operation_id, 10).entries
    assert reader.open_cards(limit=10).entries
    key = {"pk": {"S": f"CARD#{card.card_id}"}, "sk": {"S": "STATUS"}}
    assert_refused(dynamodb.put_item, TableName=table, Item=key)
    assert_refused(dynamodb.delete_item, TableName=table, Key=key)
    assert_refused(dynamodb.scan, TableName=table)
    assert_refused(
        dynamodb.query,
        TableName=table,
        IndexName="PendingAlerts",
        KeyConditionExpression="pendingShard = :shard",
        ExpressionAttributeValues={":shard": {"S": "PENDING#0"}},
    )


def test_the_invoke_policy_asks_and_no_more(client: Client, deployment: Deployment, guest: Guest) -> None:
    """With the policy for callers the alias of get_card_status answers; no other function and no data is reached."""
    card = Card()
    client.post(card.requested())
    outputs = deployment.outputs
    access = guest(arn=outputs["GetCardStatusInvokePolicyArn"])
    functions, dynamodb = boto3.client("lambda", **access), boto3.client("dynamodb", **access)

    answer = functions.invoke(
        FunctionName=outputs["GetCardStatusFunctionArn"], Payload=json.dumps({"cardId": card.card_id})
    )

    assert json.loads(answer["Payload"].read())["card"]["status"] == "CARD_PROD_REQUESTED"
    for other in ("ReceiveNotificationFunctionName", "RelayAlertsFunctionName", "ReplayRejectedFunctionName"):
        assert_refused(functions.invoke, FunctionName=f"{outputs[other]}:live", Payload=b"{}")
    assert_refused(dynamodb.scan, TableName=outputs["StatusTableName"])


def test_get_card_status_cannot_write(deployment: Deployment, guest: Guest) -> None:
    """The function that others ask can change no card and raise no alert, whatever is in its code."""
    access = guest(function="GetCardStatusFunctionName")
    table = deployment.outputs["StatusTableName"]
    dynamodb, sns = boto3.client("dynamodb", **access), boto3.client("sns", **access)
    item = {"pk": {"S": "CARD#x"}, "sk": {"S": "STATUS"}}

    assert_refused(dynamodb.put_item, TableName=table, Item=item)
    assert_refused(dynamodb.batch_write_item, RequestItems={table: [{"PutRequest": {"Item": item}}]})
    assert_refused(
        dynamodb.batch_execute_statement, Statements=[{"Statement": f"INSERT INTO \"{table}\" VALUE {{'pk': 'x'}}"}]
    )
    assert_refused(sns.publish, TopicArn=deployment.outputs["AlertTopicArn"], Message="x")


def test_relay_alerts_sees_alerts_only(deployment: Deployment, guest: Guest) -> None:
    """The relay reads the index of pending alerts; cards and the rejected queue are none of its business."""
    access = guest(function="RelayAlertsFunctionName")
    table = deployment.outputs["StatusTableName"]
    dynamodb, sqs = boto3.client("dynamodb", **access), boto3.client("sqs", **access)
    key = {"pk": {"S": "CARD#x"}, "sk": {"S": "STATUS"}}

    assert_refused(dynamodb.get_item, TableName=table, Key=key)
    assert_refused(dynamodb.batch_get_item, RequestItems={table: {"Keys": [key]}})
    assert_refused(
        dynamodb.query,
        TableName=table,
        IndexName="ByStatus",
        KeyConditionExpression="statusShard = :shard",
        ExpressionAttributeValues={":shard": {"S": "CARD_SHIPPED#00"}},
    )
    assert_refused(sqs.receive_message, QueueUrl=deployment.outputs["RejectedQueueUrl"])


def test_receive_notification_cannot_take_back(deployment: Deployment, guest: Guest) -> None:
    """What faces the internet can delete no card, read no rejected operation, and call no function but the relay."""
    access = guest(function="ReceiveNotificationFunctionName")
    table = deployment.outputs["StatusTableName"]
    dynamodb, sqs = boto3.client("dynamodb", **access), boto3.client("sqs", **access)
    functions = boto3.client("lambda", **access)

    assert_refused(dynamodb.delete_item, TableName=table, Key={"pk": {"S": "CARD#x"}, "sk": {"S": "STATUS"}})
    assert_refused(dynamodb.scan, TableName=table)
    assert_refused(dynamodb.delete_table, TableName=table)
    assert_refused(sqs.receive_message, QueueUrl=deployment.outputs["RejectedQueueUrl"])
    for other in ("ReplayRejectedFunctionName", "GetCardStatusFunctionName", "CheckReleaseFunctionName"):
        assert_refused(functions.invoke, FunctionName=f"{deployment.outputs[other]}:live", Payload=b"{}")


def test_check_release_sees_one_card(client: Client, deployment: Deployment, guest: Guest) -> None:
    """The check of a release finds its card, searches for no other, changes nothing itself, and runs nothing else.

    That it gets no other card by name is held against the template alone: the engine knows no leading keys.
    """
    card = Card()
    client.post(card.requested())
    client.invoke(deployment.outputs["CheckReleaseFunctionName"], {})
    access = guest(function="CheckReleaseFunctionName")
    table, outputs = deployment.outputs["StatusTableName"], deployment.outputs
    dynamodb, sns = boto3.client("dynamodb", **access), boto3.client("sns", **access)
    functions = boto3.client("lambda", **access)
    reader = CardStatusReader(table, dynamodb)

    assert reader.get("release-check") is not None
    assert_refused(
        dynamodb.query,
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"CARD#{card.card_id}"}},
    )
    assert_refused(dynamodb.put_item, TableName=table, Item={"pk": {"S": "CARD#release-check"}, "sk": {"S": "STATUS"}})
    assert_refused(functions.invoke, FunctionName=outputs["GetCardStatusFunctionArn"], Payload=b"{}")
    assert_refused(sns.publish, TopicArn=outputs["AlertTopicArn"], Message="x")
