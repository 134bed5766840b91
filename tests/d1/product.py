"""The product's own reading and merging, without a table: what it would make of a script."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import merge
from card_tracking.errors import UnreadableNotification
from card_tracking.wire.card_document import card_answer
from card_tracking.wire.notification import Notification, read_notification
from local.d1.script import Message

if TYPE_CHECKING:
    from card_tracking.domain.status import CardStatus


def read(message: Message) -> Notification:
    """Read a message as the product does; nothing is in one that is for another issuer, or unreadable."""
    if message.issuer is not None:
        return Notification()
    try:
        return read_notification(message.body.decode("utf-8", "replace"), Instant(0))
    except UnreadableNotification:
        return Notification()


def cards_after(messages: Iterable[Message]) -> dict[str, dict[str, Any]]:
    """Answer of every card what a query would, after messages that arrive in this order."""
    statuses: dict[str, CardStatus] = {}
    for message in messages:
        for operation in read(message).operations:
            if operation.update is not None:
                statuses[operation.card_id] = merge(statuses.get(operation.card_id), operation.update)
    return {card_id: card_answer(status) for card_id, status in statuses.items()}
