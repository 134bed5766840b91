"""Why something D1 sent could not be stored."""

from dataclasses import dataclass
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Rejection:
    """One operation that could not be stored, and why."""

    reason: str
    operation: Json
    """As D1 sent it, less ``consumerId`` and with card numbers masked."""
    field: str | None = None
    """The field at fault, where one is."""
