"""Functions as they are deployed, at work against an embedded AWS behind a gate."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3

from local.engine import Engine, free_port, running_engine
from tests.proof.engines import TableEngine, as_table_engine
from tests.proof.product import ENVIRONMENT, ISSUER_ID
from tests.runtime.artefact import Artefact, Runtime
from tests.runtime.emulator import Function, running
from tests.runtime.gate import Gate, gate

TABLE: Final = "Cards"
_MESSAGES_A_CALL: Final = 10


@dataclass(frozen=True, slots=True)
class Site:
    """One embedded AWS, and what is needed to run functions against it."""

    runtime: Runtime
    artefact: Artefact
    engine: TableEngine
    gate: Gate
    logs: Path
    settings: Mapping[str, str]
    sqs: Any
    inbox: str

    @contextmanager
    def function(self, name: str, **settings: str) -> Iterator[Function]:
        """Run a function of the stack; ``settings`` go over those of the template."""
        log = self.logs / f"{name}-{len(list(self.logs.iterdir()))}.log"
        with running(self.runtime, self.artefact, f"{name}.app.handler", {**self.settings, **settings}, log) as started:
            yield started

    def take_alerts(self) -> list[dict[str, Any]]:
        """Take what the topic has told its subscriber since the last look."""
        return [json.loads(message["Message"]) for message in self._take(self.inbox)]

    def take_rejected(self) -> list[dict[str, Any]]:
        """Take what has come into the queue of rejected operations since the last look."""
        return list(self._take(self.settings["REJECTED_QUEUE_URL"]))

    def _take(self, queue: str) -> Iterator[dict[str, Any]]:
        while messages := self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=_MESSAGES_A_CALL).get(
            "Messages"
        ):
            for message in messages:
                yield json.loads(message["Body"])
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


@contextmanager
def site(runtime: Runtime, artefact: Artefact, folder: Path) -> Iterator[Site]:
    """Start an embedded AWS with a topic and its subscriber, and the queue of rejected operations."""
    logs = folder / "logs"
    logs.mkdir()
    with ExitStack() as stack:
        engine = stack.enter_context(running_engine(free_port(), folder / "engine.log", enforce_iam=False))
        opened = stack.enter_context(gate(engine.port))
        topic, inbox, rejected = _make_topic_and_queues(engine)
        settings = ENVIRONMENT | {
            "ALERT_TOPIC_ARN": topic,
            "AWS_ENDPOINT_URL": opened.endpoint_url,
            "REJECTED_QUEUE_URL": rejected,
            "STATUS_TABLE_NAME": TABLE,
        }
        sqs = boto3.client("sqs", **engine.access)
        yield Site(runtime, artefact, as_table_engine(engine), opened, logs, settings, sqs, inbox)


def _make_topic_and_queues(engine: Engine) -> tuple[str, str, str]:
    sns, sqs = boto3.client("sns", **engine.access), boto3.client("sqs", **engine.access)
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    inbox = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=inbox, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, inbox, sqs.create_queue(QueueName="rejected")["QueueUrl"]


def event(body: str, request_id: str) -> dict[str, Any]:
    """Write the event in which API Gateway hands a notification over."""
    return {
        "httpMethod": "POST",
        "path": f"/notifications/d1/v2/issuers/{ISSUER_ID}/cards",
        "pathParameters": {"issuerId": ISSUER_ID},
        "headers": {"Content-Type": "application/json"},
        "requestContext": {"requestId": request_id},
        "body": body,
        "isBase64Encoded": False,
    }
