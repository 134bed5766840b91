"""One operation of a D1 notification: only the five required fields are checked, everything else is tolerated.

D1's change policy: expect new fields, new values and new operations, in any order; avoid strict validation.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import to_json

from card_tracking.domain.instants import NEVER, Instant, parse_instant
from card_tracking.domain.statuses import NO_STATUS
from card_tracking.domain.update import CardUpdate, Json

PRODUCE: Final = "PRODUCE"
"""The one operation that moves a card through production; all others are only recorded."""

MAX_IDENTIFIER_LENGTH: Final = 250
"""Some four times what D1 documents (64); at four bytes a character still within a DynamoDB sort key (1,024 bytes)."""
MAX_TEXT_LENGTH: Final = 1_000
"""What the status keeps of a text; the history keeps all of it."""
MAX_OBJECT_LENGTH: Final = 8_000
"""What the status keeps of the shipment, and of fields unknown to us, as JSON text; the history keeps all of it."""

_SHIPMENT_FIELDS: Final = frozenset(
    {
        "lastUpdatedAt",
        "carrier",
        "trackingNumber",
        "status",
        "message",
        "trackingUrl",
        "estimatedDeliveryDate",
        "lastCheckpoint",
    }
)

_Identifier = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MAX_IDENTIFIER_LENGTH)]


class Operation(BaseModel):
    """An operation in D1's shape. Optional fields are taken as they come and read in ``to_update``."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel)

    operation_id: _Identifier
    operation: _Identifier
    status: _Identifier
    start_time: _Identifier
    card_id: _Identifier
    end_time: Any = None
    error_code: Any = None
    error: Any = None
    input_file_name: Any = None
    issuer_request_id: Any = None
    details: Any = None

    def to_update(self, received: Instant) -> CardUpdate:
        """Map to the domain. Raises ValueError where ``startTime`` is not an ISO 8601 time."""
        others: dict[str, Json] = dict(self.model_extra or {})
        details: dict[str, Json] = {}
        if isinstance(self.details, dict):
            details = dict(self.details)
        elif self.details is not None:
            others["details"] = self.details
        status = details.get("status")
        if isinstance(status, str) and status:
            del details["status"]
        else:
            status = NO_STATUS
        shipment = details.get("shipment")
        if isinstance(shipment, dict):
            del details["shipment"]
        else:
            shipment = None
        return CardUpdate(
            card_id=self.card_id,
            operation_id=self.operation_id,
            operation_status=self.status,
            status=status,
            start_time=self.start_time,
            started=parse_instant(self.start_time),
            end_time=_text(self.end_time),
            error_code=_text(self.error_code),
            error=_text(self.error),
            reason=_text(details.pop("reason", None)),
            due_date=_text(details.pop("dueDate", None)),
            production_site=_text(details.pop("productionSite", None)),
            # Both are documented on the operation and inside its details.
            input_file_name=_text(details.pop("inputFileName", None)) or _text(self.input_file_name),
            issuer_request_id=_text(details.pop("issuerRequestId", None)) or _text(self.issuer_request_id),
            shipment=_bounded(shipment) if shipment else None,
            shipment_updated=shipment_instant(shipment),
            other_fields=_bounded(others | details) if others or details else None,
            received=received,
        )


def shipment_instant(shipment: Mapping[str, Json] | None) -> Instant:
    """Return when the shipment was last updated; NEVER if it has no readable ``lastUpdatedAt``."""
    value = shipment.get("lastUpdatedAt") if shipment else None
    if not isinstance(value, str):
        return NEVER
    try:
        return parse_instant(value)
    except ValueError:
        return NEVER


def _text(value: Any) -> str | None:
    """Read an optional text: an absent or empty one is None, any other type is kept as its JSON."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else to_json(value).decode()
    return text[:MAX_TEXT_LENGTH]


def _bounded(fields: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return a small object as it is, and a large one without the fields that do not fit, marked as truncated.

    Known fields come first, and short ones before long ones: one long text costs no other field its place.
    """
    if len(to_json(fields)) <= MAX_OBJECT_LENGTH:
        return fields
    kept: dict[str, Json] = {"truncated": True}
    room = MAX_OBJECT_LENGTH
    lengths = {name: len(to_json({name: value})) for name, value in fields.items()}
    for name in sorted(fields, key=lambda name: (name not in _SHIPMENT_FIELDS, lengths[name])):
        if lengths[name] <= room:
            kept[name] = fields[name]
            room -= lengths[name]
    return kept
