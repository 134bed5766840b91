"""The check before a release: through the version itself, into the table, and past everybody who is alerted."""

import json

from card_tracking.domain.statuses import KNOWN, NO_STATUS
from check_release.synthetic import CARD_ID
from local.deployment import Deployment
from tests.integration.client import Channel, Client


def test_a_good_version_passes(client: Client, deployment: Deployment, channel: Channel) -> None:
    """The synthetic notification is taken and found again; nobody is alerted, and nothing is rejected."""
    client.rejected()

    answer = client.invoke(deployment.outputs["CheckReleaseFunctionName"], {})

    assert answer == {"passed": True, "finding": None}
    assert channel.alerts(CARD_ID, expected=0) == []
    assert client.rejected() == []


def test_it_is_among_no_banks_cards(client: Client, deployment: Deployment) -> None:
    """Its card is found by its own name only: under no status that a card can have."""
    client.invoke(deployment.outputs["CheckReleaseFunctionName"], {})

    assert client.card(CARD_ID)["status"] == NO_STATUS
    for status in KNOWN:
        assert CARD_ID not in json.dumps(client.ask({"status": status}))


def test_each_check_is_seen(client: Client, deployment: Deployment) -> None:
    """A check finds what it sent itself, not what an earlier one left there."""
    before = client.invoke(deployment.outputs["CheckReleaseFunctionName"], {}) and client.card(CARD_ID)["operationId"]

    client.invoke(deployment.outputs["CheckReleaseFunctionName"], {})

    assert client.card(CARD_ID)["operationId"] != before
