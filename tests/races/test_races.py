"""Deliveries and relays at the same time, on every engine, with a thread switch every microsecond."""

import pytest

from tests.proof.engines import TableEngine
from tests.races.rounds import race_deliveries, race_relays, race_renewals, race_storm

ROUNDS = 3


def test_deliveries_at_once_lose_nothing(engine: TableEngine) -> None:
    """Sixteen overlapping deliveries at once: the status of the same updates in a row, one alert a cause, all recorded.

    The writes did collide: without that, nothing would be shown.
    """
    outcomes = [race_deliveries(engine, seed) for seed in range(ROUNDS)]
    assert [outcome.losses for outcome in outcomes] == [[]] * ROUNDS
    assert sum(outcome.lost_races for outcome in outcomes) > ROUNDS


@pytest.mark.parametrize("alerts", [1, 12, 60])
def test_relays_at_once_publish_each_alert_once(engine: TableEngine, alerts: int) -> None:
    """Four relays that find the same pending alerts: each alert is published once and marked."""
    assert race_relays(engine, alerts) == []


@pytest.mark.parametrize("alerts", [1, 12, 100])
def test_an_inserter_and_relays_at_once_publish_each_alert_once(engine: TableEngine, alerts: int) -> None:
    """An inserter that is slower than its lease renews it or leaves the alert to the relay, never both."""
    assert race_renewals(engine, alerts) == []


def test_storms_and_relays_at_once_publish_each_alert_once(engine: TableEngine) -> None:
    """Relays that run while storms arrive take what is left to them, and nothing that its inserter is publishing."""
    assert race_storm(engine, 0) == []
