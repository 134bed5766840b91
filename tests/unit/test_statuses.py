"""The ladder of a card's production."""

import pytest

from card_tracking.domain.statuses import FAILED, PENDING, RANKS, SUCCESSFUL, UNRANKED, rank

LADDER = (
    "CARD_PROD_REQUESTED",
    "DATA_PREPARED",
    "DATA_EXCEPTION",
    "CARD_PROD_READY",
    "CARD_PROD_ONGOING",
    "CARD_PROD_EXCEPTION",
    "CARD_PROD_DONE",
    "CARD_PROD_CANCELED",
    "CARD_SHIPPED",
)


def test_ladder() -> None:
    """D1's statuses stand in the order in which a card goes through them, failures just above what they can follow."""
    assert sorted(LADDER, key=RANKS.__getitem__) == list(LADDER)
    assert len({RANKS[status] for status in LADDER}) == len(LADDER)


def test_stored_ranks() -> None:
    """Ranks are part of the stored format: a change of one would misread every item in the table."""
    assert RANKS == {
        "UNKNOWN": 0,
        "CARD_PROD_REQUESTED": 10,
        "DATA_PREPARED": 20,
        "DATA_EXCEPTION": 25,
        "CARD_PROD_READY": 30,
        "CARD_PROD_ONGOING": 40,
        "CARD_PROD_EXCEPTION": 45,
        "CARD_PROD_DONE": 50,
        "CARD_PROD_CANCELED": 55,
        "CARD_SHIPPED": 60,
    }


@pytest.mark.parametrize("operation_status", [PENDING, SUCCESSFUL, FAILED, "ANYTHING_ELSE"])
@pytest.mark.parametrize("status", LADDER)
def test_known_status(status: str, operation_status: str) -> None:
    """A known status has its place whatever the state of the operation: D1 documents that state for some only."""
    assert rank(status, operation_status) == RANKS[status]


@pytest.mark.parametrize(
    ("operation_status", "place"), [(FAILED, 55), (SUCCESSFUL, 70), (PENDING, UNRANKED), ("PAUSED", UNRANKED)]
)
def test_unknown_status(operation_status: str, place: int) -> None:
    """An unknown status is placed by its operation: failed ends production, successful is past shipping."""
    assert rank("CARD_RETURNED", operation_status) == place
