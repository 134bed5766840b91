"""What is kept of something that could not be stored: the reason, the thing itself, and where it came from.

A message holds one of these: a whole body (``body``), one operation (``operation``), or a list of operations that have
one flaw (``operations``). Of a body or an operation that no message can hold, it has the beginning.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import to_json

from card_tracking.domain.instants import Instant, format_instant, parse_instant
from card_tracking.domain.update import Json
from card_tracking.wire.rejections import Flaw, Rejections

MAX_MESSAGE_BYTES: Final = 200_000
"""Limit of one message, and of one call with several. Every SQS queue takes 262,144 bytes, attributes included."""
SINGLE_MESSAGES: Final = 100
"""Number of rejected operations of one body that get a message each. The others share messages, by flaw."""

MAX_CORRELATION_LENGTH: Final = 128
"""A longer one would not come from us, and the history could not hold it beside a long operation."""

_START_CHARACTERS: Final = MAX_MESSAGE_BYTES // 5
"""Of what is cut. At four bytes a character it leaves room for the rest of the message."""
_LAST_RECEIVED: Final = parse_instant("9999-12-31T23:59:59.999Z")
_CONTENTS: Final = frozenset({"body", "body_start", "operation", "operation_start", "operations"})

_NOT_SENDABLE: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""Characters that SQS refuses, of those that JSON may hold as they are."""
_LONG_NUMBER: Final = re.compile(
    r""""(?:[^"\\]|\\.)*"|(?P<digits>-?[0-9]+?)(?P<zeros>0{3,})\.0(?![0-9])|\b0\.0000(?P<last>[1-9])(?![0-9])"""
)


