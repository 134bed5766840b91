"""Other Lambdas' questions: all forms, paged, through the function and through the layer's reader."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from card_tracking.adapters import card_status_reader
from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.deadline import Deadline
from card_tracking.domain.statuses import RANKS
from card_tracking.errors import DependencyFailed, InvalidQuery, OutOfTime
from card_tracking.wire.card_document import card_answer
from tests.samples import CARD, instant, operation
from tests.wiring.faults import Faulty, always, every_fault, without_pauses
from tests.wiring.stack import TABLE, Context, Stack, client

CARDS = [f"card-{number:02d}" for number in range(25)]


@pytest.fixture
def filled(stack: Stack) -> Stack:
    """Give a stack with 25 cards of one input file and request, of which five are ready."""
    facts = {"inputFileName": "f.xml", "issuerRequestId": "R-1"}
    stack.post(*[operation(cardId=card, details={"status": "DATA_PREPARED"} | facts) for card in CARDS])
    stack.post(*[operation(cardId=card, details={"status": "CARD_PROD_READY"}) for card in CARDS[:5]])
    return stack


def all_pages(stack: Stack, **question: Any) -> list[list[str]]:
    """Follow the tokens to the end; return the card ids of each page."""
    pages: list[list[str]] = []
    token = None
    while True:
        answer = stack.query(**question, **({"nextToken": token} if token else {}))
        pages.append([card["cardId"] for card in answer["cards"]])
        token = answer["nextToken"]
        if token is None:
            return pages


def test_one_card(filled: Stack) -> None:
    """A card is answered with all that is known of it; one that is not known is null."""
    card = filled.query(cardId=CARDS[0])["card"]
    assert (card["cardId"], card["status"], card["inputFileName"]) == (CARDS[0], "CARD_PROD_READY", "f.xml")
    assert list(card["milestones"]) == ["DATA_PREPARED", "CARD_PROD_READY"]
    assert filled.query(cardId="nobody") == {"card": None}


def test_history(stack: Stack) -> None:
    """A card's history holds everything that arrived, operations of every kind and duplicates, the earliest first."""
    sent = [
        operation(),
        operation(),
        operation(operation="UPDATE_ORDER"),
        operation(details={"status": "CARD_SHIPPED"}),
    ]
    for number, one in enumerate(sent):
        stack.post(one, headers={"x-correlation-id": f"corr-{number}"})
    answer = stack.query(cardId=CARD, history=True)
    assert answer["card"] == stack.card(CARD)
    assert [entry["operation"] for entry in answer["history"]] == sent
    assert [entry["correlationId"] for entry in answer["history"]] == [f"corr-{number}" for number in range(4)]
    assert [entry["receivedAt"] for entry in answer["history"]] == sorted(
        entry["receivedAt"] for entry in answer["history"]
    )
    assert answer["nextToken"] is None


def test_history_in_pages(stack: Stack) -> None:
    """A long history comes in pages that together are all of it."""
    stack.post(*[operation(number=number) for number in range(7)])
    first = stack.query(cardId=CARD, history=True, limit=4)
    second = stack.query(cardId=CARD, history=True, limit=4, nextToken=first["nextToken"])
    assert [entry["operation"]["number"] for entry in first["history"] + second["history"]] == list(range(7))
    assert second["nextToken"] is None


def test_history_without_status(stack: Stack) -> None:
    """A card of which only other operations are known has a history and no status; an unknown card has neither."""
    stack.post(operation(operation="SUSPEND"))
    answer = stack.query(cardId=CARD, history=True)
    assert answer["card"] is None
    assert len(answer["history"]) == 1
    assert stack.query(cardId="nobody", history=True) == {"card": None, "history": [], "nextToken": None}


def test_many_cards(filled: Stack) -> None:
    """Many cards are answered in the order asked, each once; those that are not known are named."""
    asked = ["nobody", CARDS[3], CARDS[1], "nothing", CARDS[3], "nobody"]
    answer = filled.query(cardIds=asked)
    assert [card["cardId"] for card in answer["cards"]] == [CARDS[3], CARDS[1]]
    assert answer["notFound"] == ["nobody", "nothing"]
    assert filled.query(cardIds=[]) == {"cards": [], "notFound": []}
    assert len(filled.query(cardIds=CARDS * 4)["cards"]) == 25


