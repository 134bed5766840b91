"""What fails in AWS for a while, and the time that passes until it is mended."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import boto3

from local.deployment import Deployment
from tests.integration.client import Client
from tests.integration.notifications import Json


@contextmanager
def outage_of_sns(deployment: Deployment) -> Iterator[None]:
    """Let the topic refuse everybody for a while."""
    sns = boto3.client("sns", **deployment.engine.access)
    topic = deployment.outputs["AlertTopicArn"]
    policy = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    refusal = {"Effect": "Deny", "Principal": "*", "Action": ["sns:Publish", "sns:PublishBatch"], "Resource": topic}
    closed = json.dumps({"Version": "2012-10-17", "Statement": [refusal]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=closed)
    try:
        yield
    finally:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def schedule_of_the_relay(deployment: Deployment) -> Json:
    """Find the one rule that runs the version of the relay that is in service."""
    events = boto3.client("events", **deployment.engine.access)
    relay = f":{deployment.outputs['RelayAlertsFunctionName']}:live"
    (rule,) = [
        rule
        for rule in events.list_rules()["Rules"]
        if any(target["Arn"].endswith(relay) for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"])
    ]
    return dict(rule)


@contextmanager
def relay_stopped(deployment: Deployment) -> Iterator[None]:
    """Switch the relay's schedule off for a while."""
    events = boto3.client("events", **deployment.engine.access)
    rule = schedule_of_the_relay(deployment)["Name"]
    events.disable_rule(Name=rule)
    try:
        yield
    finally:
        events.enable_rule(Name=rule)


def pending_alerts(client: Client, deployment: Deployment, card_id: str) -> list[Json]:
    """Find the keys of a card's alerts that are not known to be published."""
    items = client.dynamodb.query(
        TableName=deployment.outputs["StatusTableName"],
        KeyConditionExpression="pk = :pk AND begins_with(sk, :alert)",
        FilterExpression="attribute_exists(pendingShard)",
        ExpressionAttributeValues={":pk": {"S": f"CARD#{card_id}"}, ":alert": {"S": "ALERT#"}},
        ConsistentRead=True,
    )["Items"]
    return [{"pk": item["pk"], "sk": item["sk"]} for item in items]


def end_lease(client: Client, deployment: Deployment, key: Json) -> None:
    """Let so much time pass that the alert is the relay's to publish."""
    client.dynamodb.update_item(
        TableName=deployment.outputs["StatusTableName"],
        Key=key,
        UpdateExpression="SET leaseEndsAt = :past",
        ExpressionAttributeValues={":past": {"N": "0"}},
    )
