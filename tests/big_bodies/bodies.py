"""As much as one request can carry: Lambda takes 6 MB of event, some 15,000 operations."""

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Final

from card_tracking.deadline import Deadline
from card_tracking.domain.instants import now
from card_tracking.errors import OutOfTime
from card_tracking.use_cases.receive import Receipt
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import Origin
from tests.faults.scenarios import Operation, body, failure, operation, shipped
from tests.faults.world import World
from tests.proof.product import Services, composed

CALL_SECONDS: Final = 0.05
NO_END_SECONDS: Final = 1_000_000.0
EVENT_BYTES: Final = 6 * 1024 * 1024
_OTHER_PARTS_OF_THE_EVENT: Final = 10_000


@cache
def most_operations() -> int:
    """Tell how many operations of ordinary length fit into one event, where the body is a JSON string once more."""
    bytes_each = len(json.dumps(body(*_distinct_cards(100)))) / 100
    return int((EVENT_BYTES - _OTHER_PARTS_OF_THE_EVENT) / bytes_each)


def on_distinct_cards(count: int) -> str:
    """Write a body that tells of as many cards as it has operations."""
    return body(*_distinct_cards(count))


def on_one_card(count: int) -> str:
    """Write a body that tells of one card only: a shipment that is told again and again."""
    return body(*(shipped("one", f"2026-02-01T00:00:00.{number:06d}Z") for number in range(count)))


def all_failed(count: int) -> str:
    """Write a body in which every card has failed."""
    return body(*(failure(f"card-{number:05d}") for number in range(count)))


def _distinct_cards(count: int) -> Iterator[Operation]:
    for number in range(count):
        yield operation(f"card-{number:05d}", "DATA_PREPARED", inputFileName="batch-2026-01-17.json")


class SlowCalls:
    """Clients whose every call takes CALL_SECONDS of the time that an attempt has."""

    def __init__(self, seconds: float) -> None:
        self.calls = 0
        self._seconds = seconds
        self._lock = Lock()

    def remaining_milliseconds(self) -> int:
        """Tell what Lambda's context tells."""
        return int((self._seconds - self.calls * CALL_SECONDS) * 1000)

    def of(self, real: Any) -> Any:
        """Put the time that calls take between the product and a client."""
        return _SlowClient(self, real)

    def take_time(self) -> None:
        """Take the time of one call."""
        with self._lock:
            self.calls += 1


class _SlowClient:
    def __init__(self, slow: SlowCalls, real: Any) -> None:
        self._slow = slow
        self._real = real

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self._slow.take_time()
            return getattr(self._real, method)(**request)

        call.__name__ = method
        return call


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery of a big body."""

    receipt: Receipt | None
    """None where the time ran out: D1 is answered 503."""
    slow_seconds: float
    """What its calls took of the time that it had."""
    seconds: float
    """What it took in truth, on this machine."""


def attempt(world: World, said: str, seconds: float = math.inf) -> Attempt:
    """Deliver a body to a process that has so much time."""
    slow = SlowCalls(min(seconds, NO_END_SECONDS))
    services = Services(
        slow.of(world.dynamodb),
        world.table_name,
        slow.of(world.topic),
        slow.of(world.queue),
        slow.of(world.functions),
    )
    received = now()
    world.requests += 1
    origin = Origin(received, f"request-{world.requests}", None)
    began = time.perf_counter()
    with composed(services) as compose:
        try:
            receipt = compose()(read_notification(said, received), origin, Deadline(slow.remaining_milliseconds))
        except OutOfTime:
            receipt = None
    return Attempt(receipt, slow.calls * CALL_SECONDS, time.perf_counter() - began)
