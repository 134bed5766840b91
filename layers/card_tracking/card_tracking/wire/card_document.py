"""A card's status as JSON: the text kept in the table, and the answer to those who ask."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from card_tracking.domain.instants import NEVER, Instant, format_instant, parse_instant, whole_second
from card_tracking.domain.status import STICKY_FIELDS, CardStatus, StickyField
from card_tracking.domain.statuses import RANKS
from card_tracking.domain.update import CardUpdate, Json, Position, Progress

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


def stored_update(update: CardUpdate) -> dict[str, Json]:
    """Write an update as it is stored: ``update_document`` and, on its own, what decides the order of shipments.

    The shipment may have been cut to size, so ``lastUpdatedAt`` cannot be read off it again.
    """
    document = update_document(update)
    if update.shipment_updated != NEVER:
        document["shipmentUpdated"] = update.shipment_updated
    return document


def read_update(document: Mapping[str, Any], received: Instant) -> CardUpdate:
    """Read an update from ``stored_update``'s form."""
    fields = {ours: document.get(theirs) for ours, theirs in NAMES.items()}
    return CardUpdate(
        **fields,  # type: ignore[arg-type]  # the names are CardUpdate's own, the values what it held when written
        started=parse_instant(document["startTime"]),
        shipment_updated=_read_shipment_updated(document.get("shipmentUpdated")),
        received=received,
    )


def status_text(status: CardStatus) -> str:
    """Write all that must be kept of a status beside the card's id and the status itself, which the item names.

    It is short, because every write of it is paid by the kilobyte: our own times are milliseconds, milestones go by the
    rank of their status, and what can be read off the update shown is left out.
    """
    shown = status.shown
    document = stored_update(shown)
    del document["cardId"], document["status"]
    document["received"] = shown.received // 1000
    document["milestones"] = {_milestone_key(name): received // 1000 for name, received in status.milestones.items()}
    if status.position.started != whole_second(shown.started):
        document["started"] = status.position.started
    if status.position.progress != shown.progress:
        document["progress"] = _write_progress(status.position.progress)
    sticky: dict[str, Json] = {
        name: [*_write_progress(kept.progress), kept.value]
        for name, kept in status.sticky.items()
        if kept != StickyField(status.position.progress, getattr(shown, name))
    }
    if sticky:
        document["sticky"] = sticky
    if status.seen_digests:
        document["seenDigests"] = list(status.seen_digests)
    return _encode(document)


def read_status(card_id: str, status: str, text: str) -> CardStatus:
    """Read a status from ``status_text``'s form."""
    document = json.loads(text)
    shown = read_update({**document, "cardId": card_id, "status": status}, Instant(document["received"] * 1000))
    position = Position(
        Instant(document.get("started", whole_second(shown.started))),
        shown.operation_id,
        _read_progress(document["progress"]) if "progress" in document else shown.progress,
    )
    sticky = {
        name: StickyField(position.progress, value)
        for name in STICKY_FIELDS
        if (value := getattr(shown, name)) is not None
    }
    for name, (*progress, value) in document.get("sticky", {}).items():
        sticky[name] = StickyField(_read_progress(progress), value)
    return CardStatus(
        shown=shown,
        position=position,
        milestones={_milestone_name(key): Instant(received * 1000) for key, received in document["milestones"].items()},
        sticky=sticky,
        seen_digests=tuple(document.get("seenDigests", ())),
    )


def _write_progress(progress: Progress) -> list[Json]:
    updated = None if progress.shipment_updated == NEVER else progress.shipment_updated
    return [progress.rank, int(progress.ended), updated]


def _read_progress(values: Sequence[Any]) -> Progress:
    rank, ended, updated = values
    return Progress(rank, bool(ended), _read_shipment_updated(updated))


def _read_shipment_updated(value: int | None) -> Instant:
    return NEVER if value is None else Instant(value)


def _milestone_key(name: str) -> str:
    return str(RANKS[name]) if name in RANKS else _UNKNOWN_MARK + name


def _milestone_name(key: str) -> str:
    return key.removeprefix(_UNKNOWN_MARK) if key.startswith(_UNKNOWN_MARK) else _STATUS_OF_RANK[key]


def card_answer(status: CardStatus) -> dict[str, Json]:
    """Write a status for those who ask: D1's names and texts, and our times in UTC with milliseconds.

    ``receivedAt`` is when the update shown first reached us, ``milestones`` when each status of the operation did.
    """
    answer = update_document(status.shown)
    for name in STICKY_FIELDS:
        value = status.latest(name)
        if value is not None:
            answer[NAMES[name]] = value
    answer["receivedAt"] = format_instant(status.shown.received)
    answer["milestones"] = {
        name: format_instant(received) for name, received in sorted(status.milestones.items(), key=lambda item: item[1])
    }
    return answer
