"""Messages of the queue that are not ours: each is empty to us, and none of them breaks a reader."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from card_tracking.adapters.rejected_queue import QueuedMessage
from card_tracking.domain.instants import format_instant, parse_instant
from card_tracking.errors import UnreadableNotification
from card_tracking.use_cases.replay import Selection
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import identifiers, read_rejected, rejected_entries, replayable_body
from tests.samples import instant, operation

RECEIVED = "2026-03-02T09:20:00.000Z"
OURS: dict[str, Any] = {"reason": "FIELD_INVALID", "receivedAt": RECEIVED, "requestId": "r", "correlationId": "c"}
CONTENTS: list[dict[str, Any]] = [
    {"body": "no JSON"},
    {"bodyStart": "no", "bodyLength": 7, "bodySha256": "0"},
    {"operation": operation(cardId=5), "field": "cardId"},
    {"operation": None},
    {"operation": {"cardId": ["c"], "operationId": {"o": 1}}, "field": "operationId"},
    {"operations": [{"cardId": {}}, {"operationId": []}], "field": "operationId"},
    {"operations": [operation(cardId=5), None, 7]},
    {"operationStart": "{", "operationLength": 400_000, "operationSha256": "0"},
]
DEEP = "[" * 600 + "]" * 600


def written(**members: Any) -> str:
    """Write a message that is ours but for some members; with None where the text says MISSING."""
    document = OURS | {"operation": operation()} | members
    return json.dumps({name: value for name, value in document.items() if value != "MISSING"})


FOREIGN = {
    "nothing": "",
    "no JSON": "no JSON",
    "a list": "[]",
    "no members": "{}",
    "a number": "5",
    "null": "null",
    "a text": '"nothing of ours"',
    "no end": "[" * 100_000,
    "no reason": written(reason="MISSING"),
    "no time": written(receivedAt="MISSING"),
    "no content": written(operation="MISSING"),
    "the old form": written(operation="MISSING", rejected=[{"reason": "R", "operation": operation()}]),
    "rejected null": written(operation="MISSING", rejected=None),
    "reason a list": written(reason=["R"]),
    "reason null": written(reason=None),
    "time a number": written(receivedAt=5),
    "time no time": written(receivedAt="soon"),
    "time before all times": written(receivedAt="1969-12-31T23:59:59.999Z"),
    "time after all times": written(receivedAt="9999-12-31T23:59:59-05:00"),
    "time of the year 1": written(receivedAt="0001-01-01T00:00:00+14:00"),
    "request a number": written(requestId=5),
    "correlation a list": written(correlationId=["c"]),
    "correlation too long": written(correlationId="c" * 200_000),
    "reconciliation a text": written(byReconciliation="true"),
    "field a number": written(field=5),
    "body a number": written(operation="MISSING", body=5),
    "body null": written(operation="MISSING", body=None),
    "body and operation": written(body="x"),
    "operations null": written(operation="MISSING", operations=None),
    "operations an object": written(operation="MISSING", operations={"0": operation()}),
    "operations a text": written(operation="MISSING", operations="[]"),
    "no operations": written(operation="MISSING", operations=[]),
    "operation and operations": written(operations=[operation()]),
    "start a number": written(operation="MISSING", operationStart=5),
    "nested too deep to be written": written(operation="DEEP").replace('"DEEP"', DEEP),
    "nested too deep beside": written(note="DEEP").replace('"DEEP"', DEEP),
    "half a character": written(operation="MISSING", body="\ud83d"),
}


def read_all(text: str) -> dict[str, Any]:
    """Read a text in every way in which a message of the queue is read; return the document."""
    document = dict(read_rejected(text))
    message = QueuedMessage("message-1", "receipt-1", document)
    selections = [Selection(), Selection({"R"}, {"x"}), Selection(since=instant(RECEIVED), until=instant(RECEIVED))]
    fits = [selection.fits(message) for selection in selections]
    assert fits[0] is bool(document)
    if document:
        assert all(isinstance(one, str) for one in identifiers(document))
        assert all(isinstance(entry["reason"], str) for entry in rejected_entries(document))
        format_instant(parse_instant(document["receivedAt"]))
        again = replayable_body(document)
        try:
            read_notification(again or "", instant(RECEIVED))
        except UnreadableNotification:
            assert "operation" not in document
    return document


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_message_is_empty(text: str) -> None:
    """A message that is not ours, or not as we write it, is empty to us and never selected."""
    assert read_all(text) == {}


@pytest.mark.parametrize("content", CONTENTS, ids=str)
def test_each_form_is_read(content: dict[str, Any]) -> None:
    """Every form that we write is read, also with members that a later version may add."""
    for more in ({}, {"correlationId": None}, {"byReconciliation": True}, {"later": [1]}):
        assert read_all(json.dumps(OURS | content | more)) == OURS | content | more


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(RECEIVED),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["cardId", "operationId", "operation", "reason", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = sorted({*OURS, *(name for content in CONTENTS for name in content), "byReconciliation", "rejected"})


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())) | ANY_JSON.map(json.dumps))
@example('{"reason": "R", "receivedAt": "2026-01-16T10:00:00Z", "rejected": null}')
def test_any_text(text: str) -> None:
    """No text and no JSON breaks a reader of messages."""
    read_all(text)


@given(
    st.sampled_from(CONTENTS),
    st.dictionaries(st.sampled_from(NAMES), ANY_JSON | st.just("MISSING"), max_size=3),
)
def test_any_members(content: dict[str, Any], members: dict[str, Any]) -> None:
    """No message that has become another in some members breaks a reader of messages."""
    document = OURS | content | members
    read_all(json.dumps({name: value for name, value in document.items() if value != "MISSING"}))
