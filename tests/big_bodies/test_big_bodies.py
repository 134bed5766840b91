"""Bulk: bodies with thousands of operations finish, or give up in time and come further with each resend."""

import pytest

from card_tracking.use_cases import receive
from tests.big_bodies.bodies import all_failed, most_operations, on_distinct_cards, on_one_card
from tests.big_bodies.trials import with_time_enough, with_too_little_time
from tests.proof.engines import TableEngine

OPERATIONS = 300
"""In these tests; `make prove` takes as many as Lambda admits."""


@pytest.fixture(autouse=True)
def parts_as_small_as_these_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut these bodies into three parts, as the product cuts those of `make prove` into fifteen."""
    monkeypatch.setattr(receive, "CARDS_A_PART", OPERATIONS // 3)


def test_a_request_can_carry_some_fifteen_thousand_operations() -> None:
    """What `make prove` sends is what the largest event carries."""
    assert 12_000 < most_operations() < 25_000


def test_a_bulk_on_distinct_cards_is_stored(engine: TableEngine) -> None:
    """Every card has its status, every operation is in the history."""
    assert with_time_enough(engine, on_distinct_cards(OPERATIONS), OPERATIONS).losses == []


def test_a_bulk_on_one_card_is_stored(engine: TableEngine) -> None:
    """The card has the status of all its updates in a row, and all of them are in its history."""
    assert with_time_enough(engine, on_one_card(OPERATIONS), OPERATIONS).losses == []


def test_a_bulk_of_failures_alerts_for_each(engine: TableEngine) -> None:
    """Each card's failure is alerted once, by the delivery or by the relay."""
    assert with_time_enough(engine, all_failed(OPERATIONS), OPERATIONS, OPERATIONS).losses == []


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_bulk_that_runs_out_of_time_comes_further_with_each_resend(engine: TableEngine, share: float) -> None:
    """With time for a part of the calls only: 503, but more cards have their status each time, until all have."""
    assert with_too_little_time(engine, on_distinct_cards(OPERATIONS), share).losses == []


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_alerts_of_a_bulk_that_runs_out_of_time_come_once(engine: TableEngine, share: float) -> None:
    """Wherever the time ends, what was published is marked: the relay publishes the rest and nothing again."""
    assert with_too_little_time(engine, all_failed(OPERATIONS), share, OPERATIONS).losses == []
