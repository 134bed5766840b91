"""Unknown statuses of a pending operation: shown from their arrival until news of a known stage."""

import pytest

from card_tracking.domain.merge import REMEMBERED_DIGESTS, merge
from card_tracking.domain.statuses import FAILED, SUCCESSFUL
from card_tracking.domain.update import CardUpdate
from tests.samples import LATER_START, update
from tests.unit.test_merge import merged

READY = update("CARD_PROD_READY")
ON_HOLD = update("CARD_ON_HOLD")
ONGOING = update("CARD_PROD_ONGOING")


def test_shows_from_its_arrival() -> None:
    """An on-hold state shows over the stage that the card has reached, whose position is kept."""
    status = merged(READY, ON_HOLD)
    assert status.shown == ON_HOLD
    assert status.position == READY.position


def test_is_replaced_by_the_next_known_stage() -> None:
    """The next stage lifts it."""
    assert merged(READY, ON_HOLD, ONGOING).shown == ONGOING


@pytest.mark.parametrize("late", [READY, update("CARD_PROD_READY", reason="other"), update("DATA_PREPARED")])
def test_is_not_replaced_by_no_further_status(late: CardUpdate) -> None:
    """A hold goes on showing after a redelivery, another content of the same status, or an earlier status."""
    assert merge(merged(READY, ON_HOLD), late).shown == ON_HOLD


def test_due_date_renewed_during_a_hold() -> None:
    """A new content of the status under a hold renews the sticky fields, also those that the hold came with."""
    old = update("CARD_PROD_READY", due_date="2026-03-06", production_site="Gemenos")
    hold = update("CARD_ON_HOLD", due_date="2026-03-08")
    new = update("CARD_PROD_READY", due_date="2026-03-26", production_site="Pont-Audemer")
    status = merged(old, hold, new)
    assert status.shown == hold
    for after in (status, merge(status, ONGOING)):
        assert (after.latest("due_date"), after.latest("production_site")) == ("2026-03-26", "Pont-Audemer")


@pytest.mark.parametrize("repeated", ["old", "hold", "new"])
def test_repetition_during_a_hold_renews_nothing(repeated: str) -> None:
    """A repetition of a content that was received before, or under, the hold changes nothing."""
    contents = {
        "old": update("CARD_PROD_READY", due_date="2026-03-06"),
        "hold": update("CARD_ON_HOLD", due_date="2026-03-08"),
        "new": update("CARD_PROD_READY", due_date="2026-03-26"),
    }
    status = merged(*contents.values())
    assert merge(status, contents[repeated]) is status
    later = merge(status, ONGOING)
    assert merge(later, contents[repeated]) is later


def test_repetition_of_the_content_under_a_hold() -> None:
    """A redelivery of the status that a hold covers does not undo the due date that came with the hold."""
    covered = update("CARD_PROD_READY", due_date="2026-03-06")
    status = merged(covered, update("CARD_ON_HOLD", due_date="2026-03-08"))
    assert merge(status, covered) is status
    assert status.latest("due_date") == "2026-03-08"


def test_is_never_applied_twice() -> None:
    """A redelivery does not bring it back once it was replaced; the status is the very same object."""
    status = merged(READY, ON_HOLD, ONGOING)
    assert merge(status, ON_HOLD) is status


def test_two_of_them() -> None:
    """A second one replaces the first, which a redelivery does not bring back."""
    second = update("CARD_ON_SECOND_HOLD")
    status = merged(READY, ON_HOLD, second)
    assert status.shown == second
    assert merge(status, ON_HOLD) is status
    assert merge(status, second) is status


def test_two_of_them_before_any_stage() -> None:
    """The same holds where nothing else is known of the card yet; the first known stage then shows."""
    second = update("CARD_ON_SECOND_HOLD")
    status = merged(ON_HOLD, second)
    assert status.shown == second
    assert merge(status, ON_HOLD) is status
    assert merge(status, update("CARD_PROD_REQUESTED")).shown.status == "CARD_PROD_REQUESTED"


def test_an_update_without_status_does_not_lift_it() -> None:
    """A hold is more than nothing: an operation without details.status does not replace it, in either order."""
    unnamed = update("UNKNOWN")
    assert merged(ON_HOLD, unnamed).shown == merged(unnamed, ON_HOLD).shown == ON_HOLD


def test_shows_again_with_other_news() -> None:
    """The same unknown status with another content is news, so it shows."""
    again = update("CARD_ON_HOLD", reason="address to be checked")
    assert merged(READY, ON_HOLD, ONGOING, again).shown == again


@pytest.mark.parametrize(
    "end",
    [
        update("CARD_PROD_CANCELED"),
        update("CARD_PROD_DONE", SUCCESSFUL),
        update("CARD_PROD_DONE", end_time="2026-03-06T10:00:00Z"),
        update("CARD_SHIPPED", SUCCESSFUL),
        update("CARD_LOST", FAILED),
        update("CARD_RETURNED", SUCCESSFUL),
    ],
)
def test_never_shows_after_the_end(end: CardUpdate) -> None:
    """A hold that arrives after the end of production is older news: it does not show, and never will."""
    status = merged(end, ON_HOLD)
    assert status.shown == end
    assert merge(status, ON_HOLD) is status


def test_repetition_after_a_failure_that_follows_an_end() -> None:
    """A hold that did not show because production had ended does not show when it is repeated after a failure."""
    ended = update("CARD_PROD_REQUESTED", end_time="2026-03-06T10:00:00Z")
    status = merged(ended, ON_HOLD, update("DATA_EXCEPTION", FAILED))
    assert merge(status, ON_HOLD) is status


@pytest.mark.parametrize("failure", [update("DATA_EXCEPTION", FAILED), update("CARD_PROD_EXCEPTION", FAILED)])
def test_shows_after_a_failure_that_can_be_overcome(failure: CardUpdate) -> None:
    """A failure that is not the end can be followed by a hold."""
    assert merged(failure, ON_HOLD).shown == ON_HOLD


def test_a_newer_operation_forgets_it() -> None:
    """What an older operation applied is forgotten: a newer one may be on hold in the same words."""
    renewal = update("CARD_PROD_REQUESTED", start=LATER_START, operation_id="B")
    held = update("CARD_ON_HOLD", start=LATER_START, operation_id="B")
    assert merged(READY, ON_HOLD, ONGOING, renewal, held).shown == held


def test_memory_is_bounded() -> None:
    """A sender that never stops inventing statuses does not make the item grow without end."""
    status = merged(READY, *[update(f"INVENTED_{number}") for number in range(3 * REMEMBERED_DIGESTS)])
    assert len(status.seen_digests) == REMEMBERED_DIGESTS
    assert status.shown.status == f"INVENTED_{3 * REMEMBERED_DIGESTS - 1}"
    assert merge(status, update(f"INVENTED_{2 * REMEMBERED_DIGESTS}")) is status
