"""Why something D1 sent could not be stored."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Final, TypeAlias

from card_tracking.domain.update import Json

NOT_JSON: Final = "NOT_JSON"
NOT_AN_OBJECT: Final = "NOT_AN_OBJECT"
OPERATIONS_MISSING: Final = "OPERATIONS_MISSING"
OPERATIONS_NOT_A_LIST: Final = "OPERATIONS_NOT_A_LIST"

OPERATION_NOT_AN_OBJECT: Final = "OPERATION_NOT_AN_OBJECT"
FIELD_MISSING: Final = "FIELD_MISSING"
FIELD_INVALID: Final = "FIELD_INVALID"
START_TIME_UNREADABLE: Final = "START_TIME_UNREADABLE"
TOO_LARGE: Final = "TOO_LARGE"

OF_A_BODY: Final[Mapping[str, str]] = {
    NOT_JSON: "the body is no JSON, or is nested too deep to be read",
    NOT_AN_OBJECT: "the body is JSON and no object",
    OPERATIONS_MISSING: "the object has no `operations`",
    OPERATIONS_NOT_A_LIST: "`operations` is no list",
}
"""Each reason to answer UNREADABLE, and what it says; documents read it from here."""

OF_AN_OPERATION: Final[Mapping[str, str]] = {
    OPERATION_NOT_AN_OBJECT: "an entry of `operations` is no object",
    FIELD_MISSING: "a required field is not there; `field` names it",
    FIELD_INVALID: "a required field is empty or no text; `field` names it",
    START_TIME_UNREADABLE: "`startTime` is no ISO 8601 time, so the operation has no place in the order",
    TOO_LARGE: "the operation, or a field that it is found by, is longer than the table can hold",
}
"""Each reason to keep an operation while the others of its body are stored."""


Flaw: TypeAlias = tuple[str, str | None]
"""A reason, and the field at fault if there is one."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """One operation that could not be stored, and why."""

    reason: str
    operation: Json
    """As D1 sent it, less ``consumerId`` and with card numbers masked."""
    field: str | None = None
    """The field at fault, if there is one."""


@dataclass(frozen=True, slots=True)
class Rejections:
    """The rejected operations of one body. They are grouped, because one body can hold millions of them."""

    by_flaw: dict[Flaw, list[Json]] = dataclass_field(default_factory=dict)
    """The operations with each flaw, in their order; as they are kept, see ``Rejection``."""

    def add(self, flaw: Flaw, operations: Iterable[Json]) -> None:
        """Add operations that have one flaw."""
        self.by_flaw.setdefault(flaw, []).extend(operations)

    def __len__(self) -> int:
        """Return the number of operations."""
        return sum(map(len, self.by_flaw.values()))

    def __iter__(self) -> Iterator[Rejection]:
        """Yield each rejected operation, group by group."""
        for (reason, field), operations in self.by_flaw.items():
            yield from (Rejection(reason, operation, field) for operation in operations)
