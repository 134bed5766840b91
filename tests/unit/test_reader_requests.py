"""The reader: what it asks of the table, how large its answers get, and which tokens it refuses."""

import json
from datetime import date
from typing import Any

import pytest

from card_tracking.adapters.card_status_reader import MOST_CARDS, CardStatusReader, those_that_fit
from card_tracking.deadline import Deadline
from card_tracking.domain.merge import merge_all
from card_tracking.errors import InvalidQuery
from card_tracking.wire.card_document import card_answer
from tests.samples import CARD, update
from tests.unit.recorder import Recorder

LAMBDA_BYTES = 6 * 1_024 * 1_024


def reader(client: Recorder) -> CardStatusReader:
    """Return a reader with a client in memory."""
    return CardStatusReader("Cards", client)  # type: ignore[arg-type]  # a double


def test_card_is_read_consistently() -> None:
    """A card is read as it is: every notification that D1 was answered 204 for is in it."""
    client = Recorder({"Responses": {"Cards": []}})
    reader(client).get(CARD)

    ((name, request),) = client.requests
    assert name == "batch_get_item"
    assert request["RequestItems"]["Cards"]["ConsistentRead"] is True


def test_history_is_read_consistently() -> None:
    """So is a history: all deliveries of the card, and no other item of it."""
    client = Recorder({"Items": []})
    reader(client).history(CARD, limit=7)

    ((name, request),) = client.requests
    assert name == "query"
    assert request == {
        "TableName": "Cards",
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": {":pk": {"S": f"CARD#{CARD}"}, ":prefix": {"S": "DELIVERY#"}},
        "Limit": 7,
        "ConsistentRead": True,
    }


def test_cards_are_read_a_hundred_a_call() -> None:
    """As many cards as one answer holds are read by one call, which is all that DynamoDB takes."""
    client = Recorder({"Responses": {"Cards": []}})
    reader(client).get_many([f"c{number}" for number in range(MOST_CARDS)])

    assert [len(request["RequestItems"]["Cards"]["Keys"]) for _, request in client.requests] == [100]


@pytest.mark.parametrize("letter", ["x", "é", "€", "\U0001f600"])
def test_answer_fits_into_lambda(letter: str) -> None:
    """An answer stays under the 6 MB that Lambda returns, whatever D1 said, and is no smaller than it must be."""
    fields: dict[str, Any] = {"note": letter * 7_000, "more": [letter * 900] * 9}
    texts = dict.fromkeys(("error", "reason", "production_site", "error_code"), letter * 1_000)
    found = {
        f"c{number}": merge_all(None, [update("DATA_PREPARED", card_id=f"c{number}", other_fields=fields, **texts)])
        for number in range(1_200)
    }
    fitting = those_that_fit(found)
    answer = json.dumps({"cards": [card_answer(status) for status in fitting]}, ensure_ascii=False).encode()

    assert LAMBDA_BYTES / 3 < len(answer) < LAMBDA_BYTES


def test_token_is_refused_for_earlier_days() -> None:
    """A token that stands at a day is none of the cards that were due before that day: DynamoDB would refuse it."""
    last = {name: {"S": value} for name, value in (("pk", "CARD#a"), ("dueDate", "2026-03-06"), ("sk", "STATUS"))}
    client = Recorder({"Items": [{"pk": {"S": "CARD#a"}}], "LastEvaluatedKey": last}, {"Responses": {}})
    token = reader(client).open_cards(date(2026, 3, 10), 1).next_token
    assert token

    with pytest.raises(InvalidQuery):
        reader(Recorder({"Items": []})).open_cards(date(2026, 3, 6), 1, token, Deadline())


def test_overdue_cards_were_due_before_the_day() -> None:
    """The index is asked for days before the day itself, and for no more entries than the page has room for."""
    client = Recorder({"Items": []})
    reader(client).open_cards(date(2026, 3, 10), 3)

    for _, request in client.requests:
        assert request["KeyConditionExpression"] == "#hash = :hash AND #range < :before"
        assert request["ExpressionAttributeValues"][":before"] == {"S": "2026-03-10"}
        assert request["Limit"] == 3
    assert len(client.requests) == 16
