"""What a scenario is made of: the messages to send, and what must have come of them when all are answered."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, NamedTuple, TypeAlias

Operation: TypeAlias = dict[str, Any]
"""One operation in D1's shape, as it stands in a body."""

PRODUCE: Final = "PRODUCE"

ANSWERED: Final = (
    "cardId",
    "status",
    "operationId",
    "operationStatus",
    "startTime",
    "endTime",
    "errorCode",
    "error",
    "reason",
    "dueDate",
    "productionSite",
    "inputFileName",
    "issuerRequestId",
    "shipment",
)
"""What a query tells of a card in D1's words: all of it is compared, also that something is absent."""


class Cause(NamedTuple):
    """What one alert is about."""

    card_id: str
    operation_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Message:
    """One HTTP call of D1, and what it must be answered."""

    body: bytes
    operations: Sequence[Operation] = ()
    """The well-formed ones in the body."""
    rejected: Sequence[str] = ()
    """Why the others, or the whole body, must lie in the queue of rejected operations."""
    answer: int = HTTPStatus.NO_CONTENT
    at: float | None = None
    """When in the scenario, from 0 to 1; None for its turn among all messages."""
    lane: str | None = None
    """Messages of one lane are sent in order, each when the one before is answered for good; all others race."""
    issuer: str | None = None
    """Another issuer than the stack's."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a card must be in the end."""

    card_id: str
    answer: Mapping[str, Any] | None
    """What a query must answer of it under the names of ANSWERED; None for a card that must be unknown."""
    unchecked: Collection[str] = ()
    """Names of ANSWERED that are not compared."""


@dataclass(slots=True)
class Script:
    """A scenario, written down before the first message leaves."""

    messages: list[Message] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)

    def send(self, *operations: Operation, at: float | None = None, lane: str | None = None) -> None:
        """Add a message with well-formed operations."""
        self.messages.append(Message(body_of(operations), operations, at=at, lane=lane))

    def send_in_turn(self, operations: Iterable[Operation]) -> None:
        """Add a message for each operation of one card, in its lane."""
        for operation in operations:
            self.send(operation, lane=operation["cardId"])

    def ends(self, last: Operation, facts: Mapping[str, str] | None = None, unchecked: Collection[str] = ()) -> None:
        """State that a card ends in what ``last`` says of it, with the facts that only earlier updates told."""
        self.endings.append(Ending(last["cardId"], {**(facts or {}), **as_answered(last)}, unchecked))

    def never_known(self, card_id: str) -> None:
        """State that no status of a card may come of it."""
        self.endings.append(Ending(card_id, None))

    def operations(self) -> Iterable[Operation]:
        """Go through all well-formed operations of the scenario."""
        return (operation for message in self.messages for operation in message.operations)

    def causes(self, alert_statuses: Collection[str]) -> set[Cause]:
        """Name everything that must be alerted: each failure that D1 reports, once for the card and the operation."""
        return {
            Cause(operation["cardId"], operation["operationId"], status)
            for operation in self.operations()
            if (status := production_status(operation)) in alert_statuses
        }

    def passed(self) -> dict[tuple[str, str], set[str]]:
        """Tell which statuses each operation of each card was reported in."""
        passed: dict[tuple[str, str], set[str]] = {}
        for operation in self.operations():
            if status := production_status(operation):
                passed.setdefault((operation["cardId"], operation["operationId"]), set()).add(status)
        return passed


def body_of(operations: Iterable[Any]) -> bytes:
    """Write a body as D1 does."""
    return json.dumps({"operations": list(operations)}, ensure_ascii=False).encode()


def production_status(operation: Operation) -> str:
    """Tell the state of a card in production that an operation reports; empty for every other operation."""
    details = operation.get("details")
    if operation["operation"] != PRODUCE:
        return ""
    # Without a state it says only that the card is in production.
    return (isinstance(details, dict) and details.get("status")) or "UNKNOWN"


def as_answered(operation: Operation) -> dict[str, Any]:
    """Write what an operation says under the names that a query answers with."""
    details = operation["details"] if isinstance(operation.get("details"), dict) else {}
    said = {
        **operation,
        **details,
        "status": production_status(operation),
        "operationStatus": operation["status"],
    }
    return {name: said[name] for name in ANSWERED if name in said}
