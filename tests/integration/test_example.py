"""docs/examples: what a team copies is deployed beside the stack, and works with the rights that its template gives."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Final

import boto3
import pytest
from samtranslator.yaml_helper import yaml_parse

from local.deployment import CODE_BUCKET, Deployment
from local.engine import ROOT
from tests.integration.client import Client, QueryFailed
from tests.integration.notifications import Card

EXAMPLE: Final = ROOT / "docs/examples/where_is_my_card"
STACK: Final = "where-is-my-card"


@pytest.fixture(scope="module")
def function(deployment: Deployment) -> Iterator[str]:
    """Deploy the example with nothing but outputs of the stack; give the name of its function."""
    access = deployment.engine.access
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.write(EXAMPLE / "app.py", "app.py")
    boto3.client("s3", **access).put_object(Bucket=CODE_BUCKET, Key="example.zip", Body=code.getvalue())
    template = yaml_parse((EXAMPLE / "template.yaml").read_text())
    template["Resources"]["WhereIsMyCardFunction"]["Properties"]["CodeUri"] = {
        "Bucket": CODE_BUCKET,
        "Key": "example.zip",
    }
    cloudformation = boto3.client("cloudformation", **access)
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(template),
        Parameters=[
            {"ParameterKey": name, "ParameterValue": deployment.outputs[name]} for name in template["Parameters"]
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    (output,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    yield output["OutputValue"]
    cloudformation.delete_stack(StackName=STACK)


def test_it_tells_where_a_card_is(client: Client, function: str) -> None:
    """A card that is on its way, one that is being made, one in an unknown state, and one that nobody has ordered."""
    shipped, made, strange = Card(), Card(), Card()
    client.post(shipped.in_transit(), made.data_prepared(), strange.update("CARD_PROD_ON_HOLD"))

    assert client.invoke(function, {"cardId": shipped.card_id}) == {
        "text": "Your card is on its way.",
        "expectedShipment": "2025-01-21",
        "expectedDelivery": "2026-05-24T00:00:00Z",
        "trackingUrl": "https://www.fedex.com/track?trk=1234567890",
    }
    assert client.invoke(function, {"cardId": made.card_id})["text"] == "Your card is being made."
    assert client.invoke(function, {"cardId": strange.card_id})["text"] == "Your card is being made."
    assert client.invoke(function, {"cardId": Card().card_id}) == {"text": "Your card has not been ordered yet."}


def test_it_reads_by_the_policy_alone(client: Client, deployment: Deployment, function: str) -> None:
    """Without the policy of the stack's output the same function is refused: nothing else lets it read."""
    functions = boto3.client("lambda", **deployment.engine.access)
    iam = boto3.client("iam", **deployment.engine.access)
    role = functions.get_function_configuration(FunctionName=function)["Role"].rsplit("/", 1)[-1]
    policy = deployment.outputs["CardStatusReaderPolicyArn"]

    iam.detach_role_policy(RoleName=role, PolicyArn=policy)
    try:
        with pytest.raises(QueryFailed, match="AccessDenied"):
            client.invoke(function, {"cardId": Card().card_id})
    finally:
        iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    assert client.invoke(function, {"cardId": Card().card_id})
