"""Where is my card? What an app tells a customer, read from the table with the layer's reader.

Asked with ``{"cardId": …}``; answers a sentence, and what D1 has told of shipment and delivery.
"""

import os
from typing import Any, Final

from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.deadline import Deadline
from card_tracking.domain.statuses import (
    CARD_PROD_CANCELED,
    CARD_PROD_DONE,
    CARD_PROD_EXCEPTION,
    CARD_SHIPPED,
    DATA_EXCEPTION,
)

BEING_MADE: Final = "Your card is being made."
"""For every status without a sentence of its own: D1 adds statuses without notice."""
SENTENCES: Final = {
    CARD_PROD_DONE: "Your card is made and will be on its way soon.",
    CARD_SHIPPED: "Your card is on its way.",
    CARD_PROD_CANCELED: "Your card will not be made. Please call us.",
    DATA_EXCEPTION: "Your card takes longer than usual. We are on it.",
    CARD_PROD_EXCEPTION: "Your card takes longer than usual. We are on it.",
}

reader: Final = CardStatusReader(os.environ["STATUS_TABLE_NAME"])


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one customer. Raises CardTrackingError where the table does not answer in time."""
    status = reader.get(event["cardId"], Deadline(context.get_remaining_time_in_millis))
    if status is None:
        return {"text": "Your card has not been ordered yet."}
    shipment = status.shown.shipment or {}
    return {
        "text": SENTENCES.get(status.shown.status, BEING_MADE),
        "expectedShipment": status.latest("due_date"),
        "expectedDelivery": shipment.get("estimatedDeliveryDate"),
        "trackingUrl": shipment.get("trackingUrl"),
    }
