"""Time that runs out: every call is slow, and the invocation ends somewhere. No crash, so no alert may come twice."""

from collections.abc import Iterator
from typing import Final

from card_tracking.adapters.alert_outbox import LEASE_SECONDS
from tests.faults.scenarios import body, failure
from tests.faults.world import new_world
from tests.proof.engines import TableEngine
from tests.proof.invocations import Call, Clock, Plan

SLOW_SECONDS: Final = 1.8
"""A call that takes about as long as the time-outs of the clients allow."""
FAILURES: Final = 12


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
        ids = [alert["alertId"] for alert in world.topic.alerts]
        return [
            *_unless(len(set(ids)) == FAILURES, f"{FAILURES - len(set(ids))} alerts lost"),
            *_unless(len(ids) == len(set(ids)), f"{len(ids) - len(set(ids))} alerts published twice"),
            *_unless(world.pending() == 0, f"{world.pending()} alerts pending for ever"),
            *(violation for invocation in world.invocations for violation in invocation.violations),
        ]


def _unless(holds: bool, loss: str) -> Iterator[str]:
    if not holds:
        yield loss


def _slow(clock: Clock) -> Plan:
    def plan(call: Call) -> None:
        del call
        clock.advance(SLOW_SECONDS)

    return plan
