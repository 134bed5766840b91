"""The law of merge through storage: each update is merged into a status that was written and read back.

All variants of a history run side by side, each as a card of its own, so that a step of all takes two requests.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.adapters.status_items import StatusChange, StoredStatus
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from card_tracking.domain.merge import merge_all
from card_tracking.domain.update import CardUpdate
from tests.proof.engines import TableEngine
from tests.proof.expectations import content_of
from tests.properties.strategies import any_histories, histories

_NUMBERS = count()
DEADLINE = Deadline()


@pytest.fixture(scope="module")
def store(engine: TableEngine) -> Iterator[NotificationStore]:
    """Give one table for all histories: every card in them has an id of its own."""
    with engine.table("Laws") as name:
        yield NotificationStore(Table(engine.dynamodb, name), retention_days=400)


class StoredCards:
    """Cards whose statuses live in the table alone, merged step by step."""

    def __init__(self, store: NotificationStore, variants: int) -> None:
        self.store = store
        self.card_ids = [f"card-{next(_NUMBERS)}" for _ in range(variants)]

    def read(self) -> dict[str, StoredStatus]:
        """Read the statuses of all cards."""
        return self.store.read(self.card_ids, DEADLINE)

    def merge(self, bodies: Sequence[Sequence[CardUpdate]]) -> list[bool]:
        """Merge one body into each card; return for each whether its status was written anew."""
        stored = self.read()
        changes = []
        for card_id, body in zip(self.card_ids, bodies, strict=True):
            previous = stored.get(card_id)
            before = previous.status if previous else None
            after = merge_all(before, _of_card(card_id, body)) if body else before
            if after is not None and after is not before:
                changes.append(StatusChange(after, previous))
        assert self.store.write(changes, [], DEADLINE) == []
        written = {change.card_id for change in changes}
        return [card_id in written for card_id in self.card_ids]

    def contents(self) -> list[Any]:
        """Return the content of each card's stored status."""
        stored = self.read()
        return [content_of(stored[card_id].status) for card_id in self.card_ids]

    def contents_in_memory(self, history: Sequence[CardUpdate]) -> list[Any]:
        """Return the content that each card's status would have if the history were merged in memory."""
        return [content_of(merge_all(None, _of_card(card_id, history))) for card_id in self.card_ids]


def _of_card(card_id: str, history: Sequence[CardUpdate]) -> list[CardUpdate]:
    return [replace(one, card_id=card_id) for one in history]


def one_by_one(history: Sequence[CardUpdate]) -> list[list[CardUpdate]]:
    """Send each update in a body of its own."""
    return [[one] for one in history]


def variants_of(history: list[CardUpdate], shuffler: random.Random) -> list[list[list[CardUpdate]]]:
    """Return ways to send a history: in its order, reversed, shuffled, repeated, in one body, in overlapping bodies."""
    repeated = history * 2
    shuffler.shuffle(repeated)
    overlapping = [shuffler.sample(history, shuffler.randint(1, len(history))) for _ in range(2)] + [history]
    shuffler.shuffle(overlapping)
    return [
        one_by_one(history),
        one_by_one(history[::-1]),
        one_by_one(shuffler.sample(history, len(history))),
        one_by_one(repeated),
        [history],
        overlapping,
    ]


@given(history=histories(max_size=6), shuffler=st.randoms(use_true_random=False))
def test_every_variant_ends_in_the_same_status(
    store: NotificationStore, history: list[CardUpdate], shuffler: random.Random
) -> None:
    """Every order, split and repetition ends in the stored status that the history gives in memory."""
    variants = variants_of(history, shuffler)
    cards = StoredCards(store, len(variants))
    for step in range(max(map(len, variants))):
        cards.merge([variant[step] if step < len(variant) else [] for variant in variants])
    assert cards.contents() == cards.contents_in_memory(history)


@given(history=any_histories(max_size=6))
def test_no_repetition_is_written(store: NotificationStore, history: list[CardUpdate]) -> None:
    """A repetition of all updates, holds included, writes nothing; storage ends like memory."""
    cards = StoredCards(store, 1)
    for number, one in enumerate(history):
        cards.merge([[one]])
        received = history[: number + 1]
        assert cards.contents() == cards.contents_in_memory(received)
        latest = max(earlier.received for earlier in received)
        assert cards.merge([[replace(earlier, received=latest) for earlier in received]]) == [False]
