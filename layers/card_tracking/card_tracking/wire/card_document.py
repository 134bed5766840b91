"""A card's status as JSON: the text kept in the table, and the answer to those who ask."""

import json
from collections.abc import Mapping
from typing import Any, Final

from card_tracking.domain.instants import Instant, format_instant, parse_instant
from card_tracking.domain.status import FACTS, CardStatus, CarriedFact
from card_tracking.domain.statuses import RANKS
from card_tracking.domain.update import CardUpdate, Json, Position
from card_tracking.wire.operation import shipment_instant

NAMES: Final = {
    "card_id": "cardId",
    "status": "status",
    "operation_id": "operationId",
    "operation_status": "operationStatus",
    "start_time": "startTime",
    "end_time": "endTime",
    "error_code": "errorCode",
    "error": "error",
    "reason": "reason",
    "due_date": "dueDate",
    "production_site": "productionSite",
    "input_file_name": "inputFileName",
    "issuer_request_id": "issuerRequestId",
    "shipment": "shipment",
    "other_fields": "otherFields",
}
"""Our names for what an update says, and D1's; both ends of every document in this module."""

_UNKNOWN_MARK: Final = "?"
_STATUS_OF_RANK: Final = {str(rank): name for name, rank in RANKS.items()}

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def update_document(update: CardUpdate) -> dict[str, Json]:
    """Write what an update says under D1's names, leaving out what it does not say."""
    return {theirs: value for ours, theirs in NAMES.items() if (value := getattr(update, ours)) is not None}


def read_update(document: Mapping[str, Any], received: Instant) -> CardUpdate:
    """Read an update from ``update_document``'s form."""
    fields = {ours: document.get(theirs) for ours, theirs in NAMES.items()}
    return CardUpdate(
        **fields,  # type: ignore[arg-type]  # the names are CardUpdate's own, the values what it held when written
        started=parse_instant(document["startTime"]),
        shipment_updated=shipment_instant(document.get("shipment")),
        received=received,
    )


def status_text(status: CardStatus) -> str:
    """Write all that must be kept of a status beside the card's id and the status itself, which the item names.

    Short, because every write of it is paid by the kilobyte: our own times are milliseconds, and a milestone goes by
    the rank of its status, so ranks are part of the stored format.
    """
    document = update_document(status.shown)
    del document["cardId"], document["status"]
    document["received"] = status.shown.received // 1000
    document["milestones"] = {_milestone_key(name): received // 1000 for name, received in status.milestones.items()}
    if status.position != status.shown.position:
        document["place"] = [status.position.rank, status.position.shipment_updated]
    if status.carried:
        document["carried"] = {name: list(fact) for name, fact in status.carried.items()}
    if status.applied:
        document["applied"] = list(status.applied)
    return _encode(document)


def read_status(card_id: str, status: str, text: str) -> CardStatus:
    """Read a status from ``status_text``'s form."""
    document = json.loads(text)
    shown = read_update({**document, "cardId": card_id, "status": status}, Instant(document["received"] * 1000))
    position = shown.position
    if "place" in document:
        position = Position(position.started, position.operation_id, *document["place"])
    return CardStatus(
        shown=shown,
        position=position,
        milestones={_milestone_name(key): Instant(received * 1000) for key, received in document["milestones"].items()},
        carried={name: CarriedFact(*fact) for name, fact in document.get("carried", {}).items()},
        applied=tuple(document.get("applied", ())),
    )


def _milestone_key(name: str) -> str:
    return str(RANKS[name]) if name in RANKS else _UNKNOWN_MARK + name


def _milestone_name(key: str) -> str:
    return key.removeprefix(_UNKNOWN_MARK) if key.startswith(_UNKNOWN_MARK) else _STATUS_OF_RANK[key]


def card_answer(status: CardStatus) -> dict[str, Json]:
    """Write a status for those who ask: D1's names and texts, and our times in UTC with milliseconds.

    ``receivedAt`` is when the update shown first reached us, ``milestones`` when each status of the operation did.
    """
    answer = update_document(status.shown)
    for name in FACTS:
        value = status.fact(name)
        if value is not None:
            answer[NAMES[name]] = value
    answer["receivedAt"] = format_instant(status.shown.received)
    answer["milestones"] = {
        name: format_instant(received) for name, received in sorted(status.milestones.items(), key=lambda item: item[1])
    }
    return answer
