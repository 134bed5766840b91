"""What other Lambdas can ask, through the function and through the layer's reader."""

import boto3
import pytest

from card_tracking.adapters.card_status_reader import CardStatusReader
from local.deployment import Deployment
from tests.integration.client import Client, QueryFailed
from tests.integration.notifications import Card


def test_a_card(client: Client) -> None:
    """A card is answered with everything that D1 told of its latest status."""
    card = Card()
    client.post(card.in_transit())

    known = client.ask({"cardId": card.card_id})["card"]

    assert (known["cardId"], known["status"], known["operationStatus"]) == (card.card_id, "CARD_SHIPPED", "SUCCESSFUL")
    assert (known["startTime"], known["dueDate"]) == (card.start_time, "2025-01-21")


def test_a_card_that_nobody_knows(client: Client) -> None:
    """That there is nothing is an answer, not an error."""
    assert client.ask({"cardId": "never-seen"}) == {"card": None}


def test_history(client: Client) -> None:
    """Everything that arrived is there, duplicates too, oldest first and as D1 wrote it."""
    card = Card()
    bodies = [card.requested(), card.data_prepared(), card.data_prepared()]
    for body in bodies:
        client.post(body)

    answer = client.ask({"cardId": card.card_id, "history": True})

    assert [entry["operation"] for entry in answer["history"]] == bodies


def test_many_cards(client: Client) -> None:
    """Up to 100 cards are answered at once, and those without a status are named."""
    cards = [Card() for _ in range(3)]
    client.post(*(card.requested() for card in cards))
    asked = [cards[2].card_id, "never-seen", cards[0].card_id]

    answer = client.ask({"cardIds": asked})

    assert [card["cardId"] for card in answer["cards"]] == [cards[2].card_id, cards[0].card_id]
    assert answer["notFound"] == ["never-seen"]


def test_cards_by_status_page_by_page(client: Client) -> None:
    """All cards of a status are found, each once, however small the pages."""
    status = "STATUS_OF_THIS_TEST"
    cards = [Card() for _ in range(7)]
    client.post(*(card.update(status) for card in cards))

    found: list[str] = []
    token = None
    while True:
        query = {"status": status, "limit": 3} | ({"nextToken": token} if token else {})
        answer = client.ask(query)
        assert len(answer["cards"]) <= 3
        found += [card["cardId"] for card in answer["cards"]]
        token = answer["nextToken"]
        if token is None:
            break

    assert sorted(found) == sorted(card.card_id for card in cards)


def test_cards_of_an_input_file(client: Client) -> None:
    """A file's cards are found, with a count by status first."""
    cards = [Card() for _ in range(3)]
    name = f"order-{cards[0].card_id}.xml"
    client.post(*(card.update("CARD_PROD_REQUESTED", details={"inputFileName": name}) for card in cards))
    client.post({**cards[0].data_prepared(), "inputFileName": name})

    answer = client.ask({"inputFileName": name})

    assert answer["counts"] == {"CARD_PROD_REQUESTED": 2, "DATA_PREPARED": 1}
    assert {card["cardId"] for card in answer["cards"]} == {card.card_id for card in cards}


def test_cards_of_an_issuer_request(client: Client) -> None:
    """The bank's own correlation finds its card, from whichever place D1 repeats it."""
    inside, beside = Card(), Card()
    client.post(inside.update("DATA_PREPARED", details={"issuerRequestId": inside.operation_id}))
    client.post({**beside.data_prepared(), "issuerRequestId": beside.operation_id})

    for card in (inside, beside):
        answer = client.ask({"issuerRequestId": card.operation_id})
        assert [found["cardId"] for found in answer["cards"]] == [card.card_id]


def test_overdue_cards(client: Client) -> None:
    """Cards that should have been shipped long ago are found, page by page; those that were shipped are not."""
    late, done, in_time = Card(), Card(), Card()
    client.post(late.data_prepared(), done.data_prepared(), done.shipped())
    client.post(in_time.update("DATA_PREPARED", details={"dueDate": "2999-01-21"}))

    found: list[str] = []
    token = None
    while True:
        answer = client.ask({"overdue": True, "limit": 5} | ({"nextToken": token} if token else {}))
        found += [card["cardId"] for card in answer["cards"]]
        token = answer["nextToken"]
        if token is None:
            break

    assert found.count(late.card_id) == 1
    assert not {done.card_id, in_time.card_id} & set(found)


@pytest.mark.parametrize(
    "query",
    [{}, {"cardId": ""}, {"cardIds": ["x"] * 101}, {"cardId": "a", "status": "b"}, {"card": "a"}, {"cardId": 1}],
)
def test_a_question_that_makes_no_sense(client: Client, query: dict[str, object]) -> None:
    """A bad request is a function error that says what is wrong, never an empty answer."""
    with pytest.raises(QueryFailed, match=r"\w+"):
        client.ask(query)


def test_the_layers_reader(client: Client, deployment: Deployment) -> None:
    """A Lambda that attaches the layer reads the same cards without asking the function."""
    card = Card()
    client.post(card.data_prepared())
    dynamodb = boto3.client("dynamodb", **deployment.engine.access)

    status = CardStatusReader(deployment.outputs["StatusTableName"], dynamodb).get(card.card_id)

    assert status is not None
    assert status.shown.status == "DATA_PREPARED"
