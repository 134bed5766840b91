"""Deploy template.yaml into the embedded AWS by CloudFormation."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import boto3

from local.artifacts import card_tracking_archive, dependencies_archive, functions_archive
from local.engine import REGION, Engine
from local.stack import Stack
from local.template import local_template

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

STACK: Final = "card-tracking"
CODE_BUCKET: Final = "card-tracking-code"
TEMPLATE_KEY: Final = "template.json"
DEPLOY_SECONDS: Final = 60.0
ISSUER_ID: Final = "local-bank"
STAGE: Final = "local"


class DeploymentFailed(Exception):
    """CloudFormation refused the stack; the message holds its reasons."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The stack in a running engine."""

    engine: Engine
    issuer_id: str
    outputs: Mapping[str, str]

    @property
    def callback_url(self) -> str:
        """Where to post notifications: the stack's own ``CallbackUrl``, as it is reached on this machine."""
        aws_url = urlsplit(self.outputs["CallbackUrl"])
        api_id = aws_url.netloc.split(".")[0]
        return f"{self.engine.endpoint_url}/_aws/execute-api/{api_id}{aws_url.path}"

    @property
    def stack(self) -> Stack:
        """The same as the tools see it that also work on a stack in AWS."""
        access = self.engine.access
        session = boto3.Session(
            aws_access_key_id=access["aws_access_key_id"],
            aws_secret_access_key=access["aws_secret_access_key"],
            region_name=access["region_name"],
        )
        return Stack(session, self.outputs, self.callback_url, self.engine.endpoint_url)

    def subscribe_queue(self, name: str) -> str:
        """Create a queue that receives every alert, as any team would; answer its URL."""
        sqs, sns = _messaging(self.engine)
        topic = self.outputs["AlertTopicArn"]
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow_topic = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
                }
            ],
        }
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(allow_topic)})
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return url


@cache
def _messaging(engine: Engine) -> tuple["SQSClient", "SNSClient"]:
    # Making a client takes longer than all that it is used for here, and a start subscribes several queues.
    return boto3.client("sqs", **engine.access), boto3.client("sns", **engine.access)


def deploy(engine: Engine, parameters: Mapping[str, str] | None = None) -> Deployment:
    """Deploy the stack with these parameters over the local ones.

    Raises DeploymentFailed.
    """
    values = {"IssuerId": ISSUER_ID, "Stage": STAGE} | dict(parameters or {})
    cloudformation = boto3.client("cloudformation", **engine.access)
    cloudformation.create_stack(
        StackName=STACK,
        # By address: it is longer than a request may be.
        TemplateURL=f"{engine.endpoint_url}/{CODE_BUCKET}/{_upload(engine)}",
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    give_up = time.monotonic() + DEPLOY_SECONDS
    while (stack := cloudformation.describe_stacks(StackName=STACK)["Stacks"][0])["StackStatus"] != "CREATE_COMPLETE":
        if stack["StackStatus"] != "CREATE_IN_PROGRESS" or time.monotonic() > give_up:
            events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
            reasons = [
                f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
                for event in events
                if "FAILED" in event.get("ResourceStatus", "") and "ResourceStatusReason" in event
            ]
            raise DeploymentFailed("; ".join([stack["StackStatus"], *reasons]))
        time.sleep(0.05)
    return Deployment(
        engine, values["IssuerId"], {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    )


def _upload(engine: Engine) -> str:
    """Put code and template where CloudFormation finds them; answer the template's key."""
    s3 = boto3.client("s3", **engine.access)
    s3.create_bucket(Bucket=CODE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    keys = {}
    for folder, archive in (
        ("functions", functions_archive()),
        ("layers/card_tracking", card_tracking_archive()),
        ("layers/dependencies", dependencies_archive()),
    ):
        keys[folder] = f"{folder}.zip"
        s3.put_object(Bucket=CODE_BUCKET, Key=keys[folder], Body=archive)
    s3.put_object(Bucket=CODE_BUCKET, Key=TEMPLATE_KEY, Body=local_template(keys, CODE_BUCKET).encode())
    return TEMPLATE_KEY
