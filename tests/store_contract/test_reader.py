"""The reader's questions, answered from the table and its indexes."""

from datetime import date

import pytest

from card_tracking.adapters.card_status_reader import MOST_CARDS, CardStatusReader
from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.adapters.status_items import status_key
from card_tracking.adapters.table import Table, number
from card_tracking.deadline import Deadline
from card_tracking.domain.statuses import (
    CARD_PROD_CANCELED,
    CARD_PROD_DONE,
    CARD_PROD_READY,
    CARD_SHIPPED,
    DATA_EXCEPTION,
    DATA_PREPARED,
    FAILED,
    PENDING,
    SUCCESSFUL,
)
from card_tracking.errors import InvalidQuery
from tests.store_contract.samples import delivery, first_change, next_change, update

CARDS = [f"card-{number:03}" for number in range(130)]


@pytest.fixture
def stored(store: NotificationStore, deadline: Deadline) -> list[str]:
    """Store the cards: a third of them ready, all of one input file, the first ten of one request of the bank's."""
    changes = [
        first_change(
            card,
            status=DATA_PREPARED if number % 3 else CARD_PROD_READY,
            input_file_name="batch.json",
            issuer_request_id="request-7" if number < 10 else None,
        )
        for number, card in enumerate(CARDS)
    ]
    store.write(changes, [], deadline)
    return CARDS


def test_cards_come_in_the_order_asked(stored: list[str], reader: CardStatusReader) -> None:
    """As many as can be asked for at once; what is asked twice comes once, what is not there is left out."""
    asked = ["absent", *reversed(stored[: MOST_CARDS - 2]), stored[0]]
    assert list(reader.get_many(asked)) == list(reversed(stored[: MOST_CARDS - 2]))
    assert reader.get("absent") is None


def test_too_many_cards_are_refused(reader: CardStatusReader) -> None:
    """One more than an answer holds is a mistake of the asker."""
    with pytest.raises(InvalidQuery):
        reader.get_many(CARDS[: MOST_CARDS + 1])


@pytest.mark.parametrize("limit", [1, 7, 50, 100])
def test_pages_give_every_card_once(stored: list[str], reader: CardStatusReader, limit: int) -> None:
    """Whatever the size of the pages, over all shards of an index: every card, none twice, no page too long."""
    found: list[str] = []
    token = None
    while True:
        page = reader.with_status(CARD_PROD_READY, limit, token)
        assert len(page.entries) <= limit
        found += [status.shown.card_id for status in page.entries]
        token = page.next_token
        if token is None:
            break
    assert sorted(found) == stored[::3]


def test_an_input_file_is_counted_and_listed(stored: list[str], reader: CardStatusReader) -> None:
    """Totals by status, and all cards, over pages."""
    assert reader.count_input_file("batch.json") == {CARD_PROD_READY: 44, DATA_PREPARED: 86}
    first = reader.of_input_file("batch.json", 100)
    rest = reader.of_input_file("batch.json", 100, first.next_token)
    assert sorted(card.shown.card_id for card in [*first.entries, *rest.entries]) == stored
    assert reader.count_input_file("other.json") == {}


def test_a_request_of_the_bank_leads_to_its_cards(stored: list[str], reader: CardStatusReader) -> None:
    """The bank's own correlation identifier is enough to find cards."""
    page = reader.of_issuer_request("request-7", 6)
    rest = reader.of_issuer_request("request-7", 6, page.next_token)
    assert sorted(card.shown.card_id for card in [*page.entries, *rest.entries]) == stored[:10]
    assert rest.next_token is None


