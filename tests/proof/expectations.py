"""What must be on record after notifications, told by the domain alone: without storage, faults or races."""

from functools import cache
from typing import TYPE_CHECKING, Any

from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import merge_all
from card_tracking.domain.status import CardStatus
from card_tracking.errors import UnreadableNotification
from card_tracking.wire.notification import read_notification

if TYPE_CHECKING:
    from card_tracking.domain.update import CardUpdate


@cache
def statuses_after(bodies: tuple[str, ...]) -> dict[str, CardStatus]:
    """Merge everything in the order in which it was first sent, without any storage."""
    updates: dict[str, list[CardUpdate]] = {}
    for body in bodies:
        try:
            operations = read_notification(body, Instant(0)).operations
        except UnreadableNotification:
            continue
        for operation in operations:
            if operation.update is not None:
                updates.setdefault(operation.card_id, []).append(operation.update)
    return {card_id: merge_all(None, of_card) for card_id, of_card in updates.items()}


def content_of(status: CardStatus) -> Any:
    """Return all of a status but our own times."""
    return status.shown, status.position, dict(status.sticky), status.seen_digests, sorted(status.milestones)
