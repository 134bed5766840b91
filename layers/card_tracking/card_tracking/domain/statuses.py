"""The statuses of a physical card in production, and the rank of each.

Source: the status table of D1's "Track production" page and its status transition diagram.
"""

from typing import Final

CARD_PROD_REQUESTED: Final = "CARD_PROD_REQUESTED"
DATA_PREPARED: Final = "DATA_PREPARED"
DATA_EXCEPTION: Final = "DATA_EXCEPTION"
CARD_PROD_READY: Final = "CARD_PROD_READY"
CARD_PROD_ONGOING: Final = "CARD_PROD_ONGOING"
CARD_PROD_EXCEPTION: Final = "CARD_PROD_EXCEPTION"
CARD_PROD_DONE: Final = "CARD_PROD_DONE"
CARD_PROD_CANCELED: Final = "CARD_PROD_CANCELED"
CARD_SHIPPED: Final = "CARD_SHIPPED"

NO_STATUS: Final = "UNKNOWN"
"""Status of a card whose update has no ``details.status``: it is in production, but D1 has not named its status."""

PENDING: Final = "PENDING"
SUCCESSFUL: Final = "SUCCESSFUL"
FAILED: Final = "FAILED"

# Ranks are part of the stored format (``wire.card_document`` writes milestones and progress by rank): never change one.
RANKS: Final = {
    NO_STATUS: 0,
    CARD_PROD_REQUESTED: 10,
    DATA_PREPARED: 20,
    # A failure ranks just above the last status that it can follow: a later status means that it was overcome.
    DATA_EXCEPTION: 25,
    CARD_PROD_READY: 30,
    CARD_PROD_ONGOING: 40,
    CARD_PROD_EXCEPTION: 45,
    CARD_PROD_DONE: 50,
    CARD_PROD_CANCELED: 55,
    CARD_SHIPPED: 60,
}
UNKNOWN_FAILED_RANK: Final = 55
UNKNOWN_SUCCESSFUL_RANK: Final = 70
UNRANKED: Final = 5
"""In place of a rank, for an unknown status of a pending operation: below every known status, above NO_STATUS."""

ENDED_RANK: Final = 55
"""From this rank on production has ended: nothing that is still pending can follow."""

KNOWN: Final = frozenset(RANKS) - {NO_STATUS}


def rank(status: str, operation_status: str) -> int:
    """Return how far a card is in production, as a number; UNRANKED if it cannot be known.

    D1 adds statuses without notice ("treat unknown details.status values as forward-compatible"), so an unknown
    one is ranked by its operation status: FAILED like the cancellation, SUCCESSFUL above the shipment.
    """
    known = RANKS.get(status)
    if known is not None:
        return known
    if operation_status == FAILED:
        return UNKNOWN_FAILED_RANK
    if operation_status == SUCCESSFUL:
        return UNKNOWN_SUCCESSFUL_RANK
    return UNRANKED
