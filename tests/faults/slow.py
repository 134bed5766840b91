"""Time that runs out, of an invocation or of a lease. Nothing crashes, so no alert may come twice."""

import json
from collections.abc import Iterator
from typing import Final

from card_tracking.adapters.alert_outbox import LEASE_SECONDS
from tests.faults.scenarios import body, failure, operation
from tests.faults.world import World, new_world
from tests.proof.engines import TableEngine
from tests.proof.invocations import Call, Clock, Plan

SLOW_SECONDS: Final = 1.8
"""A call that takes about as long as the time-outs of the clients allow."""
FAILURES: Final = 12
RELAY_SECONDS: Final = 10.0
"""Between two runs of the relay: more often than it is scheduled, so that one always comes at a bad moment."""


def losses_where_time_ends(engine: TableEngine, seconds: float) -> list[str]:
    """Deliver, and relay, in processes that end so many seconds after their start; return what was lost or doubled."""
    with new_world(engine) as world:
        said = body(*(failure(f"card-{number}") for number in range(FAILURES)))
        world.deliver(said, _slow(world.clock), seconds)
        world.deliver(said)
        world.clock.advance(LEASE_SECONDS + 1)
        world.relay(_slow(world.clock), seconds)
        world.clock.advance(LEASE_SECONDS + 1)
        world.relay()
        return list(_losses(world))


def losses_where_a_lease_ends(engine: TableEngine, seconds: float) -> list[str]:
    """Replay a notification whose statuses and deliveries take so many seconds a call, while the relay runs beside it.

    The replay may run for longer than a lease. Return what was lost or doubled.
    """
    with new_world(engine) as world:
        stored_slowly = [operation(f"other-{number}", "DATA_PREPARED") for number in range(FAILURES)]
        failures = [failure(f"card-{number}") for number in range(FAILURES)]
        origin = {"correlationId": None, "requestId": "request-0", "receivedAt": "2026-01-16T10:00:00.000Z"}
        world.queue.put(json.dumps({"reason": "NOT_JSON", "body": body(*failures, *stored_slowly), **origin}))
        next_run = world.clock.monotonic() + RELAY_SECONDS

        def plan(call: Call) -> None:
            nonlocal next_run
            if call.operation in ("BatchExecuteStatement", "BatchWriteItem") and "ALERT#" not in str(call.request):
                world.clock.advance(seconds)
            else:
                world.clock.advance(SLOW_SECONDS)
            while next_run <= world.clock.monotonic():
                next_run += RELAY_SECONDS
                world.relay()

        report = world.replay({"dryRun": False, "operationsASecond": 10_000}, plan)
        world.clock.advance(LEASE_SECONDS + 1)
        world.relay()
        return [*_unless(bool(report and report["replayed"]), "nothing was replayed"), *_losses(world)]


def _losses(world: World) -> Iterator[str]:
    ids = [alert["alertId"] for alert in world.topic.alerts]
    yield from _unless(len(set(ids)) == FAILURES, f"{FAILURES - len(set(ids))} alerts lost")
    yield from _unless(len(ids) == len(set(ids)), f"{len(ids) - len(set(ids))} alerts published twice")
    yield from _unless(world.pending() == 0, f"{world.pending()} alerts pending for ever")
    yield from (violation for invocation in world.invocations for violation in invocation.violations)


def _unless(holds: bool, loss: str) -> Iterator[str]:
    if not holds:
        yield loss


def _slow(clock: Clock) -> Plan:
    def plan(call: Call) -> None:
        del call
        clock.advance(SLOW_SECONDS)

    return plan
