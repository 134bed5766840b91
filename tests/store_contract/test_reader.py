"""The reader's questions, answered from the table and its indexes."""

import pytest

from card_tracking.adapters.card_status_reader import MOST_CARDS, CardStatusReader
from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.deadline import Deadline
from card_tracking.domain.statuses import CARD_PROD_READY, DATA_PREPARED
from card_tracking.errors import InvalidQuery
from tests.store_contract.samples import delivery, first_change

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


def test_history_is_paged_in_order(store: NotificationStore, reader: CardStatusReader, deadline: Deadline) -> None:
    """Every delivery of the card, the earliest first, and none of another card."""
    deliveries = [delivery("a", number, f'{{"n": {number}}}') for number in range(30)]
    store.write([], [*deliveries, delivery("ab"), delivery("b")], deadline)
    first = reader.history("a", 20)
    rest = reader.history("a", 20, first.next_token)
    assert [entry.operation["n"] for entry in [*first.entries, *rest.entries]] == list(range(30))
    assert reader.history("absent").entries == []


@pytest.mark.parametrize("token", ["nonsense", "e30=", "bnVsbA==", "W10=", "\u00fc"])
def test_a_foreign_token_is_the_askers_mistake(reader: CardStatusReader, token: str) -> None:
    """A token that no answer gave is refused with a reason, not with a failure of ours."""
    with pytest.raises(InvalidQuery):
        reader.with_status(DATA_PREPARED, 10, token)
    with pytest.raises(InvalidQuery):
        reader.history("a", 10, token)
