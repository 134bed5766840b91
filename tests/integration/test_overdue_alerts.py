"""Overdue cards, in the deployed stack: alerted for once a day, and never lost."""

import boto3

from local.deployment import Deployment
from tests.integration.client import Channel, Client, subscribe
from tests.integration.conftest import OVERDUE_SCHEDULE
from tests.integration.notifications import Card
from tests.integration.outages import end_lease, outage_of_sns, pending_alerts


def test_an_overdue_card_is_alerted_once_a_day(client: Client, deployment: Deployment) -> None:
    """Who asks for overdue cards gets each once, however often they are looked for; those in time never."""
    late, in_time = Card(), Card()
    channel = subscribe(deployment, {"kind": ["OVERDUE"]})
    client.post(late.data_prepared(), in_time.update("DATA_PREPARED", details={"dueDate": "2999-01-21"}))
    function = deployment.outputs["AlertOverdueCardsFunctionName"]

    first, second = client.invoke(function, {}), client.invoke(function, {})
    client.post(late.data_exception())

    assert first["overdue"] >= first["raised"] == first["published"] >= 1
    assert (second["day"], second["raised"]) == (first["day"], 0)
    (alert,) = channel.alerts(late.card_id, expected=1)
    assert (alert["overdueOn"], alert["dueDate"]) == (first["day"], "2025-01-21")
    assert channel.alerts(in_time.card_id, expected=0) == []


def test_overdue_cards_wait_for_the_topic(client: Client, deployment: Deployment, channel: Channel) -> None:
    """While SNS is out the alert waits in the table, and another look does not double it. The relay brings it, once."""
    late = Card()
    function = deployment.outputs["AlertOverdueCardsFunctionName"]
    # So that those of other tests are out of the way.
    client.invoke(function, {})
    client.post(late.data_prepared())
    with outage_of_sns(deployment):
        looked = client.invoke(function, {})
        (waiting,) = pending_alerts(client, deployment, late.card_id)
    again = client.invoke(function, {})
    end_lease(client, deployment, waiting)

    client.invoke(deployment.outputs["RelayAlertsFunctionName"], {})

    assert (looked["raised"], looked["published"], again["raised"]) == (1, 0, 0)
    assert pending_alerts(client, deployment, late.card_id) == []
    assert len(channel.alerts(late.card_id, expected=1)) == 1


def test_the_schedule_runs_the_version_in_service(deployment: Deployment) -> None:
    """The deployed rule is on."""
    events = boto3.client("events", **deployment.engine.access)
    own = f":{deployment.outputs['AlertOverdueCardsFunctionName']}:live"
    (rule,) = [
        rule
        for rule in events.list_rules()["Rules"]
        if any(target["Arn"].endswith(own) for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"])
    ]

    assert (rule["State"], rule["ScheduleExpression"]) == ("ENABLED", OVERDUE_SCHEDULE)
