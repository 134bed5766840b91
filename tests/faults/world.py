"""One table, one topic, one queue and the time: D1 delivers, the relay runs, processes die."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Final

from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.adapters.deliveries import DELIVERY_PREFIX
from card_tracking.domain.status import CardStatus
from tests.faults.scenarios import Cause
from tests.proof.doubles import Functions, Topic
from tests.proof.engines import TableEngine
from tests.proof.invocations import REPLAY_TIMEOUT_SECONDS, TIMEOUT_SECONDS, Clock, Invocation, Plan, faultless
from tests.proof.product import Ended, Services, deliver, relay, replay
from tests.proof.queue import Queue

_NUMBERS: Final = count()


@dataclass(slots=True)
class World:
    """Everything that outlives a process."""

    dynamodb: Any
    table_name: str
    topic: Topic = field(default_factory=Topic)
    functions: Functions = field(default_factory=Functions)
    clock: Clock = field(default_factory=Clock)
    queue: Queue = field(init=False)
    invocations: list[Invocation] = field(default_factory=list)
    answered: dict[str, int] = field(default_factory=dict)
    """The status code of each request that got an answer."""
    groundless: list[str] = field(default_factory=list)
    """Failures that D1 was told of and that did not happen."""
    output: list[str] = field(default_factory=list)
    requests: int = 0

    def __post_init__(self) -> None:
        """Let the queue go by the same clock."""
        self.queue = Queue(self.clock)

    @property
    def _services(self) -> Services:
        return Services(self.dynamodb, self.table_name, self.topic, self.queue, self.functions)

    def deliver(self, body: str, plan: Plan = faultless, seconds: float = TIMEOUT_SECONDS) -> int | None:
        """Let D1 deliver a body; return the status code, None where the process was killed."""
        self.requests += 1
        request_id = f"request-{self.requests}"
        invocation = self._begin(plan, seconds)
        ended = deliver(self._services, self.clock, invocation, body, request_id)
        self.output.append(ended.output)
        if ended.answer is None:
            return None
        status_code: int = ended.answer["statusCode"]
        self.answered[request_id] = status_code
        if status_code >= 500 and not any(call.struck_by for call in invocation.calls):
            self.groundless.append(f"answered {status_code} although nothing failed")
        return status_code

    def relay(self, plan: Plan = faultless, seconds: float = TIMEOUT_SECONDS) -> int:
        """Let the schedule run the relay; return how many alerts it claimed, 0 where it was killed or gave up."""
        answer = self._run(partial(relay, self._services, self.clock, self._begin(plan, seconds)))
        return answer["claimed"] if answer else 0

    def replay(self, order: dict[str, Any], plan: Plan = faultless) -> dict[str, Any] | None:
        """Let an operator order a replay; return its report, None where it was killed or gave up."""
        invocation = self._begin(plan, REPLAY_TIMEOUT_SECONDS)
        return self._run(partial(replay, self._services, self.clock, invocation, order))

    def _run(self, function: Callable[[], Ended]) -> dict[str, Any] | None:
        try:
            ended = function()
        except Exception as error:  # noqa: BLE001  # a failed run; the next one is what counts
            self.output.append(repr(error))
            return None
        self.output.append(ended.output)
        return ended.answer

    def _begin(self, plan: Plan, seconds: float) -> Invocation:
        invocation = Invocation(self.clock, plan, seconds)
        self.invocations.append(invocation)
        return invocation

    def statuses(self, card_ids: list[str]) -> dict[str, CardStatus]:
        """Read cards as another Lambda would."""
        return CardStatusReader(self.table_name, self.dynamodb).get_many(card_ids)

    def all_cards(self) -> list[str]:
        """Name every card that has a status."""
        return sorted(item["pk"]["S"].removeprefix("CARD#") for item in self._items() if item["sk"]["S"] == "STATUS")

    def recorded(self) -> dict[str, Counter[str]]:
        """Return the operations in the history as JSON, by the request that brought them."""
        found: dict[str, Counter[str]] = {}
        for item in self._items():
            if item["sk"]["S"].startswith(DELIVERY_PREFIX):
                request_id = item["sk"]["S"].split("#")[2]
                operation = json.dumps(json.loads(item["raw"]["S"]), sort_keys=True)
                found.setdefault(request_id, Counter())[operation] += 1
        return found

    def pending(self) -> int:
        """Count the alerts that still wait in the outbox."""
        return sum("pendingShard" in item for item in self._items())

    def published(self) -> list[Cause]:
        """Return the alerts that the topic has taken, in their order."""
        return [
            Cause(alert["cardId"], alert["operationId"], alert["status"], alert["superseded"])
            for alert in self.topic.alerts
        ]

    def _items(self) -> Iterator[dict[str, Any]]:
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=self.table_name, ConsistentRead=True):
            yield from page["Items"]


@contextmanager
def new_world(engine: TableEngine) -> Iterator[World]:
    """Make a world of its own on an engine."""
    with engine.table(f"Cards-{next(_NUMBERS)}") as table_name:
        yield World(engine.dynamodb, table_name)
