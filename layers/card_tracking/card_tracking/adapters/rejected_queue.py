"""The queue of what could not be stored: kept with its reason until someone has looked, and redrivable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from card_tracking.adapters.retries import batches_of, batches_within, insist, insist_in_batches, invoke
from card_tracking.deadline import Deadline
from card_tracking.wire.rejected_message import MAX_MESSAGE_BYTES, RejectedMessage, read_rejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs.client import SQSClient

MESSAGES_A_CALL: Final = 10
BYTES_A_CALL: Final = MAX_MESSAGE_BYTES
"""One of the largest messages, or several that are shorter together."""

INVISIBLE_SECONDS: Final = 360
"""Longer than the function that replays may run: nobody else gets a message meanwhile."""
EMPTY_ANSWERS: Final = 3
"""SQS asks a few of its servers at a time: only several empty answers in a row mean that nothing is there."""


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message taken from the queue for a while."""

    message_id: str
    receipt: str
    document: Mapping[str, Any]


class RejectedQueue:
    """The SQS queue under its URL."""

    def __init__(self, make_client: "Callable[[], SQSClient]", queue_url: str) -> None:
        """Make the client only when there is something to send: most invocations have nothing."""
        self._make_client = make_client
        self._client: SQSClient | None = None
        self._queue_url = queue_url

    def send(self, messages: Sequence[RejectedMessage], deadline: Deadline) -> None:
        """Send messages, ten a call. When this returns, all are in the queue."""
        if not messages:
            return
        self._client = client = self._client or self._make_client()

        def attempt(batch: Sequence[RejectedMessage]) -> list[RejectedMessage]:
            entries: Any = [
                {
                    "Id": str(number),
                    "MessageBody": message.text,
                    "MessageAttributes": {"reason": {"DataType": "String", "StringValue": message.reason}},
                }
                for number, message in enumerate(batch)
            ]
            answer = invoke(client.send_message_batch, QueueUrl=self._queue_url, Entries=entries)
            return [batch[int(entry["Id"])] for entry in answer.get("Failed", [])]

        batches = batches_within(MESSAGES_A_CALL, BYTES_A_CALL, messages, lambda message: message.size)
        insist_in_batches(attempt, batches, deadline)

    def receive(self, deadline: Deadline) -> list[QueuedMessage]:
        """Take up to ten messages for INVISIBLE_SECONDS; none where the queue has no more that are visible."""
        self._client = client = self._client or self._make_client()
        taken: list[Any] = []

        def attempt(_: Sequence[int]) -> list[int]:
            answer = invoke(
                client.receive_message,
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=MESSAGES_A_CALL,
                VisibilityTimeout=INVISIBLE_SECONDS,
            )
            taken.extend(answer.get("Messages", []))
            return []

        for number in range(EMPTY_ANSWERS):
            insist(attempt, [number], deadline)
            if taken:
                break
        return [
            QueuedMessage(message["MessageId"], message["ReceiptHandle"], read_rejected(message["Body"]))
            for message in taken
        ]

    def delete(self, message: QueuedMessage, deadline: Deadline) -> None:
        """Take a message off the queue for good."""
        self._client = client = self._client or self._make_client()

        def attempt(receipts: Sequence[str]) -> list[str]:
            for receipt in receipts:
                invoke(client.delete_message, QueueUrl=self._queue_url, ReceiptHandle=receipt)
            return []

        insist(attempt, [message.receipt], deadline)

    def release(self, messages: Sequence[QueuedMessage], deadline: Deadline) -> None:
        """Make messages visible again at once."""
        self._client = client = self._client or self._make_client()

        def attempt(batch: Sequence[QueuedMessage]) -> list[QueuedMessage]:
            entries: Any = [
                {"Id": str(number), "ReceiptHandle": message.receipt, "VisibilityTimeout": 0}
                for number, message in enumerate(batch)
            ]
            answer = invoke(client.change_message_visibility_batch, QueueUrl=self._queue_url, Entries=entries)
            # One whose time of invisibility has ended is visible already.
            return [batch[int(entry["Id"])] for entry in answer.get("Failed", []) if not entry["SenderFault"]]

        insist_in_batches(attempt, batches_of(MESSAGES_A_CALL, messages), deadline)
