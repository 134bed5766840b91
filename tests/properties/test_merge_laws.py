"""The law of merge, which the whole system rests on: the order of arrival decides nothing."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from card_tracking.domain.merge import merge, merge_all
from card_tracking.domain.status import STICKY_FIELDS, CardStatus
from card_tracking.domain.statuses import FAILED, SUCCESSFUL
from card_tracking.domain.update import CardUpdate
from tests.properties.strategies import any_histories, histories, updates
from tests.samples import LATER_START, update


def outcome(status: CardStatus | None) -> Any:
    """Return everything of a status but the times of receipt."""
    assert status is not None
    return status.shown, status.position, set(status.milestones), status.sticky, status.seen_digests


def newest_operation(history: Sequence[CardUpdate]) -> list[CardUpdate]:
    """Return the updates of the newest operation, counted without the product's own comparison."""
    latest = max((one.started // 1_000_000, one.operation_id) for one in history)[1]
    return [one for one in history if one.operation_id == latest]


def progress_of(one: CardUpdate) -> Any:
    """Return what orders the updates of one operation, written out once more."""
    ended = one.operation_status in {"SUCCESSFUL", "FAILED"} or one.end_time is not None
    return one.progress.rank, ended, one.shipment_updated


@given(histories(), st.randoms(use_true_random=False))
def test_order_of_arrival_decides_nothing(history: list[CardUpdate], shuffler: random.Random) -> None:
    """Updates with distinct positions end in the same status in every order: the highest shows."""
    shuffled = list(history)
    shuffler.shuffle(shuffled)
    status = merge_all(None, shuffled)
    assert outcome(status) == outcome(merge_all(None, history))
    assert status.shown == max(newest_operation(history), key=progress_of)


@given(histories(), st.randoms(use_true_random=False), st.integers(1, 3))
def test_repetitions_decide_nothing(history: list[CardUpdate], shuffler: random.Random, times: int) -> None:
    """Every update may arrive any number of times, at any time."""
    repeated = history * (times + 1)
    shuffler.shuffle(repeated)
    assert outcome(merge_all(None, repeated)) == outcome(merge_all(None, history))


@given(histories(), st.randoms(use_true_random=False))
def test_bodies_decide_nothing(history: list[CardUpdate], shuffler: random.Random) -> None:
    """One body with all updates ends like a body for each, in any order of bodies and with overlaps."""
    bodies = [shuffler.sample(history, shuffler.randint(1, len(history))) for _ in range(3)] + [history]
    shuffler.shuffle(bodies)
    status: CardStatus | None = None
    for one in bodies:
        status = merge_all(status, one)
    assert outcome(status) == outcome(merge_all(None, history))


@given(histories())
def test_sticky_fields_come_from_the_highest_update(history: list[CardUpdate]) -> None:
    """A sticky field has the value of the highest update of the newest operation that names it."""
    status = merge_all(None, history)
    for name in STICKY_FIELDS:
        naming = [one for one in newest_operation(history) if getattr(one, name) is not None]
        expected = getattr(max(naming, key=progress_of), name) if naming else None
        assert status.latest(name) == expected


@given(histories())
def test_milestones_are_the_earliest_receipts(history: list[CardUpdate]) -> None:
    """A milestone is the earliest receipt of its status in the newest operation, in every order of arrival."""
    status = merge_all(None, history)
    newest = newest_operation(history)
    assert status.milestones == {
        name: min(one.received for one in newest if one.status == name) for name in {one.status for one in newest}
    }


@given(histories())
def test_an_operation_starts_in_its_latest_second(history: list[CardUpdate]) -> None:
    """An operation whose ``startTime`` comes in two seconds counts as started in the later one."""
    latest = max(one.started // 1_000_000 for one in newest_operation(history))
    assert merge_all(None, history).position.started == latest * 1_000_000


@given(any_histories(max_size=10), updates())
def test_position_never_falls(history: list[CardUpdate], one: CardUpdate) -> None:
    """Whatever arrives, holds included, the position never decreases."""
    before = merge_all(None, history)
    assert merge(before, one).position >= before.position


@given(any_histories(max_size=10), st.data())
def test_a_repetition_changes_nothing(history: list[CardUpdate], data: st.DataObject) -> None:
    """A redelivery of an update of the operation on record, received later, returns the very same object."""
    status = merge_all(None, history)
    duplicate = data.draw(st.sampled_from(history))
    later = replace(duplicate, received=max(one.received for one in history))
    assert merge(status, later) is status


@given(any_histories(max_size=8))
def test_what_shows_was_received(history: list[CardUpdate]) -> None:
    """A status never invents: what shows is one of the updates, of the newest operation."""
    status = merge_all(None, history)
    assert status.shown in newest_operation(history)


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
