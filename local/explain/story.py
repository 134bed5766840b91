"""A card's story: its records put in order, each with its effect, and why the status is what it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from card_tracking.domain.alerts import STATUS, cause_of
from card_tracking.domain.instants import Instant, format_instant, parse_instant
from card_tracking.domain.status import CardStatus
from card_tracking.domain.update import HOLD_PROGRESS, CardUpdate
from card_tracking.wire.card_document import NAMES, card_answer
from card_tracking.wire.operation import PRODUCE, Operation
from card_tracking.wire.rejected_message import rejected_entries
from local.explain.effects import NOT_TRACKED, REJECTED, UNREADABLE, Effect, highest_status, replay, status_at
from local.explain.records import AlertRecord, Delivery, Records


@dataclass(frozen=True, slots=True)
class Arrival:
    """One operation that reached us, stored or rejected, and what it did."""

    received: Instant
    operation: Mapping[str, Any]
    """What is known of it, in D1's shape."""
    correlation_id: str | None
    effect: Effect
    alert_id: str | None = None
    """Of the alert that it raised, where it was the first to report the cause."""
    by_reconciliation: bool = False
    """Whether D1 was asked for it, where no notification had come."""

    @property
    def status(self) -> str | None:
        """The state of the card that it reports."""
        details = self.operation.get("details")
        status = details.get("status") if isinstance(details, dict) else None
        return status if isinstance(status, str) else None


@dataclass(frozen=True, slots=True)
class Story:
    """All of it, the earliest first."""

    card_id: str
    status: CardStatus | None
    why: str
    arrivals: list[Arrival]
    alerts: list[AlertRecord]
    notes: list[str] = field(default_factory=list)


def tell(card_id: str, records: Records, rejected: Iterable[Mapping[str, Any]] = ()) -> Story:
    """Put the story together; ``rejected`` is what lies in the queue of rejected operations, of any card."""
    stored, replayed = _stored(records)
    arrivals = sorted([*stored, *_rejected(card_id, rejected)], key=lambda arrival: arrival.received)
    alerts = sorted(records.alerts, key=lambda record: record.raised)
    return Story(
        card_id, records.status, _why(records.status, stored), arrivals, alerts, _notes(records.status, replayed)
    )


def _stored(records: Records) -> tuple[list[Arrival], CardStatus | None]:
    # An overdue card was alerted for because nothing came.
    raised = {(record.received, record.cause): record for record in records.alerts if record.kind == STATUS}
    updates = [_update(delivery) for delivery in records.deliveries]
    effects, replayed = replay(update for update in updates if isinstance(update, CardUpdate))
    left = iter(effects)
    arrivals = []
    for delivery, update in zip(records.deliveries, updates, strict=True):
        if not isinstance(update, CardUpdate):
            arrivals.append(
                Arrival(
                    delivery.received,
                    delivery.operation,
                    delivery.correlation_id,
                    update,
                    by_reconciliation=delivery.by_reconciliation,
                )
            )
            continue
        # Taken out, because a repetition within the same body raises nothing.
        alert = raised.pop((update.received, cause_of(update)), None)
        arrivals.append(
            Arrival(
                delivery.received,
                delivery.operation,
                delivery.correlation_id,
                next(left),
                alert.alert_id if alert else None,
                delivery.by_reconciliation,
            )
        )
    return arrivals, replayed


def _update(delivery: Delivery) -> CardUpdate | Effect:
    """Read what a delivery says of the card's production, or tell why it says nothing."""
    try:
        operation = Operation.model_validate(delivery.operation)
        if operation.operation != PRODUCE:
            return Effect(NOT_TRACKED, "Only PRODUCE moves a card through production; all else is recorded.")
        return operation.to_update(delivery.received)
    except ValueError:
        return Effect(UNREADABLE, "It was stored, but the version of the code that tells this cannot read it.")


def _rejected(card_id: str, documents: Iterable[Mapping[str, Any]]) -> Iterable[Arrival]:
    for document in documents:
        for entry in rejected_entries(document):
            operation = entry.get("operation")
            # Of a whole body that could not be read, or the beginning of one, it is only known that it names the card.
            names_it = (
                operation.get("cardId") == card_id
                if isinstance(operation, dict)
                else any(card_id in str(entry.get(part, "")) for part in ("body", "bodyStart", "operationStart"))
            )
            if names_it:
                at_fault = f": {entry['field']}" if entry.get("field") else ""
                yield Arrival(
                    parse_instant(document["receivedAt"]),
                    operation if isinstance(operation, dict) else {},
                    document.get("correlationId"),
                    Effect(REJECTED, f"{entry['reason']}{at_fault}. It lies in the queue of rejected operations."),
                )


def _why(status: CardStatus | None, arrivals: Iterable[Arrival]) -> str:
    if status is None:
        return "D1 has told nothing of this card's production that could be stored."
    shown = status.shown
    own = [one for one in arrivals if one.operation.get("operationId") == shown.operation_id]
    productions = {one.operation.get("operationId") for one in arrivals if one.operation.get("operation") == PRODUCE}
    newest = f", the newest of {len(productions)}," if len(productions) > 1 else ""
    if not shown.is_hold:
        reason = f"it is the furthest status that operation {shown.operation_id}{newest} has reached"
        if "lastUpdatedAt" in (shown.shipment or {}):
            reason += ", with the latest news of the shipment"
    else:
        further = "" if status.position.progress == HOLD_PROGRESS else f" further than {highest_status(status)}"
        reason = f"this unknown status shows until a known status{further} arrives"
    count = (
        "one arrival of it is on record" if len(own) == 1 else f"{len(own)} arrivals of that operation are on record"
    )
    return f"{shown.status}, because {reason}; {count}.{_kept_fields(status)}"


def _kept_fields(status: CardStatus) -> str:
    """Name the fields that the update shown leaves out or no longer decides, and where each comes from."""
    kept = [
        f"{NAMES[name]} from {status_at(status, field.progress.rank)}"
        for name, field in status.sticky.items()
        if field.value != getattr(status.shown, name)
    ]
    return f" Kept from other updates: {', '.join(kept)}." if kept else ""


def _notes(status: CardStatus | None, replayed: CardStatus | None) -> list[str]:
    if status is None or (replayed is not None and replayed.shown == status.shown):
        return []
    told = replayed.shown.status if replayed else "nothing"
    merged = f"The deliveries on record, merged in the order of their arrival, give {told}"
    return [f"{merged} and the table says {status.shown.status}: some have expired, or two came at the same moment."]


def document(story: Story) -> dict[str, Any]:
    """Write a story for machines, in D1's names."""
    return {
        "cardId": story.card_id,
        "card": card_answer(story.status) if story.status else None,
        "why": story.why,
        "arrivals": [
            {
                "receivedAt": format_instant(arrival.received),
                "effect": arrival.effect.name,
                "why": arrival.effect.why,
                "status": arrival.status,
                "alertId": arrival.alert_id,
                "correlationId": arrival.correlation_id,
                "byReconciliation": arrival.by_reconciliation,
                "operation": arrival.operation,
            }
            for arrival in story.arrivals
        ],
        "alerts": [
            {
                "alertId": record.alert_id,
                "kind": record.kind,
                "overdueOn": record.overdue_on,
                "status": record.status,
                "operationId": record.operation_id,
                "superseded": record.superseded,
                "raisedAt": format_instant(record.raised),
                "publishedAt": format_instant(record.published) if record.published is not None else None,
                "leaseEndsAt": format_instant(record.lease_end) if record.lease_end is not None else None,
            }
            for record in story.alerts
        ],
        "notes": story.notes,
    }
