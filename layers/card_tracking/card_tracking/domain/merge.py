"""Which status a card has after one more update: the rule that keeps it from running backwards.

The promise, proven by property tests: for any set of updates with distinct positions, every order, every split into
bodies, every repetition and every interleaving of concurrent deliveries ends in the same status.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import reduce
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from card_tracking.domain.status import FACTS, CardStatus, CarriedFact
from card_tracking.domain.statuses import ENDED_RANK, KNOWN
from card_tracking.domain.update import CardUpdate, Position

if TYPE_CHECKING:
    from card_tracking.domain.instants import Instant

REMEMBERED_DIGESTS: Final = 32
REMEMBERED_MILESTONES: Final = 32
"""Bounds against a sender that never stops inventing; a card's life needs a handful of each. The statuses that we know
have their milestones beyond it."""


def merge(current: CardStatus | None, update: CardUpdate) -> CardStatus:
    """Return the status after ``update``; the very same object where the update changes nothing."""
    position = update.position
    if current is None or position.operation > current.position.operation:
        return CardStatus(shown=update, position=position, milestones={update.status: update.received})
    if position.operation < current.position.operation:
        return current
    merged = _show(current, update, position) if _shows(current, update, position) else _note(current, update, position)
    return _mark_milestone(merged, update)


def merge_all(current: CardStatus | None, updates: Sequence[CardUpdate]) -> CardStatus:
    """Merge one or more updates in the order they arrived in."""
    first, *others = updates
    return reduce(merge, others, merge(current, first))


def changing(current: CardStatus | None, updates: Sequence[CardUpdate]) -> list[CardUpdate]:
    """Return those of the updates that change something when they are merged in their order."""
    found = []
    for update in updates:
        merged = merge(current, update)
        if merged is not current:
            found.append(update)
        current = merged
    return found


def _shows(current: CardStatus, update: CardUpdate, position: Position) -> bool:
    """Say whether an update of the operation on record becomes the one that is shown."""
    if update.is_placed and position != current.position:
        return position > current.position
    # Two contents at one place: the later arrival shows, but not over an unknown status, which only news lifts.
    may_show = current.shown.is_placed if update.is_placed else current.position.rank < ENDED_RANK
    return may_show and update != current.shown and _digest(update) not in current.applied


def _show(current: CardStatus, update: CardUpdate, position: Position) -> CardStatus:
    applied = current.applied
    if not current.shown.is_placed or position == current.position:
        applied = (*applied, _digest(current.shown))[-REMEMBERED_DIGESTS:]
    return replace(
        current,
        shown=update,
        position=max(position, current.position),
        carried=_carry(current, update),
        applied=applied,
    )


def _carry(current: CardStatus, update: CardUpdate) -> Mapping[str, CarriedFact]:
    """Keep each fact that the update about to show leaves out."""
    carried = {}
    for name in FACTS:
        if getattr(update, name) is not None:
            continue
        told = getattr(current.shown, name)
        if told is not None:
            carried[name] = CarriedFact(current.position.rank, current.position.shipment_updated, told)
        elif name in current.carried:
            carried[name] = current.carried[name]
    return carried


def _note(current: CardStatus, update: CardUpdate, position: Position) -> CardStatus:
    """Take from an update that does not show the facts that no higher update has told."""
    carried = dict(current.carried)
    for name in FACTS:
        value = getattr(update, name)
        if value is None or getattr(current.shown, name) is not None:
            continue
        known = carried.get(name)
        if known is None or (position.rank, position.shipment_updated) > (known.rank, known.shipment_updated):
            carried[name] = CarriedFact(position.rank, position.shipment_updated, value)
    return current if carried == current.carried else replace(current, carried=carried)


def _mark_milestone(status: CardStatus, update: CardUpdate) -> CardStatus:
    """Remember when a status was first received; the earliest delivery counts, whichever was merged first."""
    known: Instant | None = status.milestones.get(update.status)
    if known is None and len(status.milestones) >= REMEMBERED_MILESTONES and update.status not in KNOWN:
        return status
    if known is not None and known <= update.received:
        return status
    return replace(status, milestones={**status.milestones, update.status: update.received})


def _digest(update: CardUpdate) -> str:
    """Shorten what an update says to 12 characters, the same in every process, field order and release.

    What it does not say is left out, so that a field that a later release reads makes no news of what is remembered.
    """
    said = {name: value for name, value in asdict(update).items() if value is not None and name != "received"}
    return blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=6).hexdigest()
