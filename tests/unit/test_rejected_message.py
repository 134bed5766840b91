"""What is kept of something that could not be stored."""

import json
from hashlib import sha256
from typing import Any

import pytest

from card_tracking.wire import rejections
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import (
    MAX_MESSAGE_BYTES,
    SEVERAL,
    SINGLE_MESSAGES,
    Origin,
    read_rejected,
    rejected_body,
    rejected_operations,
    replayable_body,
)
from card_tracking.wire.rejections import Rejection
from tests.samples import instant, operation

ORIGIN = Origin(instant("2026-03-02T09:20:00.123Z"), "request-1", "correlation-1")
MISSING = Rejection(rejections.FIELD_MISSING, {"cardId": "c"}, "operationId")


def document(text: str) -> dict[str, Any]:
    """Read a message, and check what holds for every one of them."""
    assert text.isascii()
    assert len(text) <= MAX_MESSAGE_BYTES
    read: dict[str, Any] = json.loads(text)
    assert (read["requestId"], read["receivedAt"]) == ("request-1", "2026-03-02T09:20:00.123Z")
    return read


def test_operation() -> None:
    """A rejected operation is kept with the reason, the field at fault and where it came from."""
    [message] = rejected_operations([MISSING], ORIGIN)
    assert message.reason == rejections.FIELD_MISSING
    assert document(message.text) == {
        "reason": "FIELD_MISSING",
        "field": "operationId",
        "operation": {"cardId": "c"},
        "correlationId": "correlation-1",
        "requestId": "request-1",
        "receivedAt": "2026-03-02T09:20:00.123Z",
    }


@pytest.mark.parametrize("value", [None, 5, "text", [1], operation(text="Zürich 東京 \x00 \uffff 😀")])
def test_operation_of_any_kind(value: Any) -> None:
    """What came is kept as it came, whatever it is, without a field where none is at fault."""
    [message] = rejected_operations([Rejection(rejections.OPERATION_NOT_AN_OBJECT, value)], ORIGIN)
    assert document(message.text)["operation"] == value
    assert "field" not in document(message.text)


def test_none() -> None:
    """Where nothing was rejected there is no message."""
    assert rejected_operations([], ORIGIN) == []


def test_body() -> None:
    """A body that could not be read is kept as text, also where the sender named no correlation."""
    message = rejected_body(rejections.NOT_JSON, "nope \ud800 ü", Origin(ORIGIN.received, "request-1", None))
    read = document(message.text)
    assert (message.reason, read["reason"]) == ("NOT_JSON", "NOT_JSON")
    assert read["body"] == "nope \ud800 ü"
    assert read["correlationId"] is None


@pytest.mark.parametrize("filling", ["x" * 5_000_000, "\\" * 300_000, '"' * 300_000, "\x00" * 100_000, "😀" * 100_000])
def test_cut(filling: str) -> None:
    """What no message can hold is cut, with the length and the digest of the whole beside it."""
    whole = json.dumps(filling)
    for message in (
        rejected_body(rejections.NOT_JSON, filling, ORIGIN),
        *rejected_operations([Rejection(rejections.TOO_LARGE, filling)], ORIGIN),
    ):
        read = document(message.text)
        name = "body" if message.reason == rejections.NOT_JSON else "operation"
        assert whole.startswith(read[f"{name}Start"])
        assert len(read[f"{name}Start"]) >= 10_000
        assert read[f"{name}Length"] == len(whole)
        assert read[f"{name}Sha256"] == sha256(whole.encode()).hexdigest()
        assert name not in read


def test_largest_that_is_whole() -> None:
    """A value that fits is kept whole, up to the size at which it would not."""
    for length in (1_000, 50_000, 99_000):
        assert document(rejected_body(rejections.NOT_JSON, "x" * length, ORIGIN).text)["body"] == "x" * length


@pytest.mark.parametrize("size", [1, 1_000, 60_000])
def test_many(size: int) -> None:
    """Of many rejected operations the first have a message each and the others share messages; none is lost."""
    count = SINGLE_MESSAGES + 40
    several = [Rejection(rejections.FIELD_INVALID, f"{number}:" + "x" * size, "cardId") for number in range(count)]
    messages = rejected_operations(several, ORIGIN)
    read = [document(message.text) for message in messages]
    assert [message.reason for message in messages[:SINGLE_MESSAGES]] == ["FIELD_INVALID"] * SINGLE_MESSAGES
    assert {message.reason for message in messages[SINGLE_MESSAGES:]} == {SEVERAL}
    packed = [entry for one in read[SINGLE_MESSAGES:] for entry in one["rejected"]]
    kept = [entry.get("operation", entry.get("operationStart", "")) for entry in [*read[:SINGLE_MESSAGES], *packed]]
    assert [text.strip('"').split(":")[0] for text in kept] == [str(number) for number in range(count)]
    assert all((entry["reason"], entry["field"]) == ("FIELD_INVALID", "cardId") for entry in packed)


def test_cut_ones_stay_alone() -> None:
    """One that was cut shares no message: those beside it can be replayed, and with the message its trace would go."""
    small, large = MISSING, Rejection(rejections.FIELD_INVALID, "x" * 400_000, "cardId")
    messages = rejected_operations([small] * SINGLE_MESSAGES + [small, large, small], ORIGIN)
    assert [message.reason for message in messages[SINGLE_MESSAGES:]] == ["FIELD_INVALID", SEVERAL]
    assert "operationSha256" in document(messages[SINGLE_MESSAGES].text)
    assert len(document(messages[-1].text)["rejected"]) == 2


def test_one_more_than_single_messages() -> None:
    """Up to the bound there is a message each, and one more makes one shared message."""
    assert len(rejected_operations([MISSING] * SINGLE_MESSAGES, ORIGIN)) == SINGLE_MESSAGES
    assert len(rejected_operations([MISSING] * (SINGLE_MESSAGES + 1), ORIGIN)) == SINGLE_MESSAGES + 1
    assert len(rejected_operations([MISSING] * (SINGLE_MESSAGES + 50), ORIGIN)) == SINGLE_MESSAGES + 1


@pytest.mark.parametrize("beside", [0, SINGLE_MESSAGES + 5])
@pytest.mark.parametrize("odd", [None, operation(startTime="soon", x=json.loads("[" * 197 + "]" * 197))])
def test_whatever_was_taken_can_be_read_back(odd: Any, beside: int) -> None:
    """Alone and packed, a null and what is nested as deep as we take it come out of the queue to be received again."""
    rejected = read_notification(json.dumps({"operations": [odd] * (beside + 1)}), ORIGIN.received).rejections
    documents = [read_rejected(message.text) for message in rejected_operations(rejected, ORIGIN)]
    bodies = [replayable_body(one) or "" for one in documents]
    again = [one for text in bodies for one in read_notification(text, ORIGIN.received).rejections]
    assert again == rejected
    assert len(again) == beside + 1
