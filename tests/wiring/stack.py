"""The real handlers in this process, over a table in ministack and a topic and queues in moto.

Everything that it answers and publishes is held to the documents of the contract.

moto refuses the PartiQL that the table is written with (`INSERT ... VALUE {'pk': ?}`, several SET clauses), so the
table is ministack's; what moto can do, topic and queues, it does, in this process and anew for each test.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any, Final

import boto3

from card_tracking.wire.rejected_message import read_rejected
from tests.contract.promises import check_alert, check_answer_to_d1, check_question_and_answer, schema_validator
from tests.corpus import Case, Outcome
from tests.samples import body

ISSUER: Final = "BANK000001"
TABLE: Final = "Cards"
REGION: Final = "eu-west-1"
TOPIC_ARN: Final = f"arn:aws:sns:{REGION}:123456789012:alerts"
QUEUE_URL: Final = f"https://sqs.{REGION}.amazonaws.com/123456789012/rejected"
ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "ISSUER_ID": ISSUER,
    "STATUS_TABLE_NAME": TABLE,
    "ALERT_TOPIC_ARN": TOPIC_ARN,
    "REJECTED_QUEUE_URL": QUEUE_URL,
    "RELAY_ALERTS_FUNCTION_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:relay_alerts:live",
    "ALERT_STATUSES": "DATA_EXCEPTION,CARD_PROD_CANCELED",
    "RETENTION_DAYS": "400",
    "WORKING_DAYS": "MON,TUE,WED,THU,FRI",
    "HOLIDAYS": "",
    "DUE_DATE_TIME_ZONE": "UTC",
    "POWERTOOLS_SERVICE_NAME": "card-tracking",
    "POWERTOOLS_METRICS_NAMESPACE": "CardTracking",
}

ENVIRONMENT_OF_RECONCILING: Final = {
    "D1_API_URL": "https://127.0.0.1:1",
    "D1_TOKEN_URL": "",
    "D1_TOKEN_AUDIENCE": "",
    "D1_CLIENT_ID": "",
    "D1_SIGNING_KEY_ID": "bank-2026",
    "D1_CREDENTIALS_ARN": "D1CredentialsArn",
    "SILENT_DAYS": "3",
    "CARDS_A_SECOND": "5",
}


@cache
def client(service: str) -> Any:
    """Make a client once: that takes longer than most tests."""
    return boto3.client(service)  # type: ignore[call-overload]  # the stubs know literal names alone


@dataclass(slots=True)
class Context:
    """What Lambda tells an invocation of itself."""

    milliseconds_left: int = 28_000
    function_name: str = "function"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:123456789012:function:function"
    aws_request_id: str = "invocation-1"

    def get_remaining_time_in_millis(self) -> int:
        """Tell the time left, which stands still."""
        return self.milliseconds_left


@dataclass(slots=True)
class Stack:
    """What can be done with the handlers, and seen of what they did."""

    receive: ModuleType
    relay: ModuleType
    ask: ModuleType
    replay: ModuleType
    overdue: ModuleType
    context: Context = field(default_factory=Context)

    def deliver(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Give an event to receive_notification."""
        answer: dict[str, Any] = self.receive.handler(event, self.context)
        check_answer_to_d1(answer)
        return answer

    def post(
        self, *operations: Any, text: str | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Send operations, or a body as it is, as D1 does; return the answer."""
        return self.deliver(
            {
                "pathParameters": {"issuerId": ISSUER},
                "headers": dict(headers or {}),
                "body": body(*operations) if text is None else text,
                "isBase64Encoded": False,
            }
        )

    def query(self, **question: Any) -> dict[str, Any]:
        """Ask get_card_status."""
        answer: dict[str, Any] = self.ask.handler(question, self.context)
        check_question_and_answer(question, answer)
        return answer

    def card(self, card_id: str) -> dict[str, Any] | None:
        """Ask for one card."""
        card: dict[str, Any] | None = self.query(cardId=card_id)["card"]
        return card

    def run_relay(self) -> dict[str, int]:
        """Let the schedule tick."""
        answer: dict[str, int] = self.relay.handler({}, self.context)
        return answer

    def alert_overdue(self) -> dict[str, Any]:
        """Let the working day's schedule tick."""
        answer: dict[str, Any] = self.overdue.handler({}, self.context)
        return answer

    def order_replay(self, **order: Any) -> dict[str, Any]:
        """Order rejected operations to go through again."""
        answer: dict[str, Any] = self.replay.handler(order, self.context)
        return answer

    def items(self, prefix: str = "") -> list[dict[str, Any]]:
        """Read the items of the table whose sort key begins so, as they are stored."""
        found = client("dynamodb").scan(TableName=TABLE)["Items"]
        return [item for item in found if item["sk"]["S"].startswith(prefix)]

    def alerts(self) -> list[dict[str, Any]]:
        """Take the alerts that have come to a subscriber since the last look, as JSON with their attributes."""
        alerts = []
        for envelope in self._take("inbox"):
            alert, attributes = json.loads(envelope["Message"]), envelope["MessageAttributes"]
            check_alert(alert, attributes)
            alerts.append(alert | {"attributes": attributes, "subject": envelope["Subject"]})
        return alerts

    def rejected(self) -> list[dict[str, Any]]:
        """Take the messages that have come to the queue of rejected operations since the last look."""
        messages = list(self._take("rejected"))
        for message in messages:
            if read_rejected(json.dumps(message)):
                schema_validator("rejected").validate(message)
        return messages

    def _take(self, name: str) -> Iterator[dict[str, Any]]:
        sqs = client("sqs")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                yield json.loads(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def run(self, case: Case) -> Outcome:
        """Run a case of the corpus."""
        outcome = Outcome()
        for request in case.requests:
            outcome.answers.append(self.deliver(request.event(ISSUER))["statusCode"])
        outcome.cards = {card_id: self.card(card_id) for card_id in case.cards}
        for card_id in case.deliveries:
            outcome.deliveries[card_id] = len(self.query(cardId=card_id, history=True)["history"])
        outcome.alerts, outcome.rejected = list(self.alerts()), list(self.rejected())
        return outcome


def create_topic_and_queues() -> None:
    """Make the topic with a subscribed inbox, and the queue of rejected operations."""
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    url = sqs.create_queue(QueueName="rejected")["QueueUrl"]
    assert (topic, url) == (TOPIC_ARN, QUEUE_URL)
    inbox = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=inbox, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
