"""Alerts: never lost, once per cause, and to those who want them."""

import time

from card_tracking.use_cases.receive import ALERTS_AT_ONCE
from local.deployment import Deployment
from tests.integration.client import PROMISED_SECONDS, Channel, Client, subscribe
from tests.integration.notifications import Card
from tests.integration.outages import end_lease, outage_of_sns, pending_alerts, schedule_of_the_relay


def test_a_storm_is_over_soon(client: Client, channel: Channel) -> None:
    """More alerts than D1 should wait for: the relay is called for the others, and does not wait for its schedule."""
    cards = [Card() for _ in range(ALERTS_AT_ONCE + 20)]

    client.post(*(card.data_exception() for card in cards))
    alerts = channel.alerts_of({card.card_id for card in cards}, expected=len(cards))

    assert sorted(alert["cardId"] for alert in alerts) == sorted(card.card_id for card in cards)


def test_an_alert_is_there_at_once(client: Client, channel: Channel) -> None:
    """From the post to the alert in the inbox it takes less than is promised, and the alert says what happened."""
    card = Card()
    started = time.monotonic()

    client.post(card.data_exception())
    (alert,) = channel.alerts(card.card_id, expected=1)

    assert time.monotonic() - started < PROMISED_SECONDS
    assert (alert["status"], alert["errorCode"]) == ("DATA_EXCEPTION", "FIELD_INVALID_FORMAT")
    assert alert["superseded"] is False


def test_an_outage_of_sns_is_no_matter_of_d1s(client: Client, deployment: Deployment, channel: Channel) -> None:
    """Meanwhile D1 is answered 204 and the alert waits in the table; afterwards the relay brings it, once."""
    card = Card()
    with outage_of_sns(deployment):
        answer = client.post(card.data_exception())
        (waiting,) = pending_alerts(client, deployment, card.card_id)
    relay = deployment.outputs["RelayAlertsFunctionName"]

    before_its_time = client.invoke(relay, {})
    end_lease(client, deployment, waiting)
    in_time = client.invoke(relay, {})
    client.invoke(relay, {})

    assert answer.status == 204
    assert client.card(card.card_id)["status"] == "DATA_EXCEPTION"
    assert (before_its_time["published"], in_time["published"]) == (0, 1)
    assert pending_alerts(client, deployment, card.card_id) == []
    assert len(channel.alerts(card.card_id, expected=1)) == 1


def test_a_channel_gets_what_it_asks_for(client: Client, deployment: Deployment) -> None:
    """A subscription that filters by status is spared the others."""
    channel = subscribe(deployment, {"status": ["CARD_PROD_CANCELED"]})
    card = Card()

    client.post(card.data_exception())
    client.post(card.update("CARD_PROD_CANCELED"))

    assert [alert["status"] for alert in channel.alerts(card.card_id, expected=1)] == ["CARD_PROD_CANCELED"]


def test_the_schedule_runs_the_relay(deployment: Deployment) -> None:
    """The deployed rule is on, and runs the version in service."""
    rule = schedule_of_the_relay(deployment)

    assert (rule["State"], rule["ScheduleExpression"]) == ("ENABLED", "rate(1 minute)")
