"""A replay that goes wrong at a call to AWS, and what was lost by it: nothing leaves the queue before it is stored."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from card_tracking.adapters.rejected_queue import INVISIBLE_SECONDS
from card_tracking.wire.rejected_message import replayable_body
from tests.faults.cases import BEYOND_LEASE
from tests.faults.scenarios import CANARY, Cause, Scenario, body, failure, operation
from tests.faults.verdict import misdeeds, wrong_alerts, wrong_statuses
from tests.faults.world import World, new_world
from tests.proof.engines import TableEngine
from tests.proof.faults import OF_BATCHES, WITHOUT_ENTRIES, Fault
from tests.proof.invocations import Call, Plan, faultless, strike

REPLAYS: Final = 12
ORDER: Final[dict[str, Any]] = {"dryRun": False, "operationsASecond": 10_000}
RECEIVED: Final = "2026-01-16T10:00:00.000Z"

_BAD: Final = {"cardId": "bad", "note": CANARY}
_GOOD: Final = (
    operation("a", "DATA_PREPARED"),
    operation("b", "CARD_PROD_READY"),
    failure("c"),
    operation("d", "CARD_PROD_DONE"),
)
_AFTER: Final = Scenario(
    "replay",
    body(*_GOOD),
    statuses={"a": "DATA_PREPARED", "b": "CARD_PROD_READY", "c": "DATA_EXCEPTION", "d": "CARD_PROD_DONE"},
    alerts=frozenset({Cause("c", "produce-1", "DATA_EXCEPTION")}),
)
"""What must be true when all of it has been replayed."""


def _message(reason: str, **content: Any) -> str:
    origin = {"correlationId": None, "requestId": "request-0", "receivedAt": RECEIVED}
    return json.dumps({"reason": reason, **content, **origin})


MENDED: Final = (
    _message("FIELD_INVALID", operation=_GOOD[0]),
    _message("FIELD_INVALID", operations=[*_GOOD[1:3], _BAD]),
    _message("NOT_JSON", body=body(_GOOD[3])),
)
"""What rejected these has been mended, but for one operation of the second."""
STAYING: Final = (
    _message("FIELD_MISSING", operation=_BAD),
    _message("TOO_LARGE", operationStart='{"cardId', operationLength=400_000, operationSha256="0"),
    *(f'"nothing of ours, {number}"' for number in range(9)),
)
"""Still rejected, cut, and foreign: with the others more than one call of the queue gives."""
REJECTED_AGAIN: Final = 2
"""Of what is replayed: so often is the bad operation in the queue, before and after."""


@dataclass(frozen=True, slots=True)
class ReplayCase:
    """What goes wrong, and where."""

    number: int
    operation: str
    fault: Fault

    def __str__(self) -> str:
        """Name the case for a report."""
        return f"replay: call {self.number} ({self.operation}) {self.fault}"


def replay_cases(engine: TableEngine) -> Iterator[ReplayCase]:
    """Make every case: each call that a faultless replay makes, and each fault that can strike it."""
    with new_world(engine) as world:
        _fill(world)
        world.replay(ORDER)
        calls: Sequence[Call] = world.invocations[-1].calls
    for call in calls:
        for fault in Fault:
            if fault not in OF_BATCHES or call.operation not in WITHOUT_ENTRIES:
                yield ReplayCase(call.number, call.operation, fault)


def losses_of_replay(engine: TableEngine, case: ReplayCase) -> list[str]:
    """Run a case to its end; return what was lost, in words."""
    with new_world(engine) as world:
        losses = _live_through(world, strike(case.number, case.fault), faultless)
        if not any(call.struck_by is case.fault for call in world.invocations[0].calls):
            losses.append("the fault struck nothing, so nothing is shown")
        return losses


def losses_of_replays_in_a_storm(engine: TableEngine, plan: Plan) -> list[str]:
    """Let everything go wrong at random, in each of several replays; return what was lost, in words."""
    with new_world(engine) as world:
        return _live_through(world, plan, plan)


def _live_through(world: World, first: Plan, later: Plan) -> list[str]:
    """Order replays until one has seen the whole queue, and look after each that nothing is gone."""
    mended, staying = _fill(world)
    losses: list[str] = []
    for number, plan in enumerate([first] + [later] * REPLAYS + [faultless] * 2):
        report = world.replay(ORDER, plan)
        losses += [f"after replay {number + 1}: {loss}" for loss in _gone(world)]
        # Whatever a process that is no more had taken comes into sight again.
        world.clock.advance(INVISIBLE_SECONDS + 1)
        if report and report["finished"] and not mended & world.queue.ids:
            break
    world.clock.advance(BEYOND_LEASE)
    while world.relay():
        world.clock.advance(BEYOND_LEASE)
    return [
        *losses,
        *_wrong_queue(world, mended, staying),
        *_wrong_history(world),
        *wrong_statuses(world, _AFTER),
        *wrong_alerts(world, _AFTER),
        *misdeeds(world),
    ]


def _fill(world: World) -> tuple[set[str], set[str]]:
    mended, staying = {world.queue.put(text) for text in MENDED}, {world.queue.put(text) for text in STAYING}
    return mended, staying


def _gone(world: World) -> Iterator[str]:
    """Name what is neither in the queue nor stored."""
    recorded = _recorded(world)
    cards = set(world.all_cards())
    queued = [one for message in world.queue.messages for one in _operations_in(message)]
    for one in _GOOD:
        is_stored = json.dumps(one, sort_keys=True) in recorded and one["cardId"] in cards
        if not is_stored and one not in queued:
            yield f"{one['cardId']} is neither stored nor in the queue"
    if queued.count(_BAD) < REJECTED_AGAIN:
        yield "what was rejected again is not in the queue"


def _operations_in(message: Any) -> list[Any]:
    if not isinstance(message, dict) or (text := replayable_body(message)) is None:
        return []
    operations: list[Any] = json.loads(text)["operations"]
    return operations


def _recorded(world: World) -> Counter[str]:
    return sum(world.recorded().values(), Counter[str]())


def _wrong_queue(world: World, mended: set[str], staying: set[str]) -> Iterator[str]:
    if not staying <= world.queue.ids:
        yield f"{len(staying - world.queue.ids)} messages taken off that cannot be replayed"
    if mended & world.queue.ids:
        yield f"{len(mended & world.queue.ids)} messages never replayed"


def _wrong_history(world: World) -> Iterator[str]:
    if _recorded(world) != Counter(json.dumps(one, sort_keys=True) for one in _GOOD):
        yield "the history does not hold each operation once"
