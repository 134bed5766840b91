"""What is kept of something that could not be stored: the reason, the thing itself, and where it came from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic.alias_generators import to_camel

from card_tracking.domain.instants import Instant, format_instant, parse_instant
from card_tracking.wire.rejections import Rejection

MAX_MESSAGE_BYTES: Final = 200_000
"""Of the 262,144 that every SQS queue takes. What is larger is cut, with its length and digest beside it."""
SINGLE_MESSAGES: Final = 100
"""So many rejected operations of one body get a message each; the others of it share messages."""
SEVERAL: Final = "SEVERAL"


class _Kept(BaseModel):
    """A message of the queue, as ``_message`` writes it."""

    model_config = ConfigDict(alias_generator=to_camel)

    reason: str
    received_at: str
    request_id: str | None = None
    correlation_id: str | None = None
    by_reconciliation: bool = False
    rejected: list[dict[str, Any]] | None = None

    @field_validator("received_at")
    @classmethod
    def _is_time(cls, value: str) -> str:
        parse_instant(value)
        return value


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
    """A message of the queue; ASCII only, because SQS refuses some characters of Unicode."""

    reason: str
    text: str


def rejected_body(reason: str, body: str, origin: Origin) -> RejectedMessage:
    """Keep a whole body that could not be read. ``body`` must already be without what may not be kept."""
    return _message(reason, {"body": body}, origin)


def rejected_operations(rejections: Sequence[Rejection], origin: Origin) -> list[RejectedMessage]:
    """Keep rejected operations: the first SINGLE_MESSAGES in a message each, the others packed.

    A sender's 20,000 malformed operations must not need 20,000 messages, or there would be no time for the good ones.
    """
    messages: list[RejectedMessage] = []
    pack: list[dict[str, Any]] = []
    used = 0
    for rejection in rejections:
        content = _content(rejection)
        # One that was cut never shares a message: those beside it can be replayed, and the message is deleted then.
        if len(messages) < SINGLE_MESSAGES or "operation" not in content:
            messages.append(_message(rejection.reason, content, origin))
            continue
        length = len(json.dumps(content))
        if pack and used + length > MAX_MESSAGE_BYTES // 2:
            messages.append(_message(SEVERAL, {"rejected": pack}, origin))
            pack, used = [], 0
        pack.append({"reason": rejection.reason, **content})
        used += length
    if pack:
        messages.append(_message(SEVERAL, {"rejected": pack}, origin))
    return messages


def read_rejected(text: str) -> Mapping[str, Any]:
    """Read a message of the queue; an empty one for a text that is none of ours."""
    try:
        # Not pydantic's own reader: packed with others, what it just took from D1 is nested deeper than it takes.
        document: dict[str, Any] = json.loads(text)
        _Kept.model_validate(document)
    except (ValueError, RecursionError):
        return {}
    return document


def replayable_body(document: Mapping[str, Any]) -> str | None:
    """Return a body that can be received again; None where the message holds only the beginning of it."""
    if isinstance(document.get("body"), str):
        return str(document["body"])
    operations = [entry["operation"] for entry in document.get("rejected", [document]) if "operation" in entry]
    return json.dumps({"operations": operations}) if operations else None


def identifiers(document: Mapping[str, Any]) -> set[str]:
    """Return everything that a message can be found by: request, correlation, cards and operations."""
    found = {document.get("requestId"), document.get("correlationId")}
    for entry in document.get("rejected", [document]):
        operation = entry.get("operation")
        if isinstance(operation, dict):
            found |= {operation.get("cardId"), operation.get("operationId")}
    return {value for value in found if isinstance(value, str)}


def _content(rejection: Rejection) -> dict[str, Any]:
    content: dict[str, Any] = {"field": rejection.field} if rejection.field else {}
    return content | _whole_or_cut("operation", rejection.operation)


def _whole_or_cut(name: str, value: Any) -> dict[str, Any]:
    """Keep a value whole where it fits; else the beginning of its JSON text, with length and digest of the whole."""
    whole = json.dumps(value)
    if len(whole) <= MAX_MESSAGE_BYTES // 2:
        return {name: value}
    return {
        f"{name}Start": whole[: MAX_MESSAGE_BYTES // 4],
        f"{name}Length": len(whole),
        f"{name}Sha256": sha256(whole.encode()).hexdigest(),
    }


def _message(reason: str, content: dict[str, Any], origin: Origin) -> RejectedMessage:
    if "body" in content:
        content = _whole_or_cut("body", content["body"])
    document = {
        "reason": reason,
        **content,
        "correlationId": origin.correlation_id,
        "requestId": origin.request_id,
        "receivedAt": format_instant(origin.received),
    }
    if origin.by_reconciliation:
        document["byReconciliation"] = True
    return RejectedMessage(reason, json.dumps(document))
