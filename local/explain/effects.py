"""What each update did to a card's status, and why: the updates merged once more, one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from card_tracking.domain.instants import format_instant
from card_tracking.domain.merge import merge
from card_tracking.domain.status import FACTS, CardStatus
from card_tracking.domain.statuses import ENDED_RANK, RANKS, UNPLACED_RANK
from card_tracking.domain.update import CardUpdate
from card_tracking.wire.card_document import NAMES

APPLIED: Final = "applied"
SHOWN_FOR_NOW: Final = "shown for now"
DUPLICATE: Final = "duplicate"
STALE: Final = "stale"
SUPERSEDED: Final = "superseded"
UNKNOWN: Final = "unknown"
NOT_TRACKED: Final = "not tracked"
UNREADABLE: Final = "unreadable"
REJECTED: Final = "rejected"

_STATUS_OF_RANK: Final = {rank: name for name, rank in RANKS.items()}


@dataclass(frozen=True, slots=True)
class Effect:
    """What one arrival did, in a word of those above, and why, in a sentence."""

    name: str
    why: str


def replay(updates: Iterable[CardUpdate]) -> tuple[list[Effect], CardStatus | None]:
    """Tell the effect of each update in its turn, and the status after all of them."""
    effects: list[Effect] = []
    seen: list[CardUpdate] = []
    status: CardStatus | None = None
    for update in updates:
        merged = merge(status, update)
        effects.append(_effect(status, update, merged, seen))
        seen.append(update)
        status = merged
    return effects, status


def stage(status: CardStatus, rank: int) -> str:
    """Name the stage that was reported at a rank. An unknown failure shares its rank with a known status."""
    name = _STATUS_OF_RANK.get(rank, "")
    return name if name in status.milestones else "an unknown status"


def highest_stage(status: CardStatus) -> str:
    """Name the highest stage reported, whatever shows for the moment."""
    return status.shown.status if status.shown.is_placed else stage(status, status.position.rank)


def _effect(before: CardStatus | None, update: CardUpdate, after: CardStatus, seen: list[CardUpdate]) -> Effect:
    if before is None:
        return _shown(update, "The first that D1 told of this card's production.")
    if after.shown is update and before.shown is not update:
        return _shown(update, _why_shown(before, update))
    earlier = next((one for one in seen if one == update), None)
    if earlier is not None:
        return Effect(DUPLICATE, f"Says the same as what came at {format_instant(earlier.received)}.")
    if update.position.operation < before.position.operation:
        return Effect(
            SUPERSEDED,
            f"Belongs to a production that started at {update.start_time}; the card is in a newer one, operation "
            f"{before.position.operation_id}, started at {before.shown.start_time}.",
        )
    name, why = (STALE, _why_stale(before, update)) if update.is_placed else (UNKNOWN, _why_not_shown(before))
    return Effect(name, why + _kept_facts(before, after))


def _shown(update: CardUpdate, why: str) -> Effect:
    if update.is_placed:
        return Effect(APPLIED, why)
    return Effect(
        SHOWN_FOR_NOW, f"{why} Nobody here knows this status, so it shows until a later stage than the last known one."
    )


def _why_shown(before: CardStatus, update: CardUpdate) -> str:
    place, known = update.position, before.position
    if place.operation > known.operation:
        return f"A newer production than operation {known.operation_id}, which started at {before.shown.start_time}."
    if not update.is_placed:
        return f"It came after {before.shown.status}."
    if place == known:
        return f"Another word on the same moment as the {before.shown.status} before: the one that comes later holds."
    lifted = "" if before.shown.is_placed else f", and so lifts {before.shown.status}"
    if place.rank == known.rank:
        return f"Later news of the shipment{lifted}."
    if known.rank == UNPLACED_RANK:
        return f"The first known stage{lifted}."
    return f"Stands above {highest_stage(before)}, the highest until then{lifted}."


def _why_stale(before: CardStatus, update: CardUpdate) -> str:
    place, known = update.position, before.position
    if place == known:
        if before.shown.is_placed:
            return f"Was shown already, before another word on the same moment of {before.shown.status} came."
        return f"Stands no higher than {highest_stage(before)}, and only a later stage lifts {before.shown.status}."
    if place.rank == known.rank and place.shipment_updated != known.shipment_updated:
        return "Older news of the shipment than what was known already."
    return f"Stands below {highest_stage(before)}, which was known already."


def _why_not_shown(before: CardStatus) -> str:
    if before.position.rank >= ENDED_RANK:
        ended = highest_stage(before)
        return f"Nobody here knows this status, and production had ended with {ended}: what still pends is older."
    return "Nobody here knows this status, and it was shown already."


def _kept_facts(before: CardStatus, after: CardStatus) -> str:
    kept = [NAMES[name] for name in FACTS if after.fact(name) != before.fact(name)]
    return f" Kept of it: {', '.join(kept)}." if kept else ""
