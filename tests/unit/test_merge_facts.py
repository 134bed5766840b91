"""Facts and times that a status keeps from updates that it does not show."""

import itertools

import pytest

from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import REMEMBERED_MILESTONES, merge
from card_tracking.domain.status import STICKY_FIELDS
from card_tracking.domain.statuses import FAILED, KNOWN, SUCCESSFUL
from tests.samples import LATER_START, update
from tests.unit.test_merge import merged


@pytest.mark.parametrize("fact", STICKY_FIELDS)
def test_outlives_its_update(fact: str) -> None:
    """A fact stays known when later updates leave it out, in either order of arrival."""
    told, silent = update("DATA_PREPARED", **{fact: "told"}), update("CARD_PROD_READY")
    for status in (merged(told, silent), merged(silent, told)):
        assert status.shown == silent
        assert status.latest(fact) == "told"
    assert merged(told, silent) == merged(silent, told)


@pytest.mark.parametrize("fact", STICKY_FIELDS)
def test_the_highest_teller_counts(fact: str) -> None:
    """Of several that tell a fact the highest is believed, in every order of arrival."""
    updates = [
        update("CARD_PROD_REQUESTED", **{fact: "first"}),
        update("DATA_PREPARED", **{fact: "second"}),
        update("CARD_PROD_READY"),
        update("CARD_SHIPPED", SUCCESSFUL, shipped="2026-03-07T08:00:00Z"),
    ]
    for order in itertools.permutations(updates):
        assert merged(*order).latest(fact) == "second"


def test_told_at_two_times_of_one_stage() -> None:
    """Within a stage the later progress of the shipment is believed."""
    early = update("CARD_SHIPPED", SUCCESSFUL, shipped="2026-03-07T08:00:00Z", production_site="early")
    late = update("CARD_SHIPPED", SUCCESSFUL, shipped="2026-03-08T08:00:00Z", production_site="late")
    last = update("CARD_SHIPPED", SUCCESSFUL, shipped="2026-03-09T08:00:00Z")
    for order in itertools.permutations([early, late, last]):
        assert merged(*order).latest("production_site") == "late"


def test_told_in_two_ways_at_one_place() -> None:
    """Of two that differ at one place the first to arrive is believed, so that redeliveries of both change nothing."""
    one, other = update("DATA_PREPARED", due_date="2026-03-06"), update("DATA_PREPARED", due_date="2026-03-07")
    status = merged(update("CARD_PROD_READY"), one, other)
    assert status.latest("due_date") == "2026-03-06"
    assert merge(status, other) is status
    assert merge(status, one) is status


def test_unknown_fact() -> None:
    """A fact that nobody told is None."""
    assert merged(update("DATA_PREPARED")).latest("due_date") is None


def test_a_newer_operation_knows_nothing_of_it() -> None:
    """Facts belong to one operation: a renewal has a due date of its own or none."""
    old = update("DATA_PREPARED", due_date="2026-03-06")
    new = update("CARD_PROD_REQUESTED", start=LATER_START, operation_id="B")
    assert merged(old, new).latest("due_date") is None
    assert merged(new, old).latest("due_date") is None


def test_everything_else_goes_with_its_update() -> None:
    """An error is true of the failure that told it, not of the stages after it."""
    failure = update("DATA_EXCEPTION", FAILED, error="name", error_code="E1", reason="r", end_time="t")
    shown = merged(failure, update("CARD_PROD_READY")).shown
    assert (shown.error, shown.error_code, shown.reason, shown.end_time) == (None, None, None, None)


def test_unknown_status_tells_facts() -> None:
    """A fact told by an unknown status stays known when the next stage leaves it out."""
    status = merged(update("CARD_PROD_READY"), update("ON_HOLD", due_date="2026-03-09"), update("CARD_PROD_ONGOING"))
    assert status.latest("due_date") == "2026-03-09"


def test_milestones() -> None:
    """The status keeps for each stage when it was first received, whichever was merged first."""
    requested = update("CARD_PROD_REQUESTED", received=Instant(50))
    prepared = update("DATA_PREPARED", received=Instant(10))
    prepared_again = update("DATA_PREPARED", received=Instant(5))
    status = merged(prepared, requested, prepared_again)
    assert status.milestones == {"DATA_PREPARED": 5, "CARD_PROD_REQUESTED": 50}
    assert status.shown.received == 10


def test_later_delivery_is_no_milestone() -> None:
    """A redelivery, which is received later, changes no milestone and no status."""
    status = merged(update("DATA_PREPARED", received=Instant(10)))
    assert merge(status, update("DATA_PREPARED", received=Instant(11))) is status


def test_a_stale_stage_has_a_milestone() -> None:
    """A stage that arrives late does not show, but that it was reached is kept."""
    status = merged(update("CARD_PROD_READY"), update("DATA_PREPARED", received=Instant(9)))
    assert status.shown.status == "CARD_PROD_READY"
    assert status.milestones["DATA_PREPARED"] == 9


def test_milestones_are_bounded() -> None:
    """A sender that never stops inventing statuses does not make the item grow without end."""
    status = merged(*[update(f"INVENTED_{number}", FAILED) for number in range(2 * REMEMBERED_MILESTONES)])
    assert len(status.milestones) == REMEMBERED_MILESTONES


@pytest.mark.parametrize("known", sorted(KNOWN))
def test_known_milestones_find_room(known: str) -> None:
    """Whatever was invented before, that a stage we know was reached is kept: contradictions are told by it."""
    invented = [update(f"INVENTED_{number}", FAILED) for number in range(REMEMBERED_MILESTONES)]
    assert merged(*invented, update(known, received=Instant(9))).milestones[known] == 9
