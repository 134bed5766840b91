"""Alerts are counted as a subscriber gets them, and nobody else's inbox is disturbed."""

import json
from collections.abc import Iterator
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws

from local.d1 import inbox as inboxes
from local.d1.inbox import Inbox, own_inbox
from local.d1.script import Cause
from local.stack import Stack

CAUSE: Final = Cause("mine", "operation", "DATA_EXCEPTION")


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Give an account with nothing in it, and wait for nothing."""
    monkeypatch.setattr(inboxes, "QUIET_SECONDS", 0.01)
    with mock_aws():
        yield Stack(boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-west-1"))


@pytest.fixture
def topic(stack: Stack) -> str:
    """Make the alert topic."""
    return stack.session.client("sns").create_topic(Name="alerts")["TopicArn"]


def publish(stack: Stack, topic: str, card_id: str, **more: str) -> None:
    """Publish an alert about a card."""
    alert = {"cardId": card_id, "operationId": CAUSE.operation_id, "status": CAUSE.status, **more}
    stack.session.client("sns").publish(TopicArn=topic, Message=json.dumps(alert))


def take(inbox: Inbox, most_seconds: float = 5.0) -> list[Any]:
    """Take the alerts about the card of CAUSE."""
    return list(inbox.take({CAUSE}, {"mine"}, most_seconds, lambda _: None))


def test_it_is_there_for_the_run_and_gone_after(stack: Stack, topic: str) -> None:
    """It gets what is published meanwhile, twice if it was twice; no queue and no subscription are left."""
    with own_inbox(stack, topic) as inbox:
        publish(stack, topic, "mine")
        publish(stack, topic, "mine")
        alerts = take(inbox)

    assert [alert["cardId"] for alert in alerts] == ["mine", "mine"]
    assert "QueueUrls" not in stack.session.client("sqs").list_queues()
    assert stack.session.client("sns").list_subscriptions()["Subscriptions"] == []


def test_that_a_card_is_late_is_no_cause(stack: Stack, topic: str) -> None:
    """An alert that says so is none that a scenario must have raised, or must not have."""
    with own_inbox(stack, topic) as inbox:
        publish(stack, topic, "mine", kind="OVERDUE", overdueOn="2026-03-09")
        publish(stack, topic, "mine")
        assert len(take(inbox)) == 1


def test_it_is_gone_after_a_failure(stack: Stack, topic: str) -> None:
    """Whatever ended the run."""
    with pytest.raises(KeyboardInterrupt), own_inbox(stack, topic):
        raise KeyboardInterrupt

    assert "QueueUrls" not in stack.session.client("sqs").list_queues()


def test_alerts_of_others_are_left(stack: Stack, topic: str) -> None:
    """In an inbox that others read too, only alerts of the run are taken."""
    with own_inbox(stack, topic) as own:
        publish(stack, topic, "theirs")
        publish(stack, topic, "mine")
        sqs = stack.session.client("sqs")
        queue_url = own._queue_url

        assert [alert["cardId"] for alert in take(Inbox(sqs, queue_url))] == ["mine"]

        counts = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
        left = int(counts["ApproximateNumberOfMessages"]) + int(counts["ApproximateNumberOfMessagesNotVisible"])
        assert left == 1


def test_a_missing_alert_is_waited_for_and_given_up(stack: Stack, topic: str) -> None:
    """As long as is set, telling that it waits."""
    shown: list[str] = []
    with own_inbox(stack, topic) as inbox:
        alerts = inbox.take({CAUSE}, {"mine"}, 1.1, shown.append)

    assert alerts == []
    assert shown[0] == "waiting for 1 of 1 alerts"
