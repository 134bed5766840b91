"""Statuses and deliveries in the table: written over what was read, and never over anything else."""

import json

import pytest

from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.deadline import Deadline
from card_tracking.domain.statuses import CARD_PROD_READY, CARD_SHIPPED, DATA_PREPARED
from tests.proof.invocations import Invocation
from tests.store_contract.samples import delivery, first_change, next_change, update


def test_a_status_comes_back_as_it_was_stored(store: NotificationStore, deadline: Deadline) -> None:
    """All of it, with what it remembers, under version 1."""
    change = first_change("a", input_file_name="f.json", shipment={"carrier": "Quick", "n": [1, None, "\u00fc"]})
    assert store.write([change], [], deadline) == []
    stored = store.read(["a", "absent"], deadline)
    assert stored.keys() == {"a"}
    assert stored["a"].status == change.status
    assert stored["a"].version == 1


def test_of_two_first_statuses_one_is_stored(store: NotificationStore, deadline: Deadline) -> None:
    """Both found nothing: the later one loses, is told so, and reads what the winner stored."""
    winner, loser = first_change("a"), first_change("a", status=CARD_PROD_READY)
    assert store.write([winner], [], deadline) == []
    assert store.write([loser], [], deadline) == [loser]
    assert store.read(["a"], deadline)["a"].status == winner.status


def test_of_two_changes_over_one_version_one_is_stored(store: NotificationStore, deadline: Deadline) -> None:
    """Both read the same version: the later one loses; over the winner's version it is stored."""
    store.write([first_change("a")], [], deadline)
    winner = next_change(store, update("a", CARD_PROD_READY), deadline)
    loser = next_change(store, update("a", CARD_SHIPPED), deadline)
    assert store.write([winner], [], deadline) == []
    assert store.write([loser], [], deadline) == [loser]
    assert store.write([next_change(store, update("a", CARD_SHIPPED), deadline)], [], deadline) == []
    stored = store.read(["a"], deadline)["a"]
    assert (stored.status.shown.status, stored.version) == (CARD_SHIPPED, 3)


def test_losers_are_told_among_winners(store: NotificationStore, deadline: Deadline) -> None:
    """Of sixty changes over three calls those that lost are returned, and only those."""
    store.write([first_change(str(card)) for card in range(0, 60, 3)], [], deadline)
    changes = [first_change(str(card), status=CARD_PROD_READY) for card in range(60)]
    lost = store.write(changes, [delivery(str(card)) for card in range(60)], deadline)
    assert [change.status.shown.card_id for change in lost] == [str(card) for card in range(0, 60, 3)]


@pytest.mark.parametrize("cards", [1, 12, 13, 40])
def test_deliveries_are_recorded_however_many(
    store: NotificationStore, reader: CardStatusReader, deadline: Deadline, cards: int
) -> None:
    """In the same call as the statuses or in calls of their own; and once, also where all of it is done again."""
    changes = [first_change(str(card)) for card in range(cards)]
    deliveries = [delivery(str(card), card, json.dumps({"n": card})) for card in range(cards)]
    store.write(changes, deliveries, deadline)
    store.write(changes, deliveries, deadline)
    for card in range(cards):
        (recorded,) = reader.history(str(card)).entries
        assert recorded.operation == {"n": card}
        assert recorded.correlation_id == "correlation"


def test_a_small_notification_is_one_request(
    store: NotificationStore, deadline: Deadline, invocation: Invocation
) -> None:
    """Twelve statuses and twelve deliveries go in one call."""
    store.write([first_change(str(card)) for card in range(12)], [delivery(str(card)) for card in range(12)], deadline)
    assert [call.operation for call in invocation.calls] == ["BatchExecuteStatement"]


def test_an_index_key_that_is_no_longer_told_leaves_the_index(
    store: NotificationStore, reader: CardStatusReader, deadline: Deadline
) -> None:
    """A newer production without an input file takes the card out of the file's cards, and to its own status."""
    store.write([first_change("a", input_file_name="f.json", issuer_request_id="r-1")], [], deadline)
    assert [card.shown.card_id for card in reader.of_input_file("f.json").entries] == ["a"]
    assert [card.shown.card_id for card in reader.of_issuer_request("r-1").entries] == ["a"]
    newer = update("a", CARD_PROD_READY, operation_id="renew-1", started=update("a").started + 1_000_000)
    store.write([next_change(store, newer, deadline)], [], deadline)
    assert reader.of_input_file("f.json").entries == []
    assert reader.count_input_file("f.json") == {}
    assert reader.of_issuer_request("r-1").entries == []
    assert reader.with_status(DATA_PREPARED).entries == []
    assert [card.shown.card_id for card in reader.with_status(CARD_PROD_READY).entries] == ["a"]
