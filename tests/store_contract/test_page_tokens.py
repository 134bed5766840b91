"""Tokens of pages are bound to their query, and no token that somebody wrote is a failure of ours."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import date
from itertools import permutations
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card_tracking.adapters.card_status_reader import CardStatusReader, Page, RecordedDelivery
from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.adapters.page_tokens import MAX_TOKEN_CHARACTERS
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from card_tracking.domain.statuses import CARD_PROD_READY, DATA_PREPARED
from card_tracking.errors import InvalidQuery
from tests.store_contract.samples import delivery, first_change

Query = Callable[[CardStatusReader, int, str | None], Page[Any]]

QUERIES: Final[dict[str, Query]] = {
    "status": lambda reader, limit, token: reader.with_status(DATA_PREPARED, limit, token),
    "another status": lambda reader, limit, token: reader.with_status(CARD_PROD_READY, limit, token),
    "input file": lambda reader, limit, token: reader.of_input_file("a.json", limit, token),
    "another input file": lambda reader, limit, token: reader.of_input_file("b.json", limit, token),
    "issuer request": lambda reader, limit, token: reader.of_issuer_request("r-a", limit, token),
    "another issuer request": lambda reader, limit, token: reader.of_issuer_request("r-b", limit, token),
    "open cards": lambda reader, limit, token: reader.open_cards(None, limit, token),
    "cards due before a day": lambda reader, limit, token: reader.open_cards(date(2026, 3, 1), limit, token),
    "cards due before another day": lambda reader, limit, token: reader.open_cards(date(2026, 3, 2), limit, token),
    "history": lambda reader, limit, token: reader.history("a-000", limit, token),
    "history of another card": lambda reader, limit, token: reader.history("b-000", limit, token),
}
CARDS: Final = 24
"""Number of cards of each input file."""


@pytest.fixture
def filled(store: NotificationStore, reader: CardStatusReader, deadline: Deadline) -> CardStatusReader:
    """Store cards of two statuses, files, requests and due dates, and the history of one card of each."""
    kinds = (("a", DATA_PREPARED, "2026-01-05"), ("b", CARD_PROD_READY, "2026-02-05"))
    changes = [
        first_change(
            f"{kind}-{number:03}",
            status=status,
            input_file_name=f"{kind}.json",
            issuer_request_id=f"r-{kind}",
            due_date=due_date,
        )
        for kind, status, due_date in kinds
        for number in range(CARDS)
    ]
    deliveries = [delivery(f"{kind}-000", number) for kind, _, _ in kinds for number in range(CARDS)]
    store.write(changes, deliveries, deadline)
    return reader


def names(page: Page[Any]) -> list[str]:
    """Name what is on a page."""
    return [entry.received_at if isinstance(entry, RecordedDelivery) else entry.shown.card_id for entry in page.entries]


def pages(query: Query, reader: CardStatusReader, limits: Iterator[int]) -> Iterator[Page[Any]]:
    """Follow the tokens of a query to its end."""
    token = None
    while True:
        page = query(reader, next(limits), token)
        yield page
        token = page.next_token
        if token is None:
            return


def content_of(token: str | None) -> dict[str, Any]:
    """Read what a token of ours holds."""
    assert token is not None
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token))
    return content


def written(content: Any) -> str:
    """Write a token as ours are written, whatever is in it."""
    text = content if isinstance(content, str) else json.dumps(content)
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode()


def a_token(query: Query, reader: CardStatusReader) -> str:
    """Return a token from the middle of a query."""
    return next(page.next_token for page in pages(query, reader, iter(range(3, 100))) if page.entries) or ""


def test_a_token_is_refused_by_every_other_query(filled: CardStatusReader) -> None:
    """A token of one query given to another is refused, whatever distinguishes the two."""
    tokens = {name: a_token(query, filled) for name, query in QUERIES.items()}
    taken = []
    for name, other in permutations(QUERIES, 2):
        try:
            QUERIES[other](filled, 100, tokens[name])
        except InvalidQuery as error:
            assert "nextToken" in str(error)  # noqa: PT017  # one that does not raise is what this looks for
        else:
            taken.append((name, other))
    assert taken == []


def test_a_token_is_refused_by_a_query_with_the_same_keys(filled: CardStatusReader) -> None:
    """A token is bound to the index: a status may have the name of an input file."""
    with pytest.raises(InvalidQuery):
        filled.with_status("a.json", 10, a_token(QUERIES["input file"], filled))


def test_a_changed_token_is_refused(filled: CardStatusReader) -> None:
    """A token with other characters between its own, or longer than any of ours, is refused."""
    token = a_token(QUERIES["status"], filled)
    padded = written(json.dumps(content_of(token)) + " " * MAX_TOKEN_CHARACTERS)
    for changed in (f"{token}\n", f" {token}", f"{token[:9]}!{token[9:]}", f"{token[:9]}+/{token[9:]}", padded):
        with pytest.raises(InvalidQuery):
            filled.with_status(DATA_PREPARED, 10, changed)


@pytest.mark.parametrize("name", QUERIES)
def test_the_limit_may_change_between_pages(filled: CardStatusReader, name: str) -> None:
    """A walk with another limit on every page gives each entry once."""
    limits = iter([1, 7, 3, 100, 1, 2, *([5] * 100)])
    found = [entry for page in pages(QUERIES[name], filled, limits) for entry in names(page)]
    # Both due dates are before both days.
    expected = 2 * CARDS if name.startswith(("open", "cards")) else CARDS
    assert len(found) == expected
    assert len(set(found)) == (1 if name.startswith("history") else expected)


def test_a_token_is_refused_by_another_table(filled: CardStatusReader, table: Table) -> None:
    """A token is bound to the table, as two environments may hold the same cards."""
    other = CardStatusReader(f"{table.name}-other", table.client)
    for query in QUERIES.values():
        with pytest.raises(InvalidQuery):
            query(other, 10, a_token(query, filled))


STRANGE_KEYS: Final = ["", None, 5, True, ["x"], {"S": "x"}, "x" * 1_025, "é" * 513, "\ud800", "\x00" * 1_025]
STRANGE_SHARDS: Final = [-1, 16, 10**30, True, False, 1.0, "0", None, [0], {}, float("inf"), float("nan")]
STRANGE_TOKENS: Final = {
    "empty": "",
    "nonsense": "nonsense",
    "not base64": "?" * 8,
    "not ASCII": "é" * 10,
    "a lone surrogate": "\ud800",
    "bytes that are not UTF-8": base64.urlsafe_b64encode(b"\xff\xfe{}").decode(),
    "nested deep": written("[" * 2_900),
    "objects nested deep": written('{"a":' * 500),
    "huge": written({"shard": "x" * 5_000_000}),
    "a number of 2,900 digits": written('{"query": "x", "shard": ' + "9" * 2_900 + ', "after": {}}'),
    **{f"JSON {text}": written(text) for text in ('{"shard": 1e400}', "null", "5", '""', "[]", "{}", "NaN", "")},
}


@pytest.mark.parametrize("token", STRANGE_TOKENS.values(), ids=STRANGE_TOKENS)
def test_a_token_that_nobody_gave_is_refused(reader: CardStatusReader, token: str) -> None:
    """Whatever somebody sends as a token is a mistake of theirs, and no failure of ours."""
    for query in QUERIES.values():
        with pytest.raises(InvalidQuery):
            query(reader, 10, token)


@pytest.mark.parametrize("name", QUERIES)
def test_a_forged_place_is_refused(filled: CardStatusReader, name: str) -> None:
    """A token of the right query with a shard or a key that it cannot have is refused."""
    content = content_of(a_token(QUERIES[name], filled))
    (key, *_), after = content["after"], content["after"]
    forged: list[Any] = [
        *(content | {"shard": shard} for shard in STRANGE_SHARDS),
        *(content | {"after": after | {key: value}} for key in after for value in STRANGE_KEYS),
        *(content | {"after": strange} for strange in (None, [], list(after), "pk", 5, {"x": "y"}, after | {"x": "y"})),
        *({one: content[one] for one in content if one != absent} for absent in content),
        content | {"query": None},
        content | {"query": [content["query"]]},
        content | {"query": content["query"].upper() + " "},
        [content],
    ]
    if len(after) > 1:
        forged.append(content | {"after": {key: after[key]}})
    if "due before" in name:
        forged += [content | {"after": after | {"dueDate": day}} for day in ("2026-03-02", "2026-03-03", "~")]
    if "sk" in after:
        forged += [content | {"after": {"sk": sort_key}} for sort_key in ("STATUS", "DELIVERY", "ALERT#1", "~")]
    taken = []
    for one in forged:
        try:
            QUERIES[name](filled, 10, written(one))
        except InvalidQuery:
            continue
        taken.append(one)
    assert taken == []


@pytest.mark.parametrize("name", ["status", "issuer request", "open cards", "cards due before a day", "history"])
def test_any_place_gives_a_page_or_is_refused(filled: CardStatusReader, name: str) -> None:
    """A token of the right query with any place is refused, or gives entries of that query."""
    query = QUERIES[name]
    content = content_of(a_token(query, filled))
    every = {entry for page in pages(query, filled, iter([100] * 50)) for entry in names(page)}
    keys = st.text(max_size=12) | st.sampled_from(["CARD#", "CARD#zzz", "DELIVERY#", "DELIVERY#~", "2026-01-05", "~"])

    @settings(max_examples=40, deadline=None)
    @given(shard=st.integers(-1, 17), after=st.fixed_dictionaries(dict.fromkeys(content["after"], keys)))
    def check(shard: int, after: dict[str, str]) -> None:
        try:
            page = query(filled, 5, written(content | {"shard": shard, "after": after}))
        except InvalidQuery:
            return
        assert set(names(page)) <= every

    check()


def test_the_longest_keys_fit_into_a_token(store: NotificationStore, reader: CardStatusReader) -> None:
    """A token of the longest ids that are stored is within what a query may hold, and leads on."""
    cards = [f"{number}" + "😀" * 249 for number in range(3)]
    store.write([first_change(card, issuer_request_id="r") for card in cards], [], Deadline())
    found = []
    for page in pages(lambda reader, limit, token: reader.of_issuer_request("r", limit, token), reader, iter([1] * 9)):
        found += names(page)
        assert len(page.next_token or "") <= MAX_TOKEN_CHARACTERS
    assert sorted(found) == cards
