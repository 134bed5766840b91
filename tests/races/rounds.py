"""One race: deliveries with overlapping bodies at the same time, or relays at the same time, and what was lost."""

import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Barrier
from typing import Any, Final, TypeVar

from card_tracking.adapters.alert_outbox import LEASE_SECONDS, AlertOutbox
from card_tracking.adapters.alert_topic import AlertTopic
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.instants import Instant, now
from card_tracking.use_cases.publish import publish
from card_tracking.use_cases.receive import Receipt, ReceiveNotification
from card_tracking.use_cases.relay import RelayAlerts
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import Origin
from tests.faults.scenarios import Operation, body, failure, operation, shipped
from tests.faults.world import World, new_world
from tests.proof.engines import TableEngine
from tests.proof.expectations import content_of, statuses_after
from tests.proof.product import ISSUER_ID, Services, composed

DELIVERIES: Final = 16
COPIES: Final = 4
"""So many bodies hold each operation."""
RELAYS: Final = 4
STORM_DELIVERIES: Final = 4
STORM_CARDS: Final = 120
CARDS: Final = ("a", "b", "c", "d")
RENEWED_CARDS: Final = ("c", "d")
RENEWED: Final = {"operationId": "renew-1", "startTime": "2026-06-01T00:00:00Z"}
SWITCH_SECONDS: Final = 1e-6

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a race showed."""

    losses: list[str]
    lost_races: int
    """Writes that found another delivery's version and were made again over it: without any there was no race."""


def race_deliveries(engine: TableEngine, seed: int) -> Outcome:
    """Deliver overlapping bodies at once."""
    bodies = _overlapping_bodies(seed)
    with new_world(engine) as world:
        services = Services(world.dynamodb, world.table_name, world.topic, world.queue, world.functions)
        with composed(services) as compose:
            receipts = _at_once([_delivery(compose(), one, number) for number, one in enumerate(bodies)])
        return Outcome(
            [*_wrong_statuses(world), *_wrong_alerts(world), *_unrecorded(world, bodies)],
            sum(receipt.lost_races for receipt in receipts),
        )


def race_relays(engine: TableEngine, alerts: int) -> list[str]:
    """Let several relays find the same pending alerts at once."""
    with new_world(engine) as world:
        services = Services(world.dynamodb, world.table_name, _DownTopic(), world.queue, world.functions)
        with composed(services) as compose:
            _delivery(compose(), body(*(failure(f"card-{number}") for number in range(alerts))), 0)()
        reported = sum(_at_once([_relay(world, _when_leases_have_ended)] * RELAYS))
        times = Counter(alert["alertId"] for alert in world.topic.alerts)
        losses = [f"alert {alert_id} published {count} times" for alert_id, count in times.items() if count > 1]
        if len(times) != alerts or reported != alerts or world.pending():
            losses.append(f"{len(times)} of {alerts} published, {reported} reported, {world.pending()} left pending")
        return losses


def race_renewals(engine: TableEngine, alerts: int) -> list[str]:
    """Let an inserter whose leases have ended publish its alerts while several relays find them."""
    with new_world(engine) as world:
        outbox, topic = _outbox(world), _topic(world)
        said = read_notification(body(*(failure(f"card-{number}") for number in range(alerts))), now())
        causes = [Alert(one.update, superseded=False) for one in said.operations if one.update]
        rows = outbox.add(causes, Instant(now() - (LEASE_SECONDS + 1) * 1_000_000), Deadline())

        def publish_late() -> int:
            return len(publish(topic, outbox, rows, now, Deadline()).published)

        reported = sum(_at_once([publish_late, *[_relay(world, now)] * RELAYS]))
        times = Counter(alert["alertId"] for alert in world.topic.alerts)
        losses = [f"alert {alert_id} published {count} times" for alert_id, count in times.items() if count > 1]
        if len(times) != alerts or reported != alerts or world.pending():
            losses.append(f"{len(times)} of {alerts} published, {reported} reported, {world.pending()} left pending")
        return losses


