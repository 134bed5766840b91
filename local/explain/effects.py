"""What each update did to a card's status, and why: the updates merged once more, one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from card_tracking.domain.instants import format_instant
from card_tracking.domain.merge import merge
from card_tracking.domain.status import STICKY_FIELDS, CardStatus
from card_tracking.domain.statuses import RANKS
from card_tracking.domain.update import HOLD_PROGRESS, CardUpdate
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


def status_at(status: CardStatus, rank: int) -> str:
    """Name the status that was received at a rank. An unknown failure shares its rank with a known status."""
    name = _STATUS_OF_RANK.get(rank, "")
    return name if name in status.milestones else "an unknown status"


def highest_status(status: CardStatus) -> str:
    """Name the furthest status received, also while a hold shows."""
    return status_at(status, status.position.progress.rank) if status.shown.is_hold else status.shown.status


def _effect(before: CardStatus | None, update: CardUpdate, after: CardStatus, seen: list[CardUpdate]) -> Effect:
    if before is None:
        return _shown(update, "The first that D1 told of this card's production.")
    if after.shown is update and before.shown is not update:
        return _shown(update, _why_shown(before, update))
    earlier = next((one for one in seen if one == update), None)
    if earlier is not None:
        return Effect(DUPLICATE, f"Says the same as what came at {format_instant(earlier.received)}.")
    if update.operation_id != before.position.operation_id:
        return Effect(
            SUPERSEDED,
            f"Belongs to a production that started at {update.start_time}; the card is in a newer one, operation "
            f"{before.position.operation_id}, started at {before.shown.start_time}.",
        )
    name, why = (UNKNOWN, _why_not_shown(before)) if update.is_hold else (STALE, _why_stale(before, update))
    return Effect(name, why + _kept_fields(before, after))


def _shown(update: CardUpdate, why: str) -> Effect:
    if not update.is_hold:
        return Effect(APPLIED, why)
    return Effect(
        SHOWN_FOR_NOW, f"{why} This status is unknown here, so it shows until a known status arrives that is further."
    )


def _why_shown(before: CardStatus, update: CardUpdate) -> str:
    if update.operation_id != before.position.operation_id:
        return (
            f"A newer production than operation {before.position.operation_id}, "
            f"which started at {before.shown.start_time}."
        )
    if update.is_hold:
        return f"It came after {before.shown.status}."
    progress, known = update.progress, before.position.progress
    if progress == known:
        return f"Another content for the same {before.shown.status}: the later one to arrive shows."
    lifted = f", so it replaces {before.shown.status}" if before.shown.is_hold else ""
    if known == HOLD_PROGRESS:
        return f"The first known status{lifted}."
    if progress.rank > known.rank:
        return f"Further than {highest_status(before)}, the furthest until then{lifted}."
    news = "The operation has ended" if progress.ended != known.ended else "Later news of the shipment"
    return f"{news}{lifted}."


def _why_stale(before: CardStatus, update: CardUpdate) -> str:
    progress, known = update.progress, before.position.progress
    if progress == known:
        if before.shown.is_hold:
            return (
                f"No further than {highest_status(before)}, and only a further status replaces {before.shown.status}."
            )
        return f"It showed already, before another content for the same {before.shown.status} came."
    if progress.rank < known.rank:
        return f"Not as far as {highest_status(before)}, which was known already."
    if progress.ended != known.ended:
        return f"Pending, and the operation is known to have ended with {highest_status(before)}."
    return "Older news of the shipment than what was known already."


def _why_not_shown(before: CardStatus) -> str:
    if before.shown.is_hold:
        return "This status is unknown here, and it showed already."
    return (
        f"This status is unknown here, and production had ended with {highest_status(before)}: "
        "a pending status can only be older."
    )


def _kept_fields(before: CardStatus, after: CardStatus) -> str:
    kept = [NAMES[name] for name in STICKY_FIELDS if after.latest(name) != before.latest(name)]
    return f" Kept of it: {', '.join(kept)}." if kept else ""
