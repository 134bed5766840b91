"""Crash, throttle, time out, cut off: at every call to AWS that a replay of rejected operations makes."""

import pytest

from tests.faults.replays import losses_of_replay, losses_of_replays_in_a_storm, replay_cases
from tests.faults.storms import Storm
from tests.proof.engines import TableEngine
from tests.proof.faults import Fault

# Between them they leave nothing, half or all of a call done, with and without a word of it. `make prove` takes all.
FAULTS = (Fault.DOWN, Fault.OUT_OF_TIME, Fault.KILLED_MIDWAY, Fault.KILLED_AFTER)
STORMS = 10


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_leaves_the_queue_before_it_is_stored(engine: TableEngine, fault: Fault) -> None:
    """Whatever goes wrong at any call: what was in the queue is stored or still in it, and the next replays end it."""
    cases = [case for case in replay_cases(engine) if case.fault is fault]
    lost = {str(case): losses for case in cases if (losses := losses_of_replay(engine, case))}
    assert cases
    assert not lost


@pytest.mark.parametrize("seed", range(STORMS))
def test_a_replay_in_a_storm_loses_nothing(engine: TableEngine, seed: int) -> None:
    """Faults at random in replay after replay: still nothing is lost, doubled or recorded twice."""
    assert losses_of_replays_in_a_storm(engine, Storm(seed).plan()) == []