def race_storm(engine: TableEngine, seed: int) -> list[str]:
    """Deliver overlapping storms of failures, and let relays run meanwhile, which find what is left to them."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, not secret
    cards = [f"card-{number}" for number in range(STORM_CARDS)]
    bodies = [body(*map(failure, chance.sample(cards, STORM_CARDS * 2 // 3))) for _ in range(STORM_DELIVERIES)]
    with new_world(engine) as world:
        services = Services(world.dynamodb, world.table_name, world.topic, world.queue, world.functions)
        with composed(services) as compose:
            works: list[Callable[[], object]] = [_delivery(compose(), one, number) for number, one in enumerate(bodies)]
            _at_once([*works, *[_relay(world, now, runs=20)] * RELAYS])
        _relay(world, _when_leases_have_ended)()
        times = Counter(alert["alertId"] for alert in world.topic.alerts)
        told = {one["cardId"] for said in bodies for one in json.loads(said)["operations"]}
        losses = [f"alert {alert_id} published {count} times" for alert_id, count in times.items() if count > 1]
        if len(times) != len(told) or world.pending():
            losses.append(f"{len(times)} of {len(told)} published, {world.pending()} left pending")
        return [*losses, *_unrecorded(world, bodies)]


def _when_leases_have_ended() -> Instant:
    """Tell a time at which whoever inserted a row until now is at work on it no more."""
    return Instant(now() + (LEASE_SECONDS + 1) * 1_000_000)


def _relay(world: World, clock: Callable[[], Instant], runs: int = 1) -> Callable[[], int]:
    relay = RelayAlerts(_outbox(world), _topic(world), clock)
    return lambda: sum(len(relay(Deadline()).published) for _ in range(runs))


def _outbox(world: World) -> AlertOutbox:
    return AlertOutbox(Table(world.dynamodb, world.table_name), retention_days=400)


def _topic(world: World) -> AlertTopic:
    return AlertTopic(lambda: world.topic, "arn:aws:sns:eu-west-1:000000000000:alerts", ISSUER_ID)  # type: ignore[arg-type,return-value]  # a double


class _DownTopic:
    """Refuses every message, so that each alert stays in the outbox."""

    def publish_batch(self, **request: Any) -> dict[str, Any]:
        entries = request["PublishBatchRequestEntries"]
        return {"Failed": [{"Id": entry["Id"], "Code": "Refused", "SenderFault": True} for entry in entries]}


def life_of(card_id: str) -> list[Operation]:
    """Return all that D1 tells of a card: a failure that is overcome, a shipment with progress, for some a renewal."""
    renewal = [
        operation(card_id, "CARD_PROD_REQUESTED", **RENEWED),
        operation(card_id, "CARD_PROD_CANCELED", **RENEWED),
    ]
    return [
        operation(card_id, "CARD_PROD_REQUESTED", inputFileName="batch.json"),
        operation(card_id, "DATA_PREPARED", details={"dueDate": "2026-01-20"}),
        failure(card_id),
        operation(card_id, "CARD_PROD_READY"),
        operation(card_id, "CARD_PROD_ONGOING"),
        operation(card_id, "CARD_PROD_DONE"),
        *(shipped(card_id, f"2026-01-{day}T10:00:00Z") for day in (20, 21, 22, 23)),
        *(renewal if card_id in RENEWED_CARDS else []),
    ]


def _overlapping_bodies(seed: int) -> list[str]:
    """Deal every operation to COPIES of DELIVERIES bodies, in no order."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, not secret
    hands: list[list[Operation]] = [[] for _ in range(DELIVERIES)]
    for card_id in CARDS:
        for said in life_of(card_id):
            for hand in chance.sample(hands, COPIES):
                hand.append(said)
    for hand in hands:
        chance.shuffle(hand)
    return [body(*hand) for hand in hands]


def _delivery(receive: ReceiveNotification, said: str, number: int) -> Callable[[], Receipt]:
    notification = read_notification(said, now())
    return lambda: receive(notification, Origin(now(), f"request-{number}", "correlation"), Deadline())


def _at_once(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """Start all at one moment, and let the interpreter switch between them as often as it can."""
    barrier = Barrier(len(works))

    def start(work: Callable[[], Result]) -> Result:
        barrier.wait()
        return work()

    with _switching_often(), ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(start, works))


@contextmanager
def _switching_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _wrong_statuses(world: World) -> Iterator[str]:
    """Compare with the same operations merged one after the other."""
    stored = world.statuses(list(CARDS))
    for card_id in CARDS:
        expected = statuses_after((body(*life_of(card_id)),))[card_id]
        if card_id not in stored or content_of(stored[card_id]) != content_of(expected):
            yield f"the status of {card_id} is not that of the same updates one after the other"


def _wrong_alerts(world: World) -> Iterator[str]:
    causes = {(card_id, "produce-1", "DATA_EXCEPTION") for card_id in CARDS}
    causes |= {(card_id, "renew-1", "CARD_PROD_CANCELED") for card_id in RENEWED_CARDS}
    times = Counter((cause.card_id, cause.operation_id, cause.status) for cause in world.published())
    for cause in causes | times.keys():
        if times[cause] != (cause in causes):
            yield f"the alert {cause} was published {times[cause]} times"
    if world.pending():
        yield f"{world.pending()} alerts left pending"


def _unrecorded(world: World, bodies: Sequence[str]) -> Iterator[str]:
    recorded = world.recorded()
    for number, one in enumerate(bodies):
        sent = Counter(json.dumps(said, sort_keys=True) for said in json.loads(one)["operations"])
        if recorded.get(f"request-{number}") != sent:
            yield f"the history of request-{number} is not what it brought"
