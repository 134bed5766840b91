"""What lies in the queue of rejected operations, looked at and left there."""

import fcntl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from card_tracking.wire.rejected_message import read_rejected
from local.engine import ROOT

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

MESSAGES_A_CALL: Final = 10
INVISIBLE_SECONDS: Final = 60
TURN: Final = ROOT / ".local/rejected.lock"
EMPTY_ANSWERS: Final = 3
"""SQS asks a few of its servers at a time: only several empty answers in a row mean that nothing is left."""


def look_at_rejected(
    sqs: "SQSClient",
    queue_url: str,
    enough: Callable[[Sequence[Mapping[str, Any]]], bool] = lambda _: False,
    most_seconds: float = INVISIBLE_SECONDS / 2,
) -> list[Mapping[str, Any]]:
    """Return what is in the queue, until it is enough, all of it, or the time is up.

    Each message is invisible to others for that time, and visible again when this returns. Whoever else of this
    project looks from this machine waits for its turn, or would take for an empty queue what another one holds.
    """
    with _turn(), _borrowed(sqs, queue_url) as borrow:
        found: list[Mapping[str, Any]] = []
        empty, give_up = 0, time.monotonic() + most_seconds
        while empty < EMPTY_ANSWERS and time.monotonic() < give_up and not enough(found):
            texts = borrow()
            empty = 0 if texts else empty + 1
            found += [document for text in texts if (document := read_rejected(text))]
        return found


@contextmanager
def _turn() -> Iterator[None]:
    TURN.parent.mkdir(exist_ok=True)
    with TURN.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _borrowed(sqs: "SQSClient", queue_url: str) -> Iterator[Callable[[], list[str]]]:
    receipts: list[str] = []

    def borrow() -> list[str]:
        answer = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=MESSAGES_A_CALL, VisibilityTimeout=INVISIBLE_SECONDS
        )
        messages = answer.get("Messages", [])
        receipts.extend(message["ReceiptHandle"] for message in messages)
        return [message["Body"] for message in messages]

    try:
        yield borrow
    finally:
        for start in range(0, len(receipts), MESSAGES_A_CALL):
            sqs.change_message_visibility_batch(
                QueueUrl=queue_url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                    for number, receipt in enumerate(receipts[start : start + MESSAGES_A_CALL])
                ],
            )