@pytest.mark.parametrize("limit", [1, 7, 20, 100])
def test_by_status(filled: Stack, limit: int) -> None:
    """Cards with a status come in pages no longer than asked, each card once, and none that has moved on."""
    pages = all_pages(filled, status="DATA_PREPARED", limit=limit)
    assert sorted(card for page in pages for card in page) == CARDS[5:]
    assert max(map(len, pages)) <= limit
    assert filled.query(status="CARD_SHIPPED") == {"cards": [], "nextToken": None}


@pytest.mark.parametrize("limit", [4, 100])
def test_by_input_file(filled: Stack, limit: int) -> None:
    """An input file is answered with its totals by status on the first page, and its cards in pages."""
    first = filled.query(inputFileName="f.xml", limit=limit)
    assert first["counts"] == {"CARD_PROD_READY": 5, "DATA_PREPARED": 20}
    pages = all_pages(filled, inputFileName="f.xml", limit=limit)
    assert sorted(card for page in pages for card in page) == CARDS
    assert filled.query(inputFileName="g.xml") == {"cards": [], "nextToken": None, "counts": {}}
    if first["nextToken"]:
        assert "counts" not in filled.query(inputFileName="f.xml", limit=limit, nextToken=first["nextToken"])


@pytest.mark.parametrize("limit", [4, 100])
def test_by_issuer_request(filled: Stack, limit: int) -> None:
    """The cards of one of the bank's own requests are found, in pages."""
    pages = all_pages(filled, issuerRequestId="R-1", limit=limit)
    assert sorted(card for page in pages for card in page) == CARDS
    assert filled.query(issuerRequestId="R-2") == {"cards": [], "nextToken": None}


