"""The alerts of a run, as any alerting channel gets them: a queue that is subscribed to the topic."""

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from local.d1.script import Cause
from local.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

QUIET_SECONDS: Final = 1.0
"""After the last alert that is expected: what has not come by then is not one too many."""
MESSAGES_A_CALL: Final = 10


class Inbox:
    """A queue with alerts. Takes those about cards of the run, and leaves all others to whoever they are for."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        """Read from ``queue_url``."""
        self._sqs = sqs
        self._queue_url = queue_url

    def take(
        self, causes: Collection[Cause], card_ids: Collection[str], most_seconds: float, show: Callable[[str], None]
    ) -> list[Mapping[str, Any]]:
        """Take the alerts about cards: wait until every cause was alerted, and a little longer for one too many.

        An SNS message that the queue delivers twice is one alert.
        """
        alerts: dict[str, Mapping[str, Any]] = {}
        missing = set(causes)
        give_up = shown = time.monotonic()
        give_up += most_seconds
        while missing and time.monotonic() < give_up:
            alerts |= self._poll(card_ids, wait=1)
            missing = set(causes) - {_cause(alert) for alert in alerts.values()}
            if missing and time.monotonic() > shown + QUIET_SECONDS:
                show(f"waiting for {len(missing)} of {len(causes)} alerts")
                shown = time.monotonic()
        quiet_until = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < quiet_until:
            alerts |= self._poll(card_ids, wait=1)
        return list(alerts.values())

    def _poll(self, card_ids: Collection[str], wait: int) -> dict[str, Mapping[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=MESSAGES_A_CALL, WaitTimeSeconds=wait
        )
        alerts = {}
        for message in answer.get("Messages", []):
            envelope = json.loads(message["Body"])
            alert = json.loads(envelope["Message"])
            # That a card is overdue is no cause of D1's.
            if alert["cardId"] in card_ids and "overdueOn" not in alert:
                alerts[envelope["MessageId"]] = alert
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        return alerts


@contextmanager
def own_inbox(stack: Stack, topic_arn: str) -> Iterator[Inbox]:
    """Subscribe a queue for as long as the block lasts, so that nobody else's alerts are touched."""
    sqs = stack.session.client("sqs", endpoint_url=stack.endpoint_url)
    sns = stack.session.client("sns", endpoint_url=stack.endpoint_url)
    queue_url = sqs.create_queue(QueueName=f"d1-{uuid4()}")["QueueUrl"]
    try:
        arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": _open_to(topic_arn, arn)})
        subscription = sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
        try:
            yield Inbox(sqs, queue_url)
        finally:
            sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    finally:
        sqs.delete_queue(QueueUrl=queue_url)


def _open_to(topic_arn: str, queue_arn: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _cause(alert: Mapping[str, Any]) -> Cause:
    return Cause(alert["cardId"], alert["operationId"], alert["status"])
