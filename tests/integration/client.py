"""The stack from outside: D1 that posts, Lambdas that ask, channels that are alerted, operators that look."""

import json
import time
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from uuid import uuid4

import boto3

from local.deployment import Deployment
from tests.integration.notifications import Json

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

PROMISED_SECONDS: Final = 5.0
"""From a post to its alert in the inbox."""
QUIET_SECONDS: Final = 0.5
"""What has not arrived by then does not arrive: publishing is done before D1 gets its answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What D1 gets."""

    status: int
    headers: dict[str, str]
    body: bytes


class QueryFailed(Exception):
    """get_card_status answered with a function error; the message is the function's."""


class Client:
    """Posts, asks and looks."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        access = deployment.engine.access
        self.dynamodb = boto3.client("dynamodb", **access)
        self.logs = boto3.client("logs", **access)
        self.functions = boto3.client("lambda", **access)
        self.sqs = boto3.client("sqs", **access)

    def post(self, *operations: Json) -> Answer:
        """Post a body with these operations as D1 does."""
        return self.post_body(json.dumps({"operations": operations}))

    def post_body(self, body: str | bytes, url: str | None = None, **headers: str) -> Answer:
        """Post any body."""
        address = urlsplit(url or self._deployment.callback_url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
        try:
            sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): v for name, v in headers.items()}
            connection.request("POST", address.path, body.encode() if isinstance(body, str) else body, sent)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())
        finally:
            connection.close()

    def ask(self, query: Json) -> Json:
        """Ask get_card_status by its alias, as another Lambda does."""
        return self.invoke(self._deployment.outputs["GetCardStatusFunctionArn"], query)

    def invoke(self, function: str, event: Json) -> Json:
        """Invoke a function and wait for its answer."""
        answer = self.functions.invoke(FunctionName=function, Payload=json.dumps(event))
        payload: Json = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise QueryFailed(payload["errorMessage"])
        return payload

    def card(self, card_id: str) -> Json:
        """Ask for a card that is known."""
        card: Json = self.ask({"cardId": card_id})["card"]
        return card

    def rejected(self) -> list[Json]:
        """Take everything off the queue of rejected operations."""
        return drain(self.sqs, self._deployment.outputs["RejectedQueueUrl"])

    def log_lines(self) -> list[str]:
        """Read everything that the functions have logged."""
        groups = [one["logGroupName"] for one in self.logs.describe_log_groups()["logGroups"]]
        return [event["message"] for one in groups for event in self.logs.filter_log_events(logGroupName=one)["events"]]


class Channel:
    """An alerting channel: a queue that is subscribed to the topic."""

    def __init__(self, deployment: Deployment, queue_url: str) -> None:
        self._sqs = boto3.client("sqs", **deployment.engine.access)
        self._queue_url = queue_url

    def alerts(self, card_id: str, expected: int) -> list[Json]:
        """Wait for so many alerts about a card, and a little longer for one too many; answer them as they came."""
        return self.alerts_of({card_id}, expected)

    def alerts_of(self, card_ids: AbstractSet[str], expected: int) -> list[Json]:
        """Do the same for several cards."""
        alerts: list[Json] = []
        give_up = time.monotonic() + PROMISED_SECONDS
        while len(alerts) < expected and time.monotonic() < give_up:
            alerts += self._take(card_ids, wait=1)
        time.sleep(QUIET_SECONDS)
        return alerts + self._take(card_ids, wait=0)

    def _take(self, card_ids: AbstractSet[str], wait: int) -> list[Json]:
        alerts: list[Json] = [json.loads(message["Message"]) for message in drain(self._sqs, self._queue_url, wait)]
        return [alert for alert in alerts if alert["cardId"] in card_ids]


def subscribe(deployment: Deployment, wanted: Json) -> Channel:
    """Subscribe a channel to the alerts that a filter policy lets through."""
    sns = boto3.client("sns", **deployment.engine.access)
    queue_url = deployment.subscribe_queue(f"filtered-{uuid4()}")
    name = queue_url.rsplit("/", 1)[-1]
    (subscription,) = [
        one["SubscriptionArn"]
        for one in sns.list_subscriptions_by_topic(TopicArn=deployment.outputs["AlertTopicArn"])["Subscriptions"]
        if one["Endpoint"].endswith(name)
    ]
    sns.set_subscription_attributes(
        SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue=json.dumps(wanted)
    )
    return Channel(deployment, queue_url)


def drain(sqs: "SQSClient", queue_url: str, wait: int = 0) -> list[Json]:
    """Take everything off a queue; wait so many seconds for a first message."""
    drained = []
    while messages := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=wait).get(
        "Messages", []
    ):
        wait = 0
        for message in messages:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            drained.append(json.loads(message["Body"]))
    return drained