def open_cards(reader: CardStatusReader, due_before: date | None, limit: int = 100) -> list[str]:
    """Follow the pages to the end; return the ids of the cards."""
    found: list[str] = []
    token = None
    while True:
        page = reader.open_cards(due_before, limit, token)
        assert len(page.entries) <= limit
        found += [status.shown.card_id for status in page.entries]
        token = page.next_token
        if token is None:
            return sorted(found)


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_open_cards_are_found_by_their_due_date(
    store: NotificationStore, reader: CardStatusReader, deadline: Deadline, limit: int
) -> None:
    """Every card in production once, over all shards and pages; with a day only those that were due before it.

    What D1 tells as a due date and is none keeps a card out of no list but that of the late ones.
    """
    told = {card: f"2026-01-{1 + number % 28:02}" for number, card in enumerate(CARDS[:60])}
    strange = dict(zip("abcde", (None, "", "soon", "2026-02-30", "20260101"), strict=True))
    store.write([first_change(card, due_date=due) for card, due in (told | strange).items()], [], deadline)
    assert open_cards(reader, None, limit) == sorted([*told, *strange])
    for day in (date(2026, 1, 1), date(2026, 1, 15), date(2026, 2, 1)):
        assert open_cards(reader, day, limit) == [card for card, due in told.items() if due < day.isoformat()]


@pytest.mark.parametrize(
    ("status", "operation_status"),
    [
        (CARD_SHIPPED, SUCCESSFUL),
        (CARD_PROD_DONE, SUCCESSFUL),
        (CARD_PROD_CANCELED, PENDING),
        (DATA_EXCEPTION, FAILED),
    ],
)
def test_a_card_whose_production_has_ended_is_not_open(
    store: NotificationStore,
    reader: CardStatusReader,
    table: Table,
    deadline: Deadline,
    status: str,
    operation_status: str,
) -> None:
    """Its end takes it out of the index, also where it is the first that is known; a new production brings it back."""
    store.write([first_change("a", due_date="2026-01-05"), first_change("b", due_date="2026-01-05")], [], deadline)
    ended = update("a", status, operation_status=operation_status, due_date="2026-01-05")
    store.write([next_change(store, ended, deadline)], [], deadline)
    store.write([first_change("c", status=status, operation_status=operation_status)], [], deadline)
    assert open_cards(reader, None) == open_cards(reader, date(2026, 1, 6)) == ["b"]
    items = table.get([status_key(card) for card in "ac"], deadline)
    assert [item.keys() & {"openShard", "dueDate"} for item in items] == [set(), set()]
    again = update("a", operation_id="produce-2", started=ended.started + 1, due_date="2026-03-05")
    store.write([next_change(store, again, deadline)], [], deadline)
    assert open_cards(reader, None) == ["a", "b"]
    assert open_cards(reader, date(2026, 1, 6)) == ["b"]


def test_a_card_that_was_stored_before_there_was_the_index(
    store: NotificationStore, reader: CardStatusReader, table: Table, deadline: Deadline
) -> None:
    """It shows with its next update, and its end is stored although there is no entry to take out."""
    store.write([first_change("a"), first_change("b", due_date="2026-01-05")], [], deadline)
    unknown = ("openShard", "dueDate")
    table.execute([table.update(status_key(card), {"version": number(1)}, unknown) for card in "ab"], deadline)
    assert open_cards(reader, None) == []
    store.write([next_change(store, update("a", CARD_PROD_READY), deadline)], [], deadline)
    store.write([next_change(store, update("b", CARD_SHIPPED, operation_status=SUCCESSFUL), deadline)], [], deadline)
    assert open_cards(reader, None) == ["a"]
    ended = reader.get("b")
    assert ended is not None
    assert ended.shown.status == CARD_SHIPPED


def test_history_is_paged_in_order(store: NotificationStore, reader: CardStatusReader, deadline: Deadline) -> None:
    """Every delivery of the card, the earliest first, and none of another card."""
    deliveries = [delivery("a", number, f'{{"n": {number}}}') for number in range(30)]
    store.write([], [*deliveries, delivery("ab"), delivery("b")], deadline)
    first = reader.history("a", 20)
    rest = reader.history("a", 20, first.next_token)
    assert [entry.operation["n"] for entry in [*first.entries, *rest.entries]] == list(range(30))
    assert reader.history("absent").entries == []