class _Kept(BaseModel):
    """A message of the queue, as ``_message`` writes it."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True)

    reason: str
    received_at: str
    request_id: str | None = None
    correlation_id: Annotated[str, Field(max_length=MAX_CORRELATION_LENGTH)] | None = None
    by_reconciliation: bool = False
    field: str | None = None
    body: str = ""
    body_start: str = ""
    operation: Any = None
    operation_start: str = ""
    operations: Annotated[list[Any], Field(min_length=1)] = []

    @field_validator("received_at")
    @classmethod
    def _is_time(cls, value: str) -> str:
        if not 0 <= parse_instant(value) <= _LAST_RECEIVED:
            raise ValueError("not a time at which a request can have arrived")
        return value

    @model_validator(mode="after")
    def _has_one_content(self) -> Self:
        if len(self.model_fields_set & _CONTENTS) != 1:
            raise ValueError("not one body, one operation or one list of operations")
        return self


@dataclass(frozen=True, slots=True)
class Origin:
    """The request that brought it."""

    received: Instant
    request_id: str
    correlation_id: str | None
    by_reconciliation: bool = False
    """Whether we asked D1 for it, where no notification had come."""


@dataclass(frozen=True, slots=True)
class RejectedMessage:
    """A message of the queue, without the characters that SQS refuses."""

    reason: str
    text: str

    @property
    def size(self) -> int:
        """Number of bytes that count towards the limits of SQS."""
        return len(self.text.encode())


def rejected_body(reason: str, body: str, origin: Origin) -> RejectedMessage:
    """Keep a whole body that could not be read. ``body`` must already be without what may not be kept."""
    return _whole_or_cut((reason, None), "body", _sendable(json.dumps(body, ensure_ascii=False)), origin)


def rejected_operations(rejections: Rejections, origin: Origin) -> list[RejectedMessage]:
    """Keep rejected operations: the first SINGLE_MESSAGES in a message each, the others packed by flaw.

    A body can hold millions of malformed operations. With an envelope each they would be 30 times as long as the body,
    and there would be no time for the good ones.
    """
    messages: list[RejectedMessage] = []
    for flaw, operations in rejections.by_flaw.items():
        single = max(0, SINGLE_MESSAGES - len(messages))
        messages += [_whole_or_cut(flaw, "operation", _json_text(one), origin) for one in operations[:single]]
        messages += _packed(flaw, operations[single:], origin)
    return messages


def _packed(flaw: Flaw, operations: list[Json], origin: Origin) -> Iterator[RejectedMessage]:
    """Put operations that have one flaw into few messages."""
    if len(operations) < 2:  # noqa: PLR2004  # a list of one is an operation
        yield from (_whole_or_cut(flaw, "operation", _json_text(one), origin) for one in operations)
        return
    # Cheap, so that only what fits about is written in full.
    size = len(to_json(operations))
    if size <= MAX_MESSAGE_BYTES:
        message = _message(flaw, {"operations": _json_text(operations)}, origin)
        if message.size <= MAX_MESSAGE_BYTES:
            yield message
            return
    step = -(-len(operations) // max(2, size // MAX_MESSAGE_BYTES + 1))
    for start in range(0, len(operations), step):
        yield from _packed(flaw, operations[start : start + step], origin)


def _whole_or_cut(flaw: Flaw, name: str, text: str, origin: Origin) -> RejectedMessage:
    """Keep a JSON text whole if it fits; else its beginning, with length and digest of the whole."""
    message = _message(flaw, {name: text}, origin)
    if message.size <= MAX_MESSAGE_BYTES:
        return message
    cut = {
        f"{name}Start": json.dumps(text[:_START_CHARACTERS], ensure_ascii=False),
        f"{name}Length": str(len(text)),
        f"{name}Sha256": f'"{sha256(text.encode()).hexdigest()}"',
    }
    return _message(flaw, cut, origin)


def _message(flaw: Flaw, content: Mapping[str, str], origin: Origin) -> RejectedMessage:
    """Write a message; ``content`` are its own members, as JSON texts."""
    reason, field = flaw
    head = {"reason": reason} | ({"field": field} if field else {})
    tail = {
        "correlationId": origin.correlation_id,
        "requestId": origin.request_id,
        "receivedAt": format_instant(origin.received),
    } | ({"byReconciliation": True} if origin.by_reconciliation else {})
    own = ", ".join(f'"{name}": {text}' for name, text in content.items())
    return RejectedMessage(reason, f"{json.dumps(head)[:-1]}, {own}, {json.dumps(tail)[1:]}")


def _json_text(value: Json) -> str:
    """Write what D1 sent as JSON that is hardly longer than what D1 wrote."""
    text = to_json(value).decode()
    if "000.0" in text or "0.0000" in text:
        # 1e15 has become 1000000000000000.0: a body of these would be four times as long.
        text = _LONG_NUMBER.sub(_shorten, text)
    return _sendable(text)


def _shorten(match: re.Match[str]) -> str:
    if match["digits"]:
        return f"{match['digits']}e{len(match['zeros'])}"
    return f"{match['last']}e-5" if match["last"] else match[0]


def _sendable(text: str) -> str:
    """Escape the characters of a JSON text that SQS refuses."""
    return _NOT_SENDABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def read_rejected(text: str) -> Mapping[str, Any]:
    """Read a message of the queue. Return an empty document if the text is not a message of ours."""
    try:
        # Not pydantic's own reader: packed with others, what it just took from D1 is nested deeper than it takes.
        document: dict[str, Any] = json.loads(text)
        _Kept.model_validate(document)
        # Nobody could write it again if it is nested too deep or holds half a character.
        to_json(document)
    except (ValueError, RecursionError):
        return {}
    return document


def rejected_entries(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what was rejected, one entry for a body or for each operation, as if each had a message of its own."""
    if "operations" not in document:
        yield document
        return
    others = {name: value for name, value in document.items() if name != "operations"}
    yield from ({**others, "operation": operation} for operation in document["operations"])


def replayable_body(document: Mapping[str, Any]) -> str | None:
    """Return a body that can be received again. None if the message holds only the beginning of it."""
    if "body" in document:
        return str(document["body"])
    operations = document.get("operations", [document["operation"]] if "operation" in document else [])
    return json.dumps({"operations": operations}) if operations else None


def identifiers(document: Mapping[str, Any]) -> set[str]:
    """Return everything that a message can be found by: request, correlation, cards and operations."""
    found = [document.get("requestId"), document.get("correlationId")]
    for operation in document.get("operations", [document.get("operation")]):
        if isinstance(operation, dict):
            found += operation.get("cardId"), operation.get("operationId")
    # In a rejected operation they can be anything.
    return {value for value in found if isinstance(value, str)}
