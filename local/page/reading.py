"""What the page shows, read from a stack as any other client reads it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from local.d1.queries import Queries
from local.explain.records import read_records
from local.explain.story import document, tell
from local.rejected import look_at_rejected
from local.stack import Stack
from local.versions import status_versions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_sqs.client import SQSClient

MESSAGES_A_CALL: Final = 10
MOST_ALERTS_A_LOOK: Final = 200
MOST_REJECTED: Final = 300
LONGEST_LOOK_AT_REJECTED: Final = 3.0
"""Seconds, for which other readers of that queue may have to wait."""


class StackReader:
    """Reads one stack. Not for several threads."""

    def __init__(self, stack: Stack, alert_queue_url: str) -> None:
        """Read from a stack, and from a queue that is subscribed to its alerts for this reader alone."""
        self._stack = stack
        self._table: str = stack.outputs["StatusTableName"]
        self._rejected_queue: str = stack.outputs["RejectedQueueUrl"]
        self._alert_queue = alert_queue_url

    # Clients are slow to make, and only needed once somebody opens the page.

    @cached_property
    def _queries(self) -> Queries:
        return Queries(self._stack, self._stack.outputs["GetCardStatusFunctionArn"])

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        return self._stack.session.client("dynamodb", endpoint_url=self._stack.endpoint_url)

    @cached_property
    def _sqs(self) -> "SQSClient":
        return self._stack.session.client("sqs", endpoint_url=self._stack.endpoint_url)

    def versions(self) -> Mapping[str, str]:
        """Return the version of each card's status; another one than before means that there is news."""
        return status_versions(self._dynamodb, self._table)

    def cards(self, card_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Ask ``get_card_status`` where cards are."""
        return self._queries.cards(card_ids)

    def alerts(self) -> Iterator[Mapping[str, Any]]:
        """Take the alerts that have come, each with ``publishedAt``; some of them where there are very many."""
        for _ in range(MOST_ALERTS_A_LOOK // MESSAGES_A_CALL):
            answer = self._sqs.receive_message(QueueUrl=self._alert_queue, MaxNumberOfMessages=MESSAGES_A_CALL)
            messages = answer.get("Messages", [])
            for message in messages:
                if alert := _alert(message["Body"]):
                    yield alert
                # Afterwards: whoever fails on the way gets it again.
                self._sqs.delete_message(QueueUrl=self._alert_queue, ReceiptHandle=message["ReceiptHandle"])
            if len(messages) < MESSAGES_A_CALL:
                return

    def count_rejected(self) -> int:
        """Count the messages with rejected operations, without touching any."""
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._rejected_queue,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
        return sum(int(number) for number in answer["Attributes"].values())

    def rejected(self) -> Sequence[Mapping[str, Any]]:
        """Look at the rejected operations, MOST_REJECTED messages of them, and leave them where they are."""
        return look_at_rejected(
            self._sqs, self._rejected_queue, lambda found: len(found) >= MOST_REJECTED, LONGEST_LOOK_AT_REJECTED
        )

    def story(self, card_id: str, rejected: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Tell the story of a card, as ``make explain`` does."""
        return document(tell(card_id, read_records(self._stack, self._table, card_id), rejected))


def _alert(body: str) -> Mapping[str, Any] | None:
    """Read an alert off a message; None where somebody has published something else to the topic."""
    try:
        envelope = json.loads(body)
        alert = json.loads(envelope["Message"])
        needed = {name: str(alert[name]) for name in ("alertId", "cardId", "status")}
        return {**alert, **needed, "publishedAt": envelope["Timestamp"]}
    except (ValueError, TypeError, KeyError):
        return None
