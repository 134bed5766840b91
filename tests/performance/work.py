"""What a notification costs, alone and in bulk: client CPU, requests, write units, time under load."""

from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from typing import Any, Final

from tests.performance.artefacts import Artefacts
from tests.performance.rows import Row, count_row, ratio_row
from tests.performance.workers import Backend, Worker, worker

BULK: Final = 1_000
ROUNDS: Final = 7
SLOW_ROUNDS: Final = 3
SINGLES: Final = 200
LATENCY_SECONDS: Final = 0.005
GROWN: Final = 10_000
SMALL: Final = 100

_TAGS: Final = (f"{number:04x}" for number in count())
TABLE_REQUESTS: Final = ("BatchGetItem", "BatchWriteItem", "BatchExecuteStatement")


class Bench:
    """A worker of each variant, warm, on one backend."""

    def __init__(self, artefacts: Artefacts, backend: Backend, stack: ExitStack) -> None:
        """Start the workers; they end with the stack."""
        self._artefacts = artefacts
        self._backend = backend
        self._stack = stack
        self._variants = {one.name: one for one in (artefacts.product, artefacts.naive, artefacts.idempotent)}
        self.workers = {name: self.start(name) for name in self._variants}

    def start(self, name: str, *, counts_units: bool = False) -> Worker:
        """Start one more worker, and warm it up."""
        started = self._stack.enter_context(
            worker(self._artefacts, self._variants[name], self._backend, counts_units=counts_units)
        )
        started.ask("post", **new(1, times=20))
        return started

    def add(self, seconds: float) -> None:
        """Let every call to AWS take so much longer."""
        for one in self.workers.values():
            one.ask("add", seconds=seconds)

    def rounds(
        self, rounds: int, take: Callable[[Worker], Any], value: Callable[[Any], float], *names: str
    ) -> dict[str, list[float]]:
        """Let the variants take turns."""
        taken: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(rounds):
            for name in names:
                taken[name].append(value(take(self.workers[name])))
        return taken


def new(operations: int, times: int = 1, **more: Any) -> dict[str, Any]:
    """Say what to post: cards that nobody has posted before."""
    return {"tag": next(_TAGS), "operations": operations, "times": times, **more}


def measure_bulk(bench: Bench) -> list[Row]:
    """Post a thousand new cards in one body, against one UpdateItem a card, and against the twins."""
    names = ("product", "naive", "idempotent")
    taken: dict[str, list[float]] = {name: [] for name in (*names, "UpdateItem")}
    requests = 0
    for _ in range(ROUNDS):
        for name in names:
            answer = bench.workers[name].ask("post", **new(BULK))
            taken[name].append(_microseconds(answer) / BULK)
            if name == "product":
                requests = sum(answer["requests"].get(one, 0) for one in TABLE_REQUESTS)
        answer = bench.workers["naive"].ask("update_items", tag=next(_TAGS), times=BULK)
        taken["UpdateItem"].append(_microseconds(answer) / BULK)
    measure = "client CPU per stored operation, bulk of 1,000 cards"
    return [
        ratio_row(measure, "µs", taken, "product", "UpdateItem", 0.25),
        ratio_row(measure, "µs", taken, "product", "naive"),
        ratio_row(measure, "µs", taken, "product", "idempotent"),
        count_row("requests to the table for that bulk", "requests", requests, 100),
    ]


def measure_latency(bench: Bench) -> list[Row]:
    """Post the same bulk where every call takes 5 ms, as a network would let it."""
    taken = bench.rounds(SLOW_ROUNDS, lambda one: one.ask("post", **new(BULK)), _milliseconds, "product", "naive")
    return [ratio_row("bulk of 1,000 cards with 5 ms added to every AWS call", "ms", taken, "product", "naive", 0.05)]


