"""Least privilege, held against the engine that enforces it: what the policies do not allow is refused."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from card_tracking.adapters.card_status_reader import CardStatusReader
from local.deployment import Deployment
from local.template import load_template
from tests.integration.client import Client
from tests.integration.conftest import D1_SECRET
from tests.integration.guests import Guest, guest_of
from tests.integration.notifications import Card
from tests.integration.probes import PROBES, opened
from tests.template.rights import rights, role_of
from tests.template.test_functions import FUNCTIONS
from tests.template.transformed import Stack, transformed


@pytest.fixture(scope="module")
def template() -> Stack:
    """Give the template as it is deployed."""
    return transformed(load_template())


@pytest.fixture
def guest(deployment: Deployment) -> Iterator[Guest]:
    """Make access for somebody who has one policy."""
    with guest_of(deployment) as with_policy:
        yield with_policy


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
    for other in ("ReceiveNotification", "RelayAlerts", "ReplayRejected", "AlertOverdueCards"):
        assert_refused(functions.invoke, FunctionName=f"{outputs[f'{other}FunctionName']}:live", Payload=b"{}")
    assert_refused(dynamodb.scan, TableName=outputs["StatusTableName"])


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name != "IssueTokenFunction"])
def test_a_function_may_do_what_its_role_says_and_nothing_else(
    deployment: Deployment, guest: Guest, template: Stack, function: str
) -> None:
    """Of all that could be done with table, topic, queue and functions, it is refused what its role does not name.

    issue_token is in tests/security, where it is deployed. Leading keys and PartiQL's actions are held against the
    template and the code alone (tests/template, tests/wiring): the engine knows neither.
    """
    access = guest(function=function)
    role = role_of(template, function)

    assert opened(access, deployment.outputs) == rights(template, role) & PROBES.keys()


def test_the_table_takes_no_partiql_from_who_reads(deployment: Deployment, guest: Guest) -> None:
    """A statement is a way to write, too."""
    dynamodb = boto3.client("dynamodb", **guest(function="GetCardStatusFunction"))
    statement = f"INSERT INTO \"{deployment.outputs['StatusTableName']}\" VALUE {{'pk': 'x'}}"

    assert_refused(dynamodb.batch_execute_statement, Statements=[{"Statement": statement}])


def test_what_asks_d1_reads_one_secret(deployment: Deployment, guest: Guest) -> None:
    """Its own, which it cannot change; of others it reads none."""
    access = guest(function="ReconcileCardsFunction")
    secrets = boto3.client("secretsmanager", **access)
    others = boto3.client("secretsmanager", **deployment.engine.access)
    other = others.create_secret(Name=f"other-{uuid4()}", SecretString="x")["ARN"]

    assert secrets.get_secret_value(SecretId=D1_SECRET)["SecretString"]
    assert_refused(secrets.get_secret_value, SecretId=other)
    assert_refused(secrets.put_secret_value, SecretId=D1_SECRET, SecretString="x")
