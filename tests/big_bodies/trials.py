"""What becomes of a bulk: with time enough, and with too little."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from card_tracking.deadline import RESERVE_SECONDS
from card_tracking.domain.instants import now
from tests.big_bodies.bodies import attempt
from tests.faults.world import World, new_world
from tests.proof.engines import TableEngine
from tests.proof.expectations import content_of, statuses_after

if TYPE_CHECKING:
    from card_tracking.domain.status import CardStatus

AN_HOUR: Final = 3_600_000_000
CARDS_A_QUESTION: Final = 100


@dataclass(frozen=True, slots=True)
class Trial:
    """What a bulk showed."""

    losses: list[str]
    seconds: float
    """What one delivery took on this machine, or the number of deliveries where the time was too short."""


def with_time_enough(engine: TableEngine, said: str, operations: int, alerts: int = 0) -> Trial:
    """Deliver once, and let the relay publish what the delivery left to it."""
    with new_world(engine) as world:
        delivered = attempt(world, said)
        losses = [] if delivered.receipt else ["not taken, though there was time"]
        recorded = world.recorded().get("request-1")
        if recorded is None or recorded.total() != operations:
            losses.append(f"{recorded.total() if recorded else 0} of {operations} operations recorded")
        return Trial([*losses, *_wrong_statuses(world, said), *_wrong_alerts(world, alerts)], delivered.seconds)


def with_too_little_time(engine: TableEngine, said: str, share: float, alerts: int = 0) -> Trial:
    """Deliver to processes with time for a share of the calls, until every card has its status; then once more."""
    with new_world(engine) as other:
        time_enough = attempt(other, said).slow_seconds
    cards = len(statuses_after((said,)))
    with new_world(engine) as world:
        losses: list[str] = []
        stored = [0]
        while stored[-1] < cards and not losses:
            attempt(world, said, RESERVE_SECONDS + share * time_enough)
            stored.append(len(world.all_cards()))
            if stored[-1] == stored[-2]:
                losses.append(f"resend {len(stored) - 1} came no further than {stored[-1]} of {cards} cards")
        if attempt(world, said).receipt is None:
            losses.append("not taken, though there was time")
        return Trial([*losses, *_wrong_statuses(world, said), *_wrong_alerts(world, alerts)], len(stored) - 1)


def _wrong_statuses(world: World, said: str) -> list[str]:
    expected = statuses_after((said,))
    cards = list(expected)
    stored: dict[str, CardStatus] = {}
    for start in range(0, len(cards), CARDS_A_QUESTION):
        stored |= world.statuses(cards[start : start + CARDS_A_QUESTION])
    wrong = [card for card in cards if card not in stored or content_of(stored[card]) != content_of(expected[card])]
    return [f"{len(wrong)} of {len(cards)} statuses are not those of the same updates in a row"] if wrong else []


def _wrong_alerts(world: World, alerts: int) -> list[str]:
    # The deliveries ran by this machine's clock: for the relay all leases have ended.
    world.clock.microseconds = now() + AN_HOUR
    while world.relay():
        world.clock.microseconds += AN_HOUR
    ids = [alert["alertId"] for alert in world.topic.alerts]
    losses = [] if len(set(ids)) == alerts else [f"{len(set(ids))} of {alerts} alerts published"]
    if len(ids) > len(set(ids)):
        losses.append(f"{len(ids) - len(set(ids))} alerts published twice")
    if world.pending():
        losses.append(f"{world.pending()} alerts pending for ever")
    return losses
