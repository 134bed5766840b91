"""What the page reads of a real stack, and that nobody else misses anything for it."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import uuid4

import boto3
import pytest

from local.deployment import Deployment
from local.page.reading import StackReader
from local.rejected import look_at_rejected
from tests.integration.client import Channel, Client
from tests.integration.notifications import Card

LOOKERS: Final = 4
REJECTED: Final = 25


@pytest.fixture
def reader(deployment: Deployment) -> StackReader:
    """Read as the page does."""
    return StackReader(deployment.stack, deployment.subscribe_queue(f"page-{uuid4()}"))


def test_alerts_are_read_from_a_queue_of_its_own(deployment: Deployment, reader: StackReader) -> None:
    """Each once, with the time of its publication; the inbox that `make run` offers loses none to it."""
    several = [Card() for _ in range(12)]
    # Whoever has the right to can publish something else than alerts.
    for nothing in ("hello", "[]", '{"alertId": "a", "cardId": "b"}', "7"):
        boto3.client("sns", **deployment.engine.access).publish(
            TopicArn=deployment.outputs["AlertTopicArn"], Message=nothing
        )
    inbox = Channel(deployment, deployment.subscribe_queue(f"inbox-{uuid4()}"))
    Client(deployment).post(*(one.data_exception() for one in several))

    alerts = [alert for alert in reader.alerts() if alert["cardId"] in {one.card_id for one in several}]

    assert len(alerts) == 12
    # The embedded SNS tells whole seconds.
    assert all(alert["publishedAt"][:19] >= alert["receivedAt"][:19] for alert in alerts)
    assert not list(reader.alerts())
    kept = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = boto3.client("sqs", **deployment.engine.access).get_queue_attributes(
        QueueUrl=reader._alert_queue,
        AttributeNames=kept,  # type: ignore[arg-type]  # a list of texts is what it takes
    )["Attributes"]
    assert attributes == dict.fromkeys(kept, "0")
    assert len(inbox.alerts(several[0].card_id, 1)) == 1


def test_cards_are_those_that_get_card_status_tells(deployment: Deployment, reader: StackReader) -> None:
    """More than one question holds; an update changes the version, a duplicate does not."""
    client, several = Client(deployment), [Card() for _ in range(101)]
    client.post(*(one.requested() for one in several))
    before = reader.versions()
    told = reader.cards([one.card_id for one in several])
    client.post(several[0].requested(), several[1].data_prepared())
    after = reader.versions()

    assert told.keys() == {one.card_id for one in several}
    assert told[several[0].card_id] == client.card(several[0].card_id)
    assert {card_id for card_id in before if after[card_id] != before[card_id]} == {several[1].card_id}


def test_all_who_look_at_rejected_operations_see_all_of_them(deployment: Deployment, reader: StackReader) -> None:
    """The page, `make d1` and `make explain` at once: what one holds for a moment, another still finds."""
    queue = deployment.outputs["RejectedQueueUrl"]
    before = reader.count_rejected()
    body = json.dumps({"operations": [{"cardId": str(number)} for number in range(REJECTED)]})
    Client(deployment).post_body(body)

    def look(_: int) -> int:
        return len(look_at_rejected(boto3.client("sqs", **deployment.engine.access), queue))

    with ThreadPoolExecutor(LOOKERS) as lookers:
        assert list(lookers.map(look, range(LOOKERS))) == [before + REJECTED] * LOOKERS
    assert reader.count_rejected() == before + REJECTED
    assert len(reader.rejected()) == before + REJECTED
