"""A look at the queue of rejected operations: everything is found, and everything is left there for others."""

import json
from typing import Any

from local.rejected import look_at_rejected
from tests.unit.recorder import Recorder

EMPTY: dict[str, Any] = {}


def page(*numbers: int) -> dict[str, Any]:
    """Return an answer of SQS with messages of ours."""
    document = {"reason": "TOO_LARGE", "receivedAt": "2026-03-02T09:20:00.123Z", "operation": 1}
    return {
        "Messages": [
            {"ReceiptHandle": f"r{number}", "Body": json.dumps(document | {"requestId": str(number)})}
            for number in numbers
        ]
    }


def looked_at(*answers: dict[str, Any]) -> tuple[list[str], Recorder]:
    """Look at a queue that gives these answers; return the requests that its messages came from."""
    client = Recorder(*answers)
    found = look_at_rejected(client, "https://queue")  # type: ignore[arg-type]  # a double
    return [document["requestId"] for document in found], client


def test_one_empty_answer_does_not_end_the_look() -> None:
    """SQS asks a few of its servers at a time: only three empty answers in a row mean that nothing is left."""
    found, client = looked_at(EMPTY, EMPTY, page(1), EMPTY, page(2), EMPTY)

    assert found == ["1", "2"]
    assert [name for name, _ in client.requests].count("receive_message") == 8


def test_messages_are_visible_again_at_once() -> None:
    """What was looked at shows to others as soon as the look is over, ten messages a call."""
    _, client = looked_at(page(*range(10)), page(10, 11), EMPTY)

    released = [request["Entries"] for name, request in client.requests if name == "change_message_visibility_batch"]
    assert [len(entries) for entries in released] == [10, 2]
    assert {entry["VisibilityTimeout"] for entries in released for entry in entries} == {0}
    assert [entry["ReceiptHandle"] for entries in released for entry in entries] == [f"r{n}" for n in range(12)]


def test_message_that_is_none_of_ours_is_left_out() -> None:
    """A message of another form is left in the queue, and not shown."""
    foreign = {"Messages": [{"ReceiptHandle": "r1", "Body": '"nothing of ours"'}]}
    found, _ = looked_at(foreign, EMPTY)

    assert found == []