@pytest.mark.parametrize("limit", [3, 100])
def test_cards_that_fill_an_answer(filled: Stack, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """A page ends where an answer would be larger than Lambda returns; so many cards by their ids are refused."""
    monkeypatch.setattr(card_status_reader, "MOST_BYTES", 600)
    pages = all_pages(filled, status="DATA_PREPARED", limit=limit)
    assert sorted(card for page in pages for card in page) == CARDS[5:]
    assert max(map(len, pages)) == 2
    assert filled.query(cardIds=CARDS[5:7])["notFound"] == []
    with pytest.raises(InvalidQuery, match="fewer"):
        filled.query(cardIds=CARDS[5:9])
    monkeypatch.setattr(card_status_reader, "MOST_BYTES", 1)
    assert len(all_pages(filled, issuerRequestId="R-1")) == 25
    assert filled.query(cardIds=CARDS[:1])["cards"]


def told_due(days_ago: int) -> dict[str, Any]:
    """Make an operation of a card that was due so many days ago."""
    due = datetime.now(UTC).date() - timedelta(days_ago)
    return operation(cardId=f"due-{days_ago}", details={"status": "DATA_PREPARED", "dueDate": due.isoformat()})


@pytest.mark.parametrize("limit", [1, 100])
def test_overdue(stack: Stack, limit: int) -> None:
    """Cards are overdue once a working day lies behind their due date, until their production ends."""
    stack.post(*[told_due(days) for days in range(-2, 10)])
    stack.post(operation(cardId="due-7", status="SUCCESSFUL", details={"status": "CARD_SHIPPED"}))
    stack.post(operation(cardId="due-8", status="FAILED", details={"status": "DATA_EXCEPTION"}))
    stack.post(operation(cardId="never", details={"status": "DATA_PREPARED", "dueDate": "soon"}))
    found = [card for page in all_pages(stack, overdue=True, limit=limit) for card in page]
    # From Friday to Monday is the longest that a card may be late; what is due today or later is not.
    assert {"due-4", "due-5", "due-6", "due-9"} <= set(found) <= {f"due-{days}" for days in range(1, 10)}
    assert {"due-7", "due-8"}.isdisjoint(found)
    assert len(found) == len(set(found))


def test_overdue_by_the_centres_calendar(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parameters say when people work at the centre, and which day it is there."""
    moment = instant("2026-12-28T23:30:00Z")
    monkeypatch.setattr(stack.ask, "now", lambda: moment)
    for card, due in (("thursday", "2026-12-24"), ("monday", "2026-12-28")):
        stack.post(operation(cardId=card, details={"status": "DATA_PREPARED", "dueDate": due}))

    def overdue(**environment: str) -> list[str]:
        with patch.dict(os.environ, environment):
            return sorted(card["cardId"] for card in stack.query(overdue=True)["cards"])

    assert overdue() == ["thursday"]
    assert overdue(HOLIDAYS="2026-12-25,2026-12-28") == []
    assert overdue(WORKING_DAYS="TUE,WED") == []
    assert overdue(DUE_DATE_TIME_ZONE="Europe/Paris") == ["monday", "thursday"]
    assert overdue(DUE_DATE_TIME_ZONE="America/New_York") == ["thursday"]


def test_a_zone_that_there_is_not(filled: Stack) -> None:
    """A mistyped time zone costs this one question, with an error that names it, and no other."""
    with patch.dict(os.environ, DUE_DATE_TIME_ZONE="Europe/Pariss"):
        with pytest.raises(KeyError, match="Europe/Pariss"):
            filled.query(overdue=True)
        assert filled.card(CARDS[0]) is not None


def test_stale_index(filled: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that the index still has under an earlier status is not answered: the table decides."""
    real = client("dynamodb")

    class Trailing:
        """A table whose indexes still have a card that has moved on."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def query(self, **request: Any) -> Any:
            """Answer the stale card as well."""
            answer = real.query(**request)
            answer["Items"] += [{"pk": {"S": f"CARD#{CARDS[0]}"}}] if request["IndexName"] != "ByInputFile" else []
            return answer

    monkeypatch.setattr(filled.ask.reader._table, "client", Trailing())
    assert CARDS[0] not in [card["cardId"] for card in filled.query(status="DATA_PREPARED")["cards"]]
    assert CARDS[0] not in [card["cardId"] for card in filled.query(overdue=True)["cards"]]


@pytest.mark.parametrize(
    "token", ["x", "e30=", "bnVsbA==", "WzFd", "eyJzaGFyZCI6ICJ4IiwgInBrIjogbnVsbH0=", "é", "eyJz"]
)
@pytest.mark.parametrize(
    "question",
    [
        {"status": "S"},
        {"inputFileName": "f"},
        {"issuerRequestId": "r"},
        {"cardId": "c", "history": True},
        {"overdue": True},
    ],
)
def test_strange_token(stack: Stack, question: dict[str, Any], token: str) -> None:
    """A token that no answer gave is the asker's mistake, and is told as such."""
    with pytest.raises(InvalidQuery, match="nextToken"):
        stack.query(**question, nextToken=token)


def test_a_token_is_refused_by_every_other_query(stack: Stack) -> None:
    """The function refuses a token of another query, and never leaves out what that query has read."""
    facts = {"status": "DATA_PREPARED", "dueDate": "2026-01-05"}
    for kind in "ab":
        details = facts | {"inputFileName": f"{kind}.xml", "issuerRequestId": f"R-{kind}"}
        stack.post(*[operation(cardId=f"{kind}-{number}", details=details) for number in range(3)])
        ready = facts | {"status": "CARD_PROD_READY"}
        stack.post(*[operation(cardId=f"{kind}-{number}", details=ready) for number in range(3, 6)])
    questions: list[dict[str, Any]] = [
        {"status": "DATA_PREPARED"},
        {"status": "CARD_PROD_READY"},
        *({"inputFileName": f"{kind}.xml"} for kind in "ab"),
        *({"issuerRequestId": f"R-{kind}"} for kind in "ab"),
        {"overdue": True},
    ]
    stack.post(*[operation(cardId=card) for card in ("a-0", "b-0") for _ in range(2)])
    questions += [{"cardId": card, "history": True} for card in ("a-0", "b-0")]
    tokens = [stack.query(**question, limit=1)["nextToken"] for question in questions]
    for number, question in enumerate(questions):
        for other, token in enumerate(tokens):
            if number == other:
                stack.query(**question, nextToken=token)
                continue
            with pytest.raises(InvalidQuery, match="nextToken is not one that this query has returned"):
                stack.query(**question, nextToken=token)


def test_a_token_without_history(stack: Stack) -> None:
    """The query for one card has no pages: a token there is refused, not ignored."""
    stack.post(operation(), operation())
    token = stack.query(cardId=CARD, history=True, limit=1)["nextToken"]
    with pytest.raises(InvalidQuery, match="nextToken requires history"):
        stack.query(cardId=CARD, nextToken=token)


def test_a_token_of_overdue_cards_is_refused_later(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token of overdue cards is refused once the day has moved on: by then, cards behind its place are overdue."""
    stack.post(*[told_due(days) for days in (20, 30)])
    token = stack.query(overdue=True, limit=1)["nextToken"]
    next_week = instant((datetime.now(UTC) + timedelta(7)).isoformat())
    monkeypatch.setattr(stack.ask, "now", lambda: next_week)
    with pytest.raises(InvalidQuery, match="nextToken"):
        stack.query(overdue=True, limit=1, nextToken=token)


def test_bad_question(stack: Stack) -> None:
    """A bad question is a function error that says what is wrong."""
    with pytest.raises(InvalidQuery, match="limit"):
        stack.query(status="S", limit=0)
    with pytest.raises(InvalidQuery, match="exactly one"):
        stack.query()


@pytest.mark.parametrize("error", every_fault(), ids=str)
def test_table_fails(stack: Stack, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """A table that does not answer is a function error that names the AWS operation, and no empty answer."""
    without_pauses(monkeypatch)
    monkeypatch.setattr(stack.ask.reader._table, "client", Faulty(client("dynamodb"), always(error)))
    for question in ({"cardId": "c"}, {"status": "S"}, {"inputFileName": "f"}, {"cardIds": ["c"]}):
        with pytest.raises(DependencyFailed, match=r"query|batch_get_item"):
            stack.query(**question)


def test_no_time(stack: Stack) -> None:
    """Without time there is no answer, rather than half of one."""
    stack.context = Context(milliseconds_left=1_000)
    with pytest.raises(OutOfTime):
        stack.query(cardId="c")


def test_reader_answers_the_same(filled: Stack) -> None:
    """A Lambda that reads the table itself with the layer gets what the function answers."""
    reader = CardStatusReader(TABLE, client("dynamodb"))
    one = reader.get(CARDS[0])
    assert one is not None
    assert card_answer(one) == filled.card(CARDS[0])
    assert reader.get("nobody") is None
    assert list(reader.get_many([CARDS[2], "nobody", CARDS[1]])) == [CARDS[2], CARDS[1]]
    ready = [card_answer(status) for status in reader.with_status("CARD_PROD_READY").entries]
    assert ready == filled.query(status="CARD_PROD_READY")["cards"]
    assert reader.count_input_file("f.xml") == filled.query(inputFileName="f.xml")["counts"]
    assert len(reader.of_input_file("f.xml").entries) == len(reader.of_issuer_request("R-1").entries) == 25
    assert len(reader.open_cards().entries) == 25
    assert [entry.operation["cardId"] for entry in reader.history(CARDS[0]).entries] == [CARDS[0]] * 2
    assert one.position.progress.rank == RANKS["CARD_PROD_READY"]


def test_reader_without_a_client(filled: Stack) -> None:
    """The reader makes a client of its own where none is given."""
    assert CardStatusReader(TABLE).get(CARDS[0]) is not None


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_reader_limits(stack: Stack, limit: int) -> None:
    """A page of nothing, or of more than an answer can hold, is refused and not asked for."""
    reader = CardStatusReader(TABLE, client("dynamodb"))
    with pytest.raises(InvalidQuery, match="limit"):
        reader.open_cards(limit=limit)
    for ask in (reader.with_status, reader.of_input_file, reader.of_issuer_request, reader.history):
        with pytest.raises(InvalidQuery, match="limit"):
            ask("x", limit=limit)
    with pytest.raises(InvalidQuery, match="100"):
        reader.get_many([f"c{number}" for number in range(101)])


def test_reader_deadline(stack: Stack) -> None:
    """The reader heeds the deadline that it is given."""
    reader = CardStatusReader(TABLE, client("dynamodb"))
    with pytest.raises(OutOfTime):
        reader.get("c", Deadline(lambda: 0))


def test_counting_a_large_file(filled: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A count follows the pages of the index to their end."""
    real = client("dynamodb")

    class Short:
        """A table that answers two items a page."""

        def query(self, **request: Any) -> Any:
            """Answer a short page."""
            return real.query(**request | {"Limit": 2})

    monkeypatch.setattr(filled.ask.reader._table, "client", Short())
    assert filled.ask.reader.count_input_file("f.xml") == {"CARD_PROD_READY": 5, "DATA_PREPARED": 20}
