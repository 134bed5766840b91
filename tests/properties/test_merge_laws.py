"""The laws of merge, which the whole system rests on: arrival decides nothing."""

import itertools
import random
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from card_tracking.domain.merge import merge, merge_all
from card_tracking.domain.status import FACTS, CardStatus
from card_tracking.domain.statuses import FAILED, SUCCESSFUL
from card_tracking.domain.update import CardUpdate
from tests.properties.strategies import histories, updates
from tests.samples import LATER_START, update


def outcome(status: CardStatus | None) -> Any:
    """Tell everything of a status but the times of receipt."""
    assert status is not None
    return status.shown, status.position, set(status.milestones), status.carried, status.applied


@given(histories(), st.randoms(use_true_random=False))
def test_order_is_nothing(history: list[CardUpdate], shuffler: random.Random) -> None:
    """Updates with distinct positions end in the same status in every order: the highest shows."""
    shuffled = list(history)
    shuffler.shuffle(shuffled)
    status = merge_all(None, shuffled)
    assert outcome(status) == outcome(merge_all(None, history))
    assert status is not None
    assert status.shown == max(history, key=lambda one: one.position)


@given(histories(), st.randoms(use_true_random=False), st.integers(1, 3))
def test_repetition_is_nothing(history: list[CardUpdate], shuffler: random.Random, times: int) -> None:
    """Every update may come any number of times, at any time."""
    repeated = history * (times + 1)
    shuffler.shuffle(repeated)
    assert outcome(merge_all(None, repeated)) == outcome(merge_all(None, history))


@given(histories(), st.randoms(use_true_random=False))
def test_splitting_is_nothing(history: list[CardUpdate], shuffler: random.Random) -> None:
    """One body with all updates ends like a body for each, in any order of bodies and with overlaps."""
    bodies = [shuffler.sample(history, shuffler.randint(1, len(history))) for _ in range(3)] + [history]
    shuffler.shuffle(bodies)
    status: CardStatus | None = None
    for one in bodies:
        status = merge_all(status, one)
    assert outcome(status) == outcome(merge_all(None, history))


@given(histories())
def test_facts_are_of_the_highest_teller(history: list[CardUpdate]) -> None:
    """A fact is what the highest update of the newest operation that tells it says, as a reference counts it."""
    status = merge_all(None, history)
    assert status is not None
    newest = [one for one in history if one.position.operation == status.position.operation]
    for name in FACTS:
        tellers = [one for one in newest if getattr(one, name) is not None]
        expected = getattr(max(tellers, key=lambda one: one.position), name) if tellers else None
        assert status.fact(name) == expected


@given(histories())
def test_milestones_are_the_earliest_receipts(history: list[CardUpdate]) -> None:
    """A milestone is the earliest receipt of its status in the newest operation, in every order of arrival."""
    status = merge_all(None, history)
    assert status is not None
    newest = [one for one in history if one.position.operation == status.position.operation]
    assert status.milestones == {
        name: min(one.received for one in newest if one.status == name) for name in {one.status for one in newest}
    }


@given(st.lists(updates(), min_size=1, max_size=10), updates())
def test_position_never_falls(history: list[CardUpdate], one: CardUpdate) -> None:
    """Whatever arrives, unknown statuses included, the position never decreases."""
    before = merge_all(None, history)
    after = merge(before, one)
    assert after.position >= before.position


@given(st.lists(updates(), min_size=1, max_size=10), st.data())
def test_duplicates_change_nothing(history: list[CardUpdate], data: st.DataObject) -> None:
    """A redelivery of anything that came before, received later, returns the very same object."""
    status = merge_all(None, history)
    duplicate = data.draw(st.sampled_from(history))
    later = replace(duplicate, received=max(one.received for one in history))
    assert status is not None
    assert merge(status, later) is status


@given(st.lists(updates(), min_size=1, max_size=8))
def test_what_shows_was_told(history: list[CardUpdate]) -> None:
    """A status never invents: what shows is one of the updates, of the newest operation."""
    status = merge_all(None, history)
    assert status is not None
    assert status.shown in history
    assert status.shown.position.operation == max(one.position.operation for one in history)


LIFE_WITH_A_FAILURE = (
    update("CARD_PROD_REQUESTED", input_file_name="orders.xml"),
    update("DATA_EXCEPTION", FAILED, error_code="FIELD_INVALID_FORMAT"),
    update("DATA_PREPARED", due_date="2026-03-06"),
    update("CARD_PROD_READY", due_date="2026-03-07"),
    update("CARD_PROD_ONGOING"),
    update("CARD_PROD_DONE"),
    update("CARD_SHIPPED", SUCCESSFUL, production_site="Lyon"),
    update("CARD_SHIPPED", SUCCESSFUL, shipped="2026-03-08T08:00:00+01:00"),
)


def test_every_order_of_a_whole_life() -> None:
    """All 40,320 orders of a card's life with one failure end in the same status."""
    expected = outcome(merge_all(None, LIFE_WITH_A_FAILURE))
    assert expected[0] == LIFE_WITH_A_FAILURE[-1]
    for order in itertools.permutations(LIFE_WITH_A_FAILURE):
        assert outcome(merge_all(None, order)) == expected


def test_every_order_of_two_lives() -> None:
    """All orders of the ends of one production and the beginning of the next end in the newer one."""
    renewal = [
        update(status, start=LATER_START, operation_id="B", due_date=due)
        for status, due in (("CARD_PROD_REQUESTED", "2026-09-20"), ("DATA_PREPARED", None), ("CARD_PROD_READY", None))
    ]
    both = [*LIFE_WITH_A_FAILURE[-4:], *renewal]
    expected = outcome(merge_all(None, renewal))
    for order in itertools.permutations(both):
        assert outcome(merge_all(None, order)) == expected
