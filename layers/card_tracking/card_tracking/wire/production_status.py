"""D1's answer about one card, on demand: a notification that may be about this card alone."""

from card_tracking.domain.instants import Instant
from card_tracking.errors import AnswerRefused
from card_tracking.wire.notification import Notification, parse_body, read_notification


def read_production_status(body: str, card_id: str, issuer_id: str, received: Instant) -> Notification:
    """Read an answer. Nothing in a path of ours says whose it is, as the callback's does, so it has to say it itself.

    Raises UnreadableNotification as a notification does, and AnswerRefused where any of it names another card, or
    another issuer.
    """
    notification = read_notification(body, received)
    document = parse_body(body)
    operations = [one for one in document["operations"] if isinstance(one, dict)]
    # An operation without a card is malformed, and goes where malformed ones go.
    if any(one["cardId"] != card_id for one in operations if "cardId" in one):
        raise AnswerRefused("the answer is about another card")
    if any(one["issuerId"] != issuer_id for one in (document, *operations) if "issuerId" in one):
        raise AnswerRefused("the answer is for another issuer")
    return notification
