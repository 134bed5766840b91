"""SIGKILL: the process of a function is ended at a call to AWS, for real, and what was lost by it."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from card_tracking.domain.instants import now
from tests.faults.cases import BEYOND_LEASE, prepare
from tests.faults.scenarios import Scenario
from tests.faults.verdict import losses_in
from tests.faults.world import World
from tests.runtime.emulator import Function
from tests.runtime.site import TABLE, Site, event

RESENDS: Final = 10
A_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Kill:
    """Where a process ends: at one of its calls to AWS, before the call reaches AWS or after it took effect."""

    scenario: Scenario
    number: int
    takes_effect: bool

    def __str__(self) -> str:
        """Name the case for a report."""
        return f"{self.scenario.name}: killed {'after' if self.takes_effect else 'before'} call {self.number}"


def kills_of(site: Site, function: Function, scenario: Scenario) -> Iterator[Kill]:
    """Make every case of a scenario: each call that the function makes where nothing goes wrong, before and after."""
    # On a busy machine a call can time out and be made again: the smaller number is that without.
    calls = min(_calls_of(site, function, scenario) for _ in range(2))
    for number in range(1, calls + 1):
        for takes_effect in (False, True):
            yield Kill(scenario, number, takes_effect)


def _calls_of(site: Site, function: Function, scenario: Scenario) -> int:
    with _world(site, scenario) as world:
        site.gate.watch()
        _invoke(function, world, scenario)
        return len(site.gate.operations)


def losses_of_kill(site: Site, function: Function, kill: Kill) -> list[str]:
    """Kill, let D1 send again and the relay run, and a day later D1 once more; return what was lost or doubled."""
    scenario = kill.scenario
    with _world(site, scenario) as world:
        site.gate.watch(
            kill.number,
            takes_effect=kill.takes_effect,
            incident=lambda: os.kill(function.runtime_process, signal.SIGKILL),
        )
        answer = _invoke(function, world, scenario)
        may_repeat = _between_publishing_and_marking(site.gate.operations, kill)
        losses = [] if answer.get("errorType") == "Runtime.ExitError" else ["no process was killed"]
        site.gate.watch()
        if scenario.struck == "receive_notification":
            _resend(function, world, scenario)
        world.clock.microseconds = now()
        world.clock.advance(BEYOND_LEASE)
        while world.relay():
            world.clock.advance(BEYOND_LEASE)
        world.clock.advance(A_DAY)
        world.deliver(scenario.body)
        world.topic.alerts += site.take_alerts()
        for message in site.take_rejected():
            world.queue.put(json.dumps(message))
        if may_repeat:
            # Both with the same alertId: whoever folds by it sees one.
            world.topic.alerts = list({alert["alertId"]: alert for alert in world.topic.alerts}.values())
        return losses + losses_in(world, scenario)


@contextmanager
def _world(site: Site, scenario: Scenario) -> Iterator[World]:
    """Make a world on the site's table, empty but for what came before; leave no message behind."""
    with site.engine.table(TABLE):
        world = World(site.engine.dynamodb, TABLE)
        prepare(world, scenario)
        yield world
    site.take_alerts()
    site.take_rejected()


def _resend(function: Function, world: World, scenario: Scenario) -> None:
    for _ in range(RESENDS):
        if _invoke(function, world, scenario).get("statusCode") in (204, 400):
            return


def _invoke(function: Function, world: World, scenario: Scenario) -> Any:
    if scenario.struck == "relay_alerts":
        return function.invoke({}).document
    world.requests += 1
    request_id = f"request-{world.requests}"
    answer = function.invoke(event(scenario.body, request_id)).document
    if "statusCode" in answer:
        world.answered[request_id] = answer["statusCode"]
    return answer


def _between_publishing_and_marking(operations: list[str], kill: Kill) -> bool:
    """Say whether alerts had been published, and not yet marked, when the process died."""
    struck = operations[kill.number - 1] if len(operations) >= kill.number else ""
    published = operations.count("PublishBatch") - (struck == "PublishBatch" and not kill.takes_effect)
    return published > 0 and (struck == "PublishBatch" or not kill.takes_effect)
