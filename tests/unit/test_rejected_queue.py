"""The queue of rejected operations: what one call may hold, and when it counts as empty."""

import json
from typing import Any

import pytest

from card_tracking.adapters.rejected_queue import RejectedQueue
from card_tracking.deadline import Deadline
from card_tracking.wire.rejected_message import RejectedMessage
from tests.unit.recorder import Recorder

SQS_MESSAGES = 10
SQS_BYTES = 262_144
EMPTY: dict[str, Any] = {}
FOUND = {
    "Messages": [
        {
            "MessageId": "m1",
            "ReceiptHandle": "r1",
            "Body": json.dumps({"reason": "TOO_LARGE", "receivedAt": "2026-03-02T09:20:00.123Z"}),
        }
    ]
}


def queue(client: Recorder) -> RejectedQueue:
    """Return the queue with a client in memory."""
    return RejectedQueue(lambda: client, "https://queue")  # type: ignore[arg-type,return-value]  # a double


def sent(*lengths: int) -> list[list[dict[str, Any]]]:
    """Send messages of these lengths; return the entries of each call."""
    client = Recorder({})
    queue(client).send([RejectedMessage("TOO_LARGE", "x" * length) for length in lengths], Deadline())
    return [request["Entries"] for _, request in client.requests]


@pytest.mark.parametrize("empty", [0, 1, 2])
def test_one_empty_answer_does_not_mean_that_the_queue_is_empty(empty: int) -> None:
    """SQS asks a few of its servers at a time: an empty answer is asked again before the queue counts as empty."""
    client = Recorder(*[EMPTY] * empty, FOUND)

    (message,) = queue(client).receive(Deadline())

    assert (message.message_id, message.receipt) == ("m1", "r1")
    assert len(client.requests) == empty + 1


def test_three_empty_answers_mean_that_the_queue_is_empty() -> None:
    """After three empty answers nothing more is expected."""
    client = Recorder(EMPTY)

    assert queue(client).receive(Deadline()) == []
    assert (
        client.requests
        == [("receive_message", {"QueueUrl": "https://queue", "MaxNumberOfMessages": 10, "VisibilityTimeout": 360})] * 3
    )


def test_message_carries_its_reason() -> None:
    """The reason is an attribute of the message, so that operators can count by it without reading bodies."""
    ((entry,),) = sent(5)

    assert entry["MessageAttributes"] == {"reason": {"DataType": "String", "StringValue": "TOO_LARGE"}}
    assert entry["MessageBody"] == "xxxxx"


def test_call_holds_what_sqs_takes() -> None:
    """A call has ten messages at most, and no more bytes than SQS takes."""
    calls = sent(*[100] * 25, *[130_000, 120_000, 140_000] * 5)

    assert sum(map(len, calls)) == 40
    assert max(map(len, calls)) == SQS_MESSAGES
    for call in calls:
        assert sum(len(entry["MessageBody"]) + 100 for entry in call) <= SQS_BYTES


def test_messages_that_were_left_are_visible_at_once() -> None:
    """Messages that a replay looked at and left show to others at once."""
    client = Recorder(FOUND, {})
    rejected = queue(client)
    rejected.release(rejected.receive(Deadline()), Deadline())

    assert client.requests[-1][1]["Entries"] == [{"Id": "0", "ReceiptHandle": "r1", "VisibilityTimeout": 0}]
