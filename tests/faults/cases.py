"""One case: a scenario, one thing that goes wrong at one place, D1's resend or none, and what was lost by it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from card_tracking.adapters.alert_outbox import LEASE_SECONDS
from card_tracking.use_cases.receive import ALERTS_AT_ONCE
from tests.faults.scenarios import Scenario
from tests.faults.verdict import losses_in
from tests.faults.world import World, new_world
from tests.proof.engines import TableEngine
from tests.proof.faults import ABSORBED, OF_BATCHES, WITHOUT_ENTRIES, Fault
from tests.proof.invocations import Call, Plan, faultless, strike

RESENDS: Final = 20
RESEND_SECONDS: Final = 30.0
A_DAY: Final = 86_400.0
BEYOND_LEASE: Final = LEASE_SECONDS + 1.0


@dataclass(frozen=True, slots=True)
class Case:
    """What goes wrong, and where."""

    scenario: Scenario
    number: int
    fault: Fault
    operation: str = ""

    def __str__(self) -> str:
        """Name the case for a report."""
        return f"{self.scenario.name}: call {self.number} ({self.operation}) {self.fault}"


def cases_of(engine: TableEngine, scenario: Scenario) -> Iterator[Case]:
    """Make every case of a scenario: each call that a faultless run makes, and each fault that can strike it."""
    for call in calls_of(engine, scenario):
        for fault in Fault:
            if fault not in OF_BATCHES or call.operation not in WITHOUT_ENTRIES:
                yield Case(scenario, call.number, fault, call.operation)


def calls_of(engine: TableEngine, scenario: Scenario) -> list[Call]:
    """Return the calls that the function under test makes where nothing goes wrong."""
    with new_world(engine) as world:
        prepare(world, scenario)
        if scenario.struck == "relay_alerts":
            world.relay()
        else:
            world.deliver(scenario.body)
        return world.invocations[-1].calls


def losses_of(engine: TableEngine, case: Case) -> list[str]:
    """Run a case to its end and return what was lost, in words; an empty list where nothing was."""
    with new_world(engine) as world:
        losses = live_through(world, case.scenario, strike(case.number, case.fault))
        if case.fault in ABSORBED:
            losses += [f"D1 noticed: {code}" for code in world.answered.values() if code not in (204, 400)]
        calls = [call for invocation in world.invocations for call in invocation.calls]
        if not any(call.number == case.number and call.struck_by is case.fault for call in calls):
            losses.append("the fault struck nothing, so nothing is shown")
        return losses


def live_through(world: World, scenario: Scenario, first: Plan, later: Plan = faultless) -> list[str]:
    """Let a scenario happen: ``first`` strikes the function under test, ``later`` all that follows until it is over.

    D1 sends again only until it is answered 204 or 400; from there on only the relay runs. A day later one repetition
    arrives, as at-least-once delivery allows.
    """
    prepare(world, scenario)
    losses = []
    if scenario.struck == "relay_alerts":
        world.relay(first)
    else:
        losses = _deliver_until_taken(world, scenario, first, later)
    for plan in [later] * RESENDS + [faultless] * 2:
        world.clock.advance(BEYOND_LEASE)
        if not world.relay(plan) and not world.pending():
            break
    world.clock.advance(A_DAY)
    world.deliver(scenario.body)
    world.clock.advance(BEYOND_LEASE)
    world.relay()
    return losses + losses_in(world, scenario)


def prepare(world: World, scenario: Scenario) -> None:
    """Let happen, without fault, what came before the scenario."""
    plan = (lambda call: Fault.DOWN if call.service == "sns" else None) if scenario.topic_was_down else faultless
    for body in scenario.earlier:
        world.deliver(body, plan)
    world.clock.advance(BEYOND_LEASE)


def _deliver_until_taken(world: World, scenario: Scenario, first: Plan, later: Plan) -> list[str]:
    losses = []
    for number, plan in enumerate([first] + [later] * RESENDS + [faultless]):
        status_code = world.deliver(scenario.body, plan)
        if number == 0:
            losses = _taken_too_early(world, scenario)
        if status_code in (204, 400):
            break
        world.clock.advance(RESEND_SECONDS)
    return losses


def _taken_too_early(world: World, scenario: Scenario) -> list[str]:
    """Run the relay within the lease: what its inserter may still be at work on must be left to it."""
    before = len(world.topic.alerts)
    world.relay()
    early = len(world.topic.alerts) - before - max(0, len(scenario.alerts) - ALERTS_AT_ONCE)
    return [f"the relay published {early} alerts within their lease"] if early > 0 else []
