"""What is kept of something that could not be stored."""

import json
import re
from hashlib import sha256
from typing import Any

import pytest

from card_tracking.wire import rejections
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import (
    MAX_MESSAGE_BYTES,
    SINGLE_MESSAGES,
    Origin,
    read_rejected,
    rejected_body,
    rejected_entries,
    rejected_operations,
    replayable_body,
)
from card_tracking.wire.rejections import Rejection
from tests.samples import instant, operation, rejections_of

ORIGIN = Origin(instant("2026-03-02T09:20:00.123Z"), "request-1", "correlation-1")
SENDABLE = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""What SQS takes in a message."""
MISSING = Rejection(rejections.FIELD_MISSING, {"cardId": "c"}, "operationId")


def document(text: str) -> dict[str, Any]:
    """Read a message, and check what holds for every one of them."""
    assert SENDABLE.fullmatch(text)
    assert len(text.encode()) <= MAX_MESSAGE_BYTES
    read: dict[str, Any] = json.loads(text)
    assert (read["requestId"], read["receivedAt"]) == ("request-1", "2026-03-02T09:20:00.123Z")
    return read


def test_operation() -> None:
    """A rejected operation is kept with the reason, the field at fault and where it came from."""
    [message] = rejected_operations(rejections_of(MISSING), ORIGIN)
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
    [message] = rejected_operations(rejections_of(Rejection(rejections.OPERATION_NOT_AN_OBJECT, value)), ORIGIN)
    assert document(message.text)["operation"] == value
    assert "field" not in document(message.text)


def test_none() -> None:
    """Where nothing was rejected there is no message."""
    assert rejected_operations(rejections_of(), ORIGIN) == []


def test_body() -> None:
    """A body that could not be read is kept as text, also where the sender named no correlation."""
    message = rejected_body(rejections.NOT_JSON, "nope \ud800 ü", Origin(ORIGIN.received, "request-1", None))
    read = document(message.text)
    assert (message.reason, read["reason"]) == ("NOT_JSON", "NOT_JSON")
    assert read["body"] == "nope \ud800 ü"
    assert read["correlationId"] is None


@pytest.mark.parametrize(
    "filling",
    ["x" * 5_000_000, "\\" * 300_000, '"' * 300_000, "\x00" * 100_000, "😀" * 100_000, "\uffff" * 90_000],
    ids=["x", "backslash", "quote", "control character", "four bytes", "refused by SQS"],
)
def test_cut(filling: str) -> None:
    """What no message can hold is cut, with the length and the digest of the whole beside it."""
    whole = json.dumps(filling, ensure_ascii=False).replace("\uffff", "\\uffff")
    for message in (
        rejected_body(rejections.NOT_JSON, filling, ORIGIN),
        *rejected_operations(rejections_of(Rejection(rejections.TOO_LARGE, filling)), ORIGIN),
    ):
        read = document(message.text)
        name = "body" if message.reason == rejections.NOT_JSON else "operation"
        assert whole.startswith(read[f"{name}Start"])
        assert len(read[f"{name}Start"]) >= 10_000
        assert read[f"{name}Length"] == len(whole)
        assert read[f"{name}Sha256"] == sha256(whole.encode()).hexdigest()
        assert name not in read


def test_only_what_no_message_can_hold_is_cut() -> None:
    """A body and an operation are whole up to the last byte that their message has room for."""
    for reason, name in ((rejections.NOT_JSON, "body"), (rejections.TOO_LARGE, "operation")):

        def message_of(length: int, reason: str = reason, name: str = name) -> str:
            if name == "body":
                return rejected_body(reason, "x" * length, ORIGIN).text
            [message] = rejected_operations(rejections_of(Rejection(reason, "x" * length)), ORIGIN)
            return message.text

        room = MAX_MESSAGE_BYTES - len(message_of(0))
        for length in (1_000, 99_000, 150_000, room):
            assert document(message_of(length))[name] == "x" * length
        assert f"{name}Start" in document(message_of(room + 1))


@pytest.mark.parametrize("size", [1, 1_000, 60_000])
def test_many(size: int) -> None:
    """Of many rejected operations the first have a message each and the others share messages; none is lost."""
    count = SINGLE_MESSAGES + 40
    several = [Rejection(rejections.FIELD_INVALID, f"{number}:" + "x" * size, "cardId") for number in range(count)]
    messages = rejected_operations(rejections_of(*several), ORIGIN)
    read = [document(message.text) for message in messages]
    assert all((one["reason"], one["field"]) == ("FIELD_INVALID", "cardId") for one in read)
    assert {message.reason for message in messages} == {"FIELD_INVALID"}
    assert ["operation" in one for one in read] == [True] * SINGLE_MESSAGES + [False] * (len(read) - SINGLE_MESSAGES)
    assert len(read) - SINGLE_MESSAGES <= 1 + 2 * 40 * size // MAX_MESSAGE_BYTES
    assert [entry["operation"] for one in read for entry in rejected_entries(one)] == [one.operation for one in several]


def test_each_flaw_has_its_messages() -> None:
    """Operations with different reasons or fields at fault share no message: each message has one of both."""
    reasons = [(rejections.FIELD_MISSING, "cardId"), (rejections.FIELD_MISSING, "status"), (rejections.TOO_LARGE, None)]
    several = [Rejection(reason, number, field) for number in range(500) for reason, field in reasons]
    messages = rejected_operations(rejections_of(*several), ORIGIN)
    shared = [document(message.text) for message in messages][SINGLE_MESSAGES:]
    assert [(one["reason"], one.get("field"), len(one["operations"])) for one in shared] == [
        ("FIELD_MISSING", "cardId", 500 - SINGLE_MESSAGES),
        ("FIELD_MISSING", "status", 500),
        ("TOO_LARGE", None, 500),
    ]


def test_cut_ones_stay_alone() -> None:
    """One that was cut shares no message: those beside it can be replayed, and with the message its trace would go."""
    small, large = MISSING, Rejection(MISSING.reason, "x" * 400_000, MISSING.field)
    several = rejections_of(*[small] * SINGLE_MESSAGES, small, small, large, small, small)
    messages = [document(message.text) for message in rejected_operations(several, ORIGIN)][SINGLE_MESSAGES:]
    (cut,) = [one for one in messages if "operationSha256" in one]
    assert cut["operationLength"] == 400_002
    assert "operations" not in cut
    assert sum(len(list(rejected_entries(one))) for one in messages if one is not cut) == 4
    assert all(replayable_body(one) for one in messages if one is not cut)


def test_one_more_than_single_messages() -> None:
    """Up to the bound there is a message each; the next one is alone in its message; two share one."""
    for more, messages in ((0, 0), (1, 1), (2, 1), (50, 1)):
        several = rejections_of(*[MISSING] * (SINGLE_MESSAGES + more))
        assert len(rejected_operations(several, ORIGIN)) == SINGLE_MESSAGES + messages


@pytest.mark.parametrize("beside", [0, SINGLE_MESSAGES + 5])
@pytest.mark.parametrize("odd", [None, operation(startTime="soon", x=json.loads("[" * 197 + "]" * 197))])
def test_whatever_was_taken_can_be_read_back(odd: Any, beside: int) -> None:
    """Alone and packed, a null and what is nested as deep as we take it come out of the queue to be received again."""
    rejected = read_notification(json.dumps({"operations": [odd] * (beside + 1)}), ORIGIN.received).rejections
    documents = [read_rejected(message.text) for message in rejected_operations(rejected, ORIGIN)]
    bodies = [replayable_body(one) or "" for one in documents]
    again = [one for text in bodies for one in read_notification(text, ORIGIN.received).rejections]
    assert again == list(rejected)
    assert len(again) == beside + 1