def measure_singles(bench: Bench) -> list[Row]:
    """Post notifications of one card each, one after the other."""
    names = ("product", "naive", "idempotent")
    answer = bench.workers["product"].ask("post", **new(1))
    taken = bench.rounds(
        ROUNDS,
        lambda one: one.ask("post", **new(1, times=SINGLES)),
        lambda answer: _microseconds(answer) / SINGLES,
        *names,
    )
    measure = "single notification, warm, client CPU"
    return [
        count_row("AWS requests of a single notification", "requests", sum(answer["requests"].values()), 2),
        ratio_row(measure, "µs", taken, "product", "idempotent", 0.7),
        ratio_row(measure, "µs", taken, "product", "naive"),
    ]


def measure_units(bench: Bench) -> list[Row]:
    """Let the engine tell the write units of new cards, and of the same notification once more."""
    counting = bench.start("product", counts_units=True)
    first = new(BULK)
    stored = counting.ask("post", **first)["units"]
    repeated = counting.ask("post", **first)["units"]
    indexes = sum(units for index, units in stored.items() if index != "table")
    return [
        count_row("write units per stored operation: status and delivery", "units", stored["table"] / BULK, 2),
        Row("index units per stored operation", "units", {"product": indexes / BULK}, indexes / BULK, "product"),
        count_row("write units of a repetition: a delivery and no status", "units", repeated["table"] / BULK, 1),
    ]


def measure_throughput(bench: Bench) -> list[Row]:
    """Let one runtime process, then two at once, receive as many single notifications as they can."""
    teams = {name: (bench.workers[name], bench.start(name)) for name in ("product", "idempotent")}
    rows = []
    for processes in (1, 2):
        taken: dict[str, list[float]] = {name: [] for name in teams}
        for _ in range(ROUNDS):
            for name, team in teams.items():
                for one in team[:processes]:
                    one.tell("post", **new(1, times=SINGLES))
                slowest = max(one.answer()["wall"] for one in team[:processes])
                taken[name].append(processes * SINGLES / slowest)
        measure = f"throughput of {processes} runtime process{'es' * (processes > 1)}, single notifications"
        rows.append(ratio_row(measure, "per s", taken, "product", "idempotent", 1.5, at_most=False))
    return rows


def measure_alerts(bench: Bench) -> list[Row]:
    """Post a thousand failures in one body, against a thousand cards without any."""
    taken: dict[str, list[float]] = {"with alerts": [], "without": []}
    product = bench.workers["product"]
    for _ in range(ROUNDS):
        taken["with alerts"].append(_milliseconds(product.ask("post", **new(BULK, status="DATA_EXCEPTION"))))
        taken["without"].append(_milliseconds(product.ask("post", **new(BULK))))
    return [
        ratio_row(
            "answer to 1,000 alerts in one body, 5 ms added to every AWS call",
            "ms",
            taken,
            "with alerts",
            "without",
            2.0,
        ),
    ]


def measure_publications(bench: Bench) -> list[Row]:
    """Post a thousand failures in one body, and let the relay run that is called for most of them."""
    product = bench.workers["product"]
    answers = [product.ask("post", **new(BULK, status="DATA_EXCEPTION")), product.ask("relay")]
    publications = sum(answer["requests"]["PublishBatch"] for answer in answers)
    return [count_row("publish requests for 1,000 alerts in one body", "requests", publications, 100)]


def measure_growth(bench: Bench) -> list[Row]:
    """Compare the cost of an operation among 10,000 with that among 100."""
    taken: dict[str, list[float]] = {"of 10,000": [], "of 100": []}
    product = bench.workers["product"]
    for _ in range(SLOW_ROUNDS):
        taken["of 10,000"].append(_microseconds(product.ask("post", **new(GROWN))) / GROWN)
        taken["of 100"].append(_microseconds(product.ask("post", **new(SMALL, times=20))) / (20 * SMALL))
    return [ratio_row("growth: client CPU per operation", "µs", taken, "of 10,000", "of 100", 1.1)]


def _microseconds(answer: Any) -> float:
    return float(answer["cpu"]) * 1e6


def _milliseconds(answer: Any) -> float:
    return float(answer["wall"]) * 1e3
