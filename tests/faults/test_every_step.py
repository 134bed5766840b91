"""Crash, throttle, time out, cut off: at every call to AWS that the functions make."""

from collections import Counter

import pytest

from card_tracking.use_cases.receive import ALERTS_AT_ONCE
from tests.faults.cases import calls_of, cases_of, live_through, losses_of
from tests.faults.scenarios import ALL, STORM, Scenario
from tests.faults.storms import Storm, losses_in_storm
from tests.faults.world import new_world
from tests.proof.engines import TableEngine
from tests.proof.faults import KILLS, OF_BATCHES, Fault
from tests.proof.invocations import faultless

# Between them they make every kind of call in every order. `make prove` takes all scenarios and all faults.
EVERY_FAULT = ("malformed among good", "failure told after the card was shipped", "unreadable", "relay of one alert")
EVERY_KILL = ("thirty cards, twelve of them failed", "two cards, one of them failed", "repetition of a failure")
STORMS = 30
SCENARIOS = {scenario.name: scenario for scenario in ALL}


@pytest.mark.parametrize("scenario", ALL, ids=str)
def test_nothing_is_lost_where_nothing_fails(engine: TableEngine, scenario: Scenario) -> None:
    """Each scenario, and a repetition a day later: statuses, alerts, history and rejected operations are right."""
    with new_world(engine) as world:
        assert live_through(world, scenario, faultless) == []


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("name", EVERY_FAULT)
def test_nothing_is_lost_whatever_fails_wherever(engine: TableEngine, name: str, fault: Fault) -> None:
    """Whatever goes wrong at any one call: every status, alert and delivery is there in the end, and no alert twice."""
    _lose_nothing(engine, SCENARIOS[name], fault)


@pytest.mark.parametrize("fault", sorted(KILLS))
@pytest.mark.parametrize("name", EVERY_KILL)
def test_nothing_is_lost_wherever_the_process_dies(engine: TableEngine, name: str, fault: Fault) -> None:
    """A process that dies at any call, before, within or after it, leaves nothing that D1's resend does not mend."""
    _lose_nothing(engine, SCENARIOS[name], fault)


def test_entries_of_a_bulk_left_undone_are_done_again(engine: TableEngine) -> None:
    """A batch of puts, gets, statements or messages that answers 200 with entries undone is not taken for done."""
    _lose_nothing(engine, SCENARIOS["thirty cards, twelve of them failed"], Fault.PARTLY)


def test_what_is_handed_over_does_not_wait_for_a_lease(engine: TableEngine) -> None:
    """Of a storm D1 waits for the first alerts alone; the others are the called relay's, a moment later."""
    scenario = SCENARIOS[STORM]
    with new_world(engine) as world:
        world.deliver(scenario.body)
        assert len(world.topic.alerts) == ALERTS_AT_ONCE
        assert len(world.functions.called) == 1
        world.relay()
        assert set(world.published()) == scenario.alerts
        assert len(world.topic.alerts) == len(scenario.alerts)


@pytest.mark.parametrize("fault", sorted(set(Fault) - OF_BATCHES))
def test_the_relay_that_cannot_be_called_costs_no_alert(engine: TableEngine, fault: Fault) -> None:
    """What was to be handed over to the relay is found by its schedule, and D1 has its answer all the same."""
    [case] = [one for one in cases_of(engine, SCENARIOS[STORM]) if (one.operation, one.fault) == ("Invoke", fault)]
    assert losses_of(engine, case) == []


@pytest.mark.parametrize("seed", range(STORMS))
def test_nothing_is_lost_in_a_storm(engine: TableEngine, seed: int) -> None:
    """Faults at random in delivery, resends and relay, one after the other: still nothing is lost."""
    assert losses_in_storm(engine, Storm(seed)) == []


@pytest.mark.parametrize("scenario", ALL, ids=str)
def test_a_notification_costs_few_requests(engine: TableEngine, scenario: Scenario) -> None:
    """An ordinary notification is one read and one batch; only what is beside the ordinary costs more requests."""
    calls = Counter(call.operation for call in calls_of(engine, scenario))
    alerts_new = bool(scenario.alerts) and not scenario.name.startswith("repetition")
    if scenario.struck == "receive_notification" and len(scenario.recorded) <= 10:
        assert calls["BatchGetItem"] <= 1
        assert calls["SendMessageBatch"] == bool(scenario.rejected)
        assert calls["PublishBatch"] == alerts_new
        # One for statuses and history; the outbox row before it, the mark on the row after it.
        assert calls["BatchExecuteStatement"] == bool(scenario.recorded) + 2 * alerts_new


def _lose_nothing(engine: TableEngine, scenario: Scenario, fault: Fault) -> None:
    cases = [case for case in cases_of(engine, scenario) if case.fault is fault]
    lost = {str(case): losses for case in cases if (losses := losses_of(engine, case))}
    assert cases
    assert not lost
