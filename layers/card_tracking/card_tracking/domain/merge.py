"""Which status a card has after one more update: the rule that keeps it from running backwards.

The law, proven by properties in memory and through storage: every order, split, repetition and interleaving of updates
ends in the same status. It does not cover histories with holds, with two contents at one position, with more than
REMEMBERED_MILESTONES unknown statuses, or with another operation that starts between two seconds of one operation.
For these, a repetition of a remembered content changes nothing, and the position never falls.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import reduce
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from card_tracking.domain.status import STICKY_FIELDS, CardStatus, StickyField
from card_tracking.domain.statuses import ENDED_RANK, FAILED, KNOWN
from card_tracking.domain.update import CardUpdate, Progress

if TYPE_CHECKING:
    from card_tracking.domain.instants import Instant

REMEMBERED_DIGESTS: Final = 32
REMEMBERED_MILESTONES: Final = 32
"""Bounds against a sender that never stops inventing statuses; a card's life needs a handful of each.
Known statuses have their milestones beyond this bound."""


def merge(current: CardStatus | None, update: CardUpdate) -> CardStatus:
    """Return the status after ``update``; the very same object if the update changes nothing."""
    if current is None:
        return _begin(update)
    if update.operation_id != current.position.operation_id:
        return _begin(update) if update.position.operation > current.position.operation else current
    merged = _merge_hold(current, update) if update.is_hold else _merge_ranked(current, update)
    return _mark_milestone(_keep_latest_start(merged, update), update)


def merge_all(current: CardStatus | None, updates: Sequence[CardUpdate]) -> CardStatus:
    """Merge one or more updates in the order of their arrival."""
    first, *others = updates
    return reduce(merge, others, merge(current, first))


def effective_updates(current: CardStatus | None, updates: Sequence[CardUpdate]) -> list[CardUpdate]:
    """Return the updates that change something when all are merged in their order."""
    effective = []
    for update in updates:
        merged = merge(current, update)
        if merged is not current:
            effective.append(update)
        current = merged
    return effective


def _begin(update: CardUpdate) -> CardStatus:
    """Return the status of an operation of which nothing else is known."""
    return CardStatus(
        shown=update,
        position=update.position,
        milestones={update.status: update.received},
        sticky=_fields_of(update, update.progress),
    )


def _merge_ranked(current: CardStatus, update: CardUpdate) -> CardStatus:
    known = current.position.progress
    if update.progress > known:
        return _show(current, update, update.progress)
    if update.progress < known:
        return _keep_fields(current, update)
    if _is_repetition(current, update):
        return current
    if current.shown.is_hold:
        # The hold goes on showing, but this is newer than the fields that it came with.
        return _remember(_replace_fields(current, update, known), update)
    # Two contents at one position: the later one to arrive shows.
    return _show(current, update, known)


def _merge_hold(current: CardStatus, update: CardUpdate) -> CardStatus:
    if _is_repetition(current, update):
        return current
    if _has_production_ended(current):
        return _remember(_keep_fields(current, update), update)
    return _show(current, update, max(current.position.progress, update.progress))


def _has_production_ended(current: CardStatus) -> bool:
    """Return whether a pending status can only be older news. A failure may still be overcome."""
    shown = current.shown
    return current.position.progress.rank >= ENDED_RANK or (shown.is_ended and shown.operation_status != FAILED)


def _show(current: CardStatus, update: CardUpdate, progress: Progress) -> CardStatus:
    """Return the status that shows ``update``, whose fields count with ``progress``."""
    if progress == current.position.progress or current.shown.is_hold:
        # What showed until now does not become older news by its progress, so only its digest keeps it away.
        current = _remember(current, current.shown)
    shown = replace(current, shown=update, position=current.position._replace(progress=progress))
    return _replace_fields(shown, update, progress)


def _fields_of(update: CardUpdate, progress: Progress) -> dict[str, StickyField]:
    values = {name: getattr(update, name) for name in STICKY_FIELDS}
    return {name: StickyField(progress, value) for name, value in values.items() if value is not None}


def _replace_fields(current: CardStatus, update: CardUpdate, progress: Progress) -> CardStatus:
    return replace(current, sticky={**current.sticky, **_fields_of(update, progress)})


def _keep_fields(current: CardStatus, update: CardUpdate) -> CardStatus:
    """Take over the sticky fields of older news that no higher update has set."""
    fields = {
        name: kept
        for name, kept in _fields_of(update, update.progress).items()
        if name not in current.sticky or kept.progress > current.sticky[name].progress
    }
    return replace(current, sticky={**current.sticky, **fields}) if fields else current


def _keep_latest_start(status: CardStatus, update: CardUpdate) -> CardStatus:
    """Let the operation count as started in the latest second that D1 named for it."""
    started = update.position.started
    if started <= status.position.started:
        return status
    return replace(status, position=status.position._replace(started=started))


def _mark_milestone(status: CardStatus, update: CardUpdate) -> CardStatus:
    """Remember when a status was first received; the earliest delivery counts, whichever was merged first."""
    known: Instant | None = status.milestones.get(update.status)
    if known is None and len(status.milestones) >= REMEMBERED_MILESTONES and update.status not in KNOWN:
        return status
    if known is not None and known <= update.received:
        return status
    return replace(status, milestones={**status.milestones, update.status: update.received})


def _is_repetition(current: CardStatus, update: CardUpdate) -> bool:
    return update == current.shown or _digest(update) in current.seen_digests


def _remember(status: CardStatus, update: CardUpdate) -> CardStatus:
    return replace(status, seen_digests=(*status.seen_digests, _digest(update))[-REMEMBERED_DIGESTS:])


def _digest(update: CardUpdate) -> str:
    """Return 12 characters that stand for the content of an update, the same in every process, order and release.

    Fields without a value are left out, so that a field that a later release adds makes no remembered content new.
    """
    content = {name: value for name, value in asdict(update).items() if value is not None and name != "received"}
    return blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=6).hexdigest()
