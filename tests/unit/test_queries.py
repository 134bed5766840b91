"""Questions as they must be asked."""

from typing import Any

import pytest

from card_tracking.errors import InvalidQuery
from get_card_status.queries import (
    CardQuery,
    CardsQuery,
    InputFileQuery,
    IssuerRequestQuery,
    OverdueQuery,
    StatusQuery,
    read_query,
)

SECRET = "4111111111111111"


@pytest.mark.parametrize(
    ("event", "query"),
    [
        ({"cardId": "c"}, CardQuery(cardId="c")),
        ({"cardId": "c", "history": True}, CardQuery(cardId="c", history=True)),
        (
            {"cardId": "c", "history": True, "limit": 5, "nextToken": "t"},
            CardQuery(cardId="c", history=True, limit=5, nextToken="t"),
        ),
        ({"cardIds": []}, CardsQuery(cardIds=[])),
        ({"cardIds": ["a", "b"]}, CardsQuery(cardIds=["a", "b"])),
        ({"cardIds": ["a"] * 100}, CardsQuery(cardIds=["a"] * 100)),
        ({"status": "CARD_SHIPPED", "limit": 1}, StatusQuery(status="CARD_SHIPPED", limit=1)),
        ({"inputFileName": "f", "limit": 100, "nextToken": None}, InputFileQuery(inputFileName="f")),
        ({"issuerRequestId": "r"}, IssuerRequestQuery(issuerRequestId="r")),
        ({"overdue": True, "limit": 5, "nextToken": "t"}, OverdueQuery(overdue=True, limit=5, nextToken="t")),
    ],
)
def test_understood(event: dict[str, Any], query: Any) -> None:
    """Each of the seven forms is understood; the limit is 100 where none is given."""
    assert read_query(event) == query


@pytest.mark.parametrize(
    "event",
    [
        *(None, [], "cardId", 5, {}, {"limit": 5}, {"card_id": "c"}, {"CardId": "c"}),
        *({"cardId": "c", "status": "s"}, {"overdue": True, "status": "s"}),
    ],
)
def test_by_exactly_one(event: Any) -> None:
    """A question by nothing, or by two things at once, is told what can be asked by."""
    with pytest.raises(
        InvalidQuery, match="exactly one of cardId, cardIds, status, inputFileName, issuerRequestId, overdue"
    ):
        read_query(event)


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"cardId": ""}, "cardId"),
        ({"cardId": 4111111111111111}, "cardId"),
        ({"cardId": None}, "cardId"),
        ({"cardId": SECRET * 100}, "cardId"),
        ({"cardId": "é" * 600}, "cardId"),
        ({"cardId": "c", "history": SECRET}, "history"),
        ({"cardId": "c", "limit": 0}, "limit"),
        ({"cardId": "c", "limit": 101}, "limit"),
        ({"cardId": "c", "limit": "5"}, "limit"),
        ({"cardId": "c", "limit": True}, "limit"),
        ({"cardId": "c", "limit": 1.5}, "limit"),
        ({"cardId": "c", "nextToken": ""}, "nextToken"),
        ({"cardId": "c", "nextToken": 4111111111111111}, "nextToken"),
        ({"cardId": "c", "nextToken": SECRET}, "request"),
        ({"cardId": "c", "history": False, "nextToken": SECRET}, "request"),
        ({"cardId": "c", "surprise": SECRET}, "surprise"),
        ({"cardIds": "c"}, "cardIds"),
        ({"cardIds": ["c", ""]}, "cardIds.1"),
        ({"cardIds": ["c", 4111111111111111]}, "cardIds.1"),
        ({"cardIds": [SECRET] * 101}, "cardIds"),
        ({"cardIds": ["c"], "limit": 5}, "limit"),
        ({"status": SECRET, "history": True}, "history"),
        ({"inputFileName": ["f"]}, "inputFileName"),
        ({"issuerRequestId": {"r": SECRET}}, "issuerRequestId"),
        ({"overdue": False}, "overdue"),
        ({"overdue": SECRET}, "overdue"),
        ({"overdue": True, "history": True}, "history"),
    ],
)
def test_refused(event: dict[str, Any], field: str) -> None:
    """A refusal names the field at fault and what is wrong with it, and repeats no value."""
    with pytest.raises(InvalidQuery) as caught:
        read_query(event)
    message = str(caught.value)
    assert f"{field}: " in message
    assert SECRET not in message
    assert len(message) > len(field) + 10


def test_every_fault_is_told() -> None:
    """All that is wrong is said at once."""
    with pytest.raises(InvalidQuery) as caught:
        read_query({"status": "", "limit": 0})
    assert "status: " in str(caught.value)
    assert "limit: " in str(caught.value)


@pytest.mark.parametrize("letter", ["x", "é", "€"])
def test_key_is_measured_in_bytes(letter: str) -> None:
    """A key of 1,000 bytes is a key of the table or its indexes; a longer one is none, in whatever script."""
    most = 1_000 // len(letter.encode())

    assert read_query({"status": letter * most}) == StatusQuery(status=letter * most)
    with pytest.raises(InvalidQuery, match="must be 1000 bytes at most"):
        read_query({"status": letter * (most + 1)})
