"""A notification as D1 sends it: one or many operations in one body (contract, "The call")."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant
from card_tracking.domain.update import CardUpdate, Json
from card_tracking.errors import UnreadableNotification
from card_tracking.wire import rejections
from card_tracking.wire.operation import MAX_IDENTIFIER_LENGTH, PRODUCE, Operation
from card_tracking.wire.rejections import Flaw, Rejections
from card_tracking.wire.scrub import scrub, scrub_all, scrub_text

MAX_OPERATION_BYTES: Final = 350_000
"""An item of the table holds 409,600 bytes; this leaves room for its other attributes."""

MAX_INTEGER_DIGITS: Final = 100
"""Longer ones go on as text: Python refuses to write them from 4,300 digits on, and nobody calculates with them."""

OPERATIONS_PER_CHECK: Final = 1_000
"""Number of operations that are read between two looks at the time left."""

_REQUIRED: Final = tuple(str(one.alias) for one in Operation.model_fields.values() if one.is_required())


@dataclass(frozen=True, slots=True)
class ReceivedOperation:
    """A well-formed operation: what is recorded of it, and what it says of a card in production, if it does."""

    card_id: str
    operation: str
    raw: str
    """JSON text as D1 sent it, less ``consumerId`` and with card numbers masked."""
    update: CardUpdate | None
    """None for every operation other than PRODUCE."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What one body holds: the operations that can be stored, and those that cannot, each in its order."""

    operations: list[ReceivedOperation] = field(default_factory=list)
    rejections: Rejections = field(default_factory=Rejections)

    @property
    def updates(self) -> list[CardUpdate]:
        """What it says of cards in production, in its order."""
        return [operation.update for operation in self.operations if operation.update is not None]


def read_notification(body: str, received: Instant, deadline: Deadline | None = None) -> Notification:
    """Read a body. One malformed operation never spoils the others.

    Raises UnreadableNotification if the body is not a JSON object with a list of operations, and OutOfTime if the
    deadline comes while it is read.
    """
    document = parse_body(body)
    if not isinstance(document, dict):
        raise UnreadableNotification(rejections.NOT_AN_OBJECT)
    if "operations" not in document:
        raise UnreadableNotification(rejections.OPERATIONS_MISSING)
    operations = document["operations"]
    if not isinstance(operations, list):
        raise UnreadableNotification(rejections.OPERATIONS_NOT_A_LIST)
    deadline = deadline or Deadline()
    notification = Notification()
    for start in range(0, len(operations), OPERATIONS_PER_CHECK):
        deadline.check()
        _read_operations(operations[start : start + OPERATIONS_PER_CHECK], received, notification)
    return notification


def parse_body(body: str) -> Any:
    """Parse a body, and rather too tolerantly. Raises UnreadableNotification where it is no JSON at all."""
    text = body.removeprefix("\ufeff")
    try:
        document = from_json(text, allow_inf_nan=False)
    except (ValueError, TypeError):
        # TypeError: a lone surrogate in the text itself.
        return _parse_what_others_call_json(text)
    if b"Infinity" in to_json(document, inf_nan_mode="constants"):
        # 1e999 is a number to JSON and none to anybody's arithmetic.
        return _parse_what_others_call_json(text)
    return document


def copy_to_keep(body: str) -> str:
    """Return of a body that could not be read what may be kept of it: a text that any reader of JSON takes."""
    # A lone surrogate is no text to most of them.
    body = body.encode("utf-8", "replace").decode()
    try:
        document = parse_body(body)
    except UnreadableNotification:
        return scrub_text(body)
    cleaned, text = scrub(document)
    return body if cleaned is document else text


def _read_operations(values: Sequence[Json], received: Instant, notification: Notification) -> None:
    rejected: dict[Flaw, list[Json]] = {}
    for value in values:
        outcome = _find_flaw(value) or _read_operation(value, received)
        if isinstance(outcome, ReceivedOperation):
            notification.operations.append(outcome)
        else:
            rejected.setdefault(outcome, []).append(value)
    for flaw, operations in rejected.items():
        notification.rejections.add(flaw, scrub_all(operations))


def _find_flaw(value: Json) -> Flaw | None:
    """Return what is wrong with the required fields, as the model would say.

    The model takes thirty times as long to refuse an operation, and a body can hold two million empty ones.
    """
    if not isinstance(value, dict):
        return rejections.OPERATION_NOT_AN_OBJECT, None
    for name in _REQUIRED:
        if name not in value:
            return rejections.FIELD_MISSING, name
        text = value[name]
        if not isinstance(text, str) or not text:
            return rejections.FIELD_INVALID, name
        if len(text) > MAX_IDENTIFIER_LENGTH:
            return rejections.TOO_LARGE, name
    return None


def _read_operation(value: Json, received: Instant) -> ReceivedOperation | Flaw:
    value, raw = scrub(value)
    if len(raw) > MAX_OPERATION_BYTES or len(raw.encode()) > MAX_OPERATION_BYTES:
        return rejections.TOO_LARGE, None
    try:
        operation = Operation.model_validate(value)
    except ValidationError as error:
        # Only what the scrubbing made longer than an identifier may be.
        return rejections.TOO_LARGE, str(error.errors()[0]["loc"][0])
    try:
        update = operation.to_update(received)
    except ValueError:
        return rejections.START_TIME_UNREADABLE, "startTime"
    if len(update.status) > MAX_IDENTIFIER_LENGTH:
        return rejections.TOO_LARGE, "details.status"
    return ReceivedOperation(
        operation.card_id, operation.operation, raw, update if operation.operation == PRODUCE else None
    )


def _parse_what_others_call_json(text: str) -> Any:
    """Parse what the strict parser refuses but senders produce: lone surrogates, NaN, numbers beyond all bounds.

    One odd character in one operation must not cost the other thousand. Such values become text, so that what comes
    out can be written again by any JSON writer.
    """
    try:
        document = json.loads(text, parse_int=_integer, parse_float=_float, parse_constant=str)
        return from_json(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"), allow_inf_nan=False)
    except (ValueError, RecursionError):
        raise UnreadableNotification(rejections.NOT_JSON) from None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_INTEGER_DIGITS else digits


def _float(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text
