"""The queue of what could not be stored: kept with its reason until someone has looked, and redrivable."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from card_tracking.adapters.retries import batches_within, insist_in_batches, invoke
from card_tracking.deadline import Deadline
from card_tracking.wire.rejected_message import RejectedMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs.client import SQSClient

MESSAGES_A_CALL: Final = 10
BYTES_A_CALL: Final = 250_000
"""SQS takes 262,144 bytes a call in every region and emulator; the wire keeps each message below."""


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

        batches = batches_within(MESSAGES_A_CALL, BYTES_A_CALL, messages, lambda message: len(message.text))
        insist_in_batches(attempt, batches, deadline)
