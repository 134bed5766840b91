"""What was lost: a world that has come to rest, held against what must be true of it."""

import json
from collections import Counter
from collections.abc import Iterator

from tests.faults.excuses import excused_repetitions
from tests.faults.scenarios import CANARY, Scenario
from tests.faults.world import World
from tests.proof.expectations import content_of, statuses_after


def losses_in(world: World, scenario: Scenario) -> list[str]:
    """Hold a world that has come to rest against what must be true."""
    return [
        *wrong_statuses(world, scenario),
        *wrong_alerts(world, scenario),
        *_unrecorded(world, scenario),
        *(f"answered {code}" for code in world.answered.values() if code not in (scenario.status_code, 204, 503)),
        *world.groundless,
        *misdeeds(world),
    ]


def misdeeds(world: World) -> Iterator[str]:
    """Name each request that AWS would not take or that came too late, and each log line that tells too much."""
    for invocation in world.invocations:
        yield from invocation.violations
    for output in world.output:
        if CANARY in output:
            yield "a log line repeats what was sent"


def wrong_statuses(world: World, scenario: Scenario) -> Iterator[str]:
    """Hold the statuses against those of the same updates one after the other."""
    cards = world.all_cards()
    statuses = world.statuses(cards) if cards else {}
    shown = {card_id: status.shown.status for card_id, status in statuses.items()}
    if shown != scenario.statuses:
        yield f"statuses are {shown}"
    expected = statuses_after((*scenario.earlier, scenario.body))
    for card_id, status in statuses.items():
        if card_id in expected and content_of(status) != content_of(expected[card_id]):
            yield f"the status of {card_id} differs from that of a faultless life"


def wrong_alerts(world: World, scenario: Scenario) -> Iterator[str]:
    """Hold what was published against the causes; a repetition must have its excuse."""
    published = Counter(world.published())
    for cause in scenario.alerts - published.keys():
        yield f"alert lost: {cause}"
    for cause in published.keys() - scenario.alerts:
        yield f"alert without a cause: {cause}"
    excused = excused_repetitions(world.invocations)
    by_id = Counter(alert["alertId"] for alert in world.topic.alerts)
    for alert_id, times in by_id.items():
        if times - 1 > excused[alert_id]:
            yield f"alert {alert_id} published {times} times, {excused[alert_id]} repetitions excused"
    if len(by_id) != len({cause[:3] for cause in published}):
        yield "one cause has several alert ids"
    if world.pending():
        yield f"{world.pending()} alerts pending for ever"


def _unrecorded(world: World, scenario: Scenario) -> Iterator[str]:
    """Hold the history and the queue against the requests that were answered as taken."""
    wanted = Counter(json.dumps(operation, sort_keys=True) for operation in scenario.recorded)
    recorded = world.recorded()
    earlier = len(scenario.earlier)
    for request_id, status_code in list(world.answered.items())[earlier:]:
        found = recorded.get(request_id, Counter())
        if status_code == 204 and found != wanted:
            yield f"{request_id} was answered 204 with {found.total()} of {wanted.total()} operations recorded"
        if status_code in (204, 400):
            kept = {message["reason"] for message in world.queue.messages if message["requestId"] == request_id}
            if kept != scenario.rejected:
                yield f"{request_id} was answered {status_code} with {sorted(kept)} in the queue"
