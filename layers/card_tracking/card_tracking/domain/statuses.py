"""The states of a physical card in production, and which of two stands higher.

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

UNNAMED: Final = "UNKNOWN"
"""Shown for a card of which D1 has said that it is produced, but not in which state it is."""

PENDING: Final = "PENDING"
SUCCESSFUL: Final = "SUCCESSFUL"
FAILED: Final = "FAILED"

RANKS: Final = {
    UNNAMED: 0,
    CARD_PROD_REQUESTED: 10,
    DATA_PREPARED: 20,
    # A failure stands just above the last stage that it can follow: a later stage means that it was overcome.
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
UNPLACED_RANK: Final = 5
"""An unknown status of a pending operation has no place of its own; as a rank it stands below every stage, and above
the saying of none."""

ENDED_RANK: Final = 55
"""From here on production has ended: nothing that is still pending can follow."""

KNOWN: Final = frozenset(RANKS) - {UNNAMED}


def rank(status: str, operation_status: str) -> int:
    """Say how far a card has come, as a number; UNPLACED_RANK where the status alone cannot tell.

    D1 adds statuses without notice ("treat unknown details.status values as forward-compatible"), so an unknown
    one is placed by the state of its operation: failed beside the cancellation, successful above the shipment.
    """
    known = RANKS.get(status)
    if known is not None:
        return known
    if operation_status == FAILED:
        return UNKNOWN_FAILED_RANK
    if operation_status == SUCCESSFUL:
        return UNKNOWN_SUCCESSFUL_RANK
    return UNPLACED_RANK
