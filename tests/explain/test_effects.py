"""What each update did is told as the rule that keeps the status did it, with the reason."""

from dataclasses import replace
from typing import Final

import pytest

from card_tracking.domain.instants import Instant
from card_tracking.domain.statuses import FAILED, SUCCESSFUL
from card_tracking.domain.update import CardUpdate
from local.explain.effects import APPLIED, DUPLICATE, SHOWN_FOR_NOW, STALE, SUPERSEDED, UNKNOWN, Effect, replay
from tests.samples import LATER_START, update

REQUESTED: Final = update("CARD_PROD_REQUESTED")
PREPARED: Final = update("DATA_PREPARED", due_date="2026-03-06")
READY: Final = update("CARD_PROD_READY")
SHIPPED: Final = update("CARD_SHIPPED", SUCCESSFUL, shipped="2026-03-07T10:00:00Z")
MOVED: Final = update("CARD_SHIPPED", SUCCESSFUL, shipped="2026-03-07T11:00:00Z")
ON_HOLD: Final = update("CARD_PROD_ON_HOLD")
SECOND_HOLD: Final = update("CARD_PROD_ON_SECOND_HOLD")
DONE: Final = update("CARD_PROD_DONE")
ENDED: Final = update("CARD_PROD_DONE", SUCCESSFUL, end_time="2026-03-06T10:00:00Z")
RENEWED: Final = update("CARD_PROD_REQUESTED", start=LATER_START, operation_id="renewal")


def last(*updates: CardUpdate) -> Effect:
    """Tell the effect of the last of these, received a second after each other."""
    received = [
        replace(one, received=Instant(1_772_442_900_000_000 + 1_000_000 * second)) for second, one in enumerate(updates)
    ]
    return replay(received)[0][-1]


@pytest.mark.parametrize(
    ("updates", "name", "why"),
    [
        ((REQUESTED,), APPLIED, "The first that D1 told of this card's production."),
        ((REQUESTED, READY), APPLIED, "Further than CARD_PROD_REQUESTED, the furthest until then."),
        ((SHIPPED, MOVED), APPLIED, "Later news of the shipment."),
        (
            (READY, RENEWED),
            APPLIED,
            (
                "A newer production than operation 7c1d2f7e-3a55-4e0c-9b1e-5d0f6a2b8c11, which started at "
                "2026-03-02T09:15:00.250Z."
            ),
        ),
        (
            (SHIPPED, replace(SHIPPED, reason="corrected")),
            APPLIED,
            "Another content for the same CARD_SHIPPED: the later one to arrive shows.",
        ),
        (
            (PREPARED, ON_HOLD, READY),
            APPLIED,
            "Further than DATA_PREPARED, the furthest until then, so it replaces CARD_PROD_ON_HOLD.",
        ),
        ((READY, READY), DUPLICATE, "Says the same as what came at 2026-03-02T09:15:00.000Z."),
        ((READY, SHIPPED, READY), DUPLICATE, "Says the same as what came at 2026-03-02T09:15:00.000Z."),
        ((PREPARED, ON_HOLD, READY, ON_HOLD), DUPLICATE, "Says the same as what came at 2026-03-02T09:15:01.000Z."),
        ((SHIPPED, READY), STALE, "Not as far as CARD_SHIPPED, which was known already."),
        ((READY, PREPARED), STALE, "Not as far as CARD_PROD_READY, which was known already. Kept of it: dueDate."),
        (
            (READY, ON_HOLD, replace(READY, due_date="2026-03-26")),
            STALE,
            (
                "No further than CARD_PROD_READY, and only a further status replaces CARD_PROD_ON_HOLD. "
                "Kept of it: dueDate."
            ),
        ),
        ((DONE, ENDED), APPLIED, "The operation has ended."),
        ((ENDED, DONE), STALE, "Pending, and the operation is known to have ended with CARD_PROD_DONE."),
        ((READY, ON_HOLD, SECOND_HOLD, ON_HOLD), DUPLICATE, "Says the same as what came at 2026-03-02T09:15:01.000Z."),
        ((MOVED, SHIPPED), STALE, "Older news of the shipment than what was known already."),
        (
            (READY, ON_HOLD, replace(READY, reason="again")),
            STALE,
            "No further than CARD_PROD_READY, and only a further status replaces CARD_PROD_ON_HOLD.",
        ),
        (
            (RENEWED, SHIPPED),
            SUPERSEDED,
            (
                "Belongs to a production that started at 2026-03-02T09:15:00.250Z; the card is in a newer one, "
                "operation renewal, started at 2026-09-14T07:00:00.000Z."
            ),
        ),
        (
            (READY, ON_HOLD),
            SHOWN_FOR_NOW,
            (
                "It came after CARD_PROD_READY. This status is unknown here, so it shows until a known status "
                "arrives that is further."
            ),
        ),
        (
            (SHIPPED, ON_HOLD),
            UNKNOWN,
            (
                "This status is unknown here, and production had ended with CARD_SHIPPED: a pending status can only be "
                "older."
            ),
        ),
    ],
)
def test_what_an_update_did_and_why(updates: tuple[CardUpdate, ...], name: str, why: str) -> None:
    """Each kind of effect, in a sentence that a person on call understands."""
    assert last(*updates) == Effect(name, why)


def test_an_unknown_failure_is_not_taken_for_the_cancellation() -> None:
    """An unknown failure has the rank of the cancellation, and is named as D1 named it."""
    destroyed = update("CARD_DESTROYED", FAILED)

    assert last(destroyed, READY).why == "Not as far as CARD_DESTROYED, which was known already."


def test_the_first_known_status_replaces_an_unknown_one() -> None:
    """The first known status has no other one to be compared with."""
    assert last(ON_HOLD, REQUESTED).why == "The first known status, so it replaces CARD_PROD_ON_HOLD."


def test_the_status_after_all_is_told() -> None:
    """So that it can be held against the one in the table."""
    effects, status = replay([READY, PREPARED, READY])

    assert [effect.name for effect in effects] == [APPLIED, STALE, DUPLICATE]
    assert status is not None
    assert status.shown == READY


def test_nothing_gives_nothing() -> None:
    """A card of which nothing came has no status."""
    assert replay([]) == ([], None)
