"""What D1 is answered, through the gateway, and what becomes of what it sent."""

import json

import pytest

from local.deployment import Deployment
from tests.integration.client import Client
from tests.integration.notifications import Card


def test_one_malformed_operation_among_good_ones(client: Client) -> None:
    """The good ones are stored, the bad one is kept with its reason, and D1 has nothing to send again."""
    good, bad = Card(), Card()
    without_start = {name: value for name, value in bad.requested().items() if name != "startTime"}
    client.rejected()

    answer = client.post(good.requested(), without_start, good.data_prepared())
    (rejected,) = client.rejected()

    assert (answer.status, answer.body) == (204, b"")
    assert client.card(good.card_id)["status"] == "DATA_PREPARED"
    assert client.ask({"cardId": bad.card_id})["card"] is None
    assert rejected["reason"]
    assert rejected["field"] == "startTime"
    assert rejected["operation"] == without_start


@pytest.mark.parametrize("body", ["not JSON", "[]", "{}", '{"operations":{}}', ""])
def test_a_body_that_cannot_be_read(client: Client, body: str) -> None:
    """D1 is told not to send it again, without an echo of it; a copy is kept with the reason."""
    client.rejected()

    answer = client.post_body(body, x_correlation_id="correlation-1")
    (rejected,) = client.rejected()

    assert answer.status == 400
    assert json.loads(answer.body).keys() == {"errorCode", "error"}
    assert rejected["reason"]
    assert (rejected["body"], rejected["correlationId"]) == (body, "correlation-1")


def test_no_operations(client: Client) -> None:
    """An empty list is a success."""
    assert client.post().status == 204


def test_another_issuer(client: Client, deployment: Deployment) -> None:
    """What is meant for another issuer is refused, and nothing of it is stored."""
    card = Card()
    url = deployment.callback_url.replace(deployment.issuer_id, "other-bank")

    answer = client.post_body(json.dumps({"operations": [card.requested()]}), url)

    assert answer.status == 404
    assert client.ask({"cardId": card.card_id})["card"] is None


def test_the_deprecated_consumer_id_goes_nowhere(client: Client, deployment: Deployment) -> None:
    """D1 says not to use it, and it names a person: it is in no table, queue or log."""
    card = Card()
    secret = "consumer-0815"

    client.post(card.update("DATA_PREPARED", details={"consumerId": secret}))
    client.post({**card.update("DATA_PREPARED", details={"consumerId": secret}), "startTime": "never"})
    table = client.dynamodb.scan(TableName=deployment.outputs["StatusTableName"], ConsistentRead=True)

    assert card.card_id in json.dumps(table["Items"])
    assert secret not in json.dumps(table["Items"])
    assert secret not in json.dumps(client.rejected())
    assert secret not in "".join(client.log_lines())


def test_logs_hold_no_bodies(client: Client) -> None:
    """What D1 sends is not in the logs; the correlation that finds it is."""
    card = Card()

    body = json.dumps({"operations": [card.update("DATA_PREPARED", details={"reason": "a word to nobody"})]})
    client.post_body(body, x_correlation_id="correlation-2")
    log = "".join(client.log_lines())

    assert "correlation-2" in log
    assert "a word to nobody" not in log
