"""The proofs at full size, one function for each promise; ``tests.prove`` runs them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Final

from local.engine import ROOT, leave_developers_account
from tests.big_bodies.bodies import all_failed, most_operations, on_distinct_cards, on_one_card
from tests.big_bodies.trials import with_time_enough, with_too_little_time
from tests.faults.cases import cases_of, losses_of
from tests.faults.scenarios import ALL
from tests.faults.slow import losses_where_time_ends
from tests.faults.storms import Storm, losses_in_storm
from tests.proof.engines import EngineMissing, TableEngine, dynoxide, fastest_engine, ministack
from tests.proof.report import Row, markdown
from tests.races.rounds import DELIVERIES, RELAYS, race_deliveries, race_relays
from tests.twins.copies import FAILED, exit_code_of
from tests.twins.flaws import TWINS

STORMS: Final = 3_000
RACES: Final = 60
RELAY_RACES: Final = 40
INTERRUPTED_OPERATIONS: Final = 3_000
SHARES: Final = (0.2, 0.4, 0.6, 0.8)
ENGINES: Final[Mapping[str, Callable[[], AbstractContextManager[TableEngine]]]] = {
    "dynoxide": dynoxide,
    "ministack": ministack,
}
HOSTILE: Final = (
    "tests/unit/test_hostile_bodies.py",
    "tests/unit/test_card_numbers.py",
    "tests/unit/test_scrub.py",
    "tests/unit/test_request.py",
    "tests/wiring",
)
DOCUMENT: Final = ROOT / "docs" / "proof.md"


def prove_order() -> Iterator[Row]:
    """Run the laws of order on generated histories, and on every permutation of a life."""
    yield _suite("any order, split, repetition: the same status", "tests/properties", unit="histories")


def prove_hostile() -> Iterator[Row]:
    """Send what nobody should send, and look for what may not be kept: in answers, store, queue, alerts and logs."""
    yield _suite("no 5xx and no leak, whatever is sent", *HOSTILE, unit="bodies and texts")


def prove_faults() -> Iterator[Row]:
    """Strike every call of every scenario with every fault; then storms; then time that ends everywhere."""
    with fastest_engine() as engine:
        row = Row("whatever fails at any call: nothing lost", remark=f"{len(ALL)} scenarios, on {engine.name}")
        for scenario in ALL:
            for case in cases_of(engine, scenario):
                row.tried += 1
                row.losses += [f"{case}: {loss}" for loss in losses_of(engine, case)]
        yield row
        row = Row("storms of faults over deliveries, resends, relays", STORMS, "storms", remark=f"on {engine.name}")
        for seed in range(STORMS):
            storm = Storm(seed)
            row.losses += [f"{storm}: {loss}" for loss in losses_in_storm(engine, storm)]
        yield row
        row = Row("wherever the time ends: nothing lost, nothing doubled", unit="ends", remark="calls of 1.8 s")
        for tenths in range(20, 300):
            row.tried += 1
            row.losses += [f"end after {tenths / 10} s: {loss}" for loss in losses_where_time_ends(engine, tenths / 10)]
        yield row


def prove_races() -> Iterator[Row]:
    """Deliver and relay at once, on both engines."""
    for name, running in ENGINES.items():
        try:
            with running() as engine:
                yield from _race_on(engine)
        except EngineMissing as missing:
            yield Row(f"races on {name}", remark=f"not run: {missing}")


def _race_on(engine: TableEngine) -> Iterator[Row]:
    row = Row(f"{DELIVERIES} deliveries at once, on {engine.name}", RACES, "races")
    lost_races = 0
    for seed in range(RACES):
        outcome = race_deliveries(engine, seed)
        lost_races += outcome.lost_races
        row.losses += [f"race {seed}: {loss}" for loss in outcome.losses]
    row.remark = f"{lost_races:,} writes collided and were made again"
    yield row
    row = Row(f"{RELAYS} relays at once, on {engine.name}", RELAY_RACES, "races")
    for number in range(RELAY_RACES):
        row.losses += race_relays(engine, alerts=1 + 3 * number)
    yield row


def prove_contract() -> Iterator[Row]:
    """Run the store's contract on both engines, each request held against the service model."""
    yield _suite("the store's contract, on both engines", "tests/store_contract")


def prove_bulk() -> Iterator[Row]:
    """Deliver bodies as large as Lambda admits, with time enough and with too little."""
    most = most_operations()
    with fastest_engine() as engine:
        for name, said, alerts in (
            ("on distinct cards", on_distinct_cards(most), 0),
            ("on one card", on_one_card(most), 0),
            ("all of them failures", all_failed(most // 2), most // 2),
        ):
            operations = alerts or most
            trial = with_time_enough(engine, said, operations, alerts)
            yield Row(
                f"one body, {name}", operations, "operations", trial.losses, f"{trial.seconds:.1f} s here; 28 s allowed"
            )
        row = Row("bodies with time for a part of them: resends converge", unit="bodies")
        for share in SHARES:
            for said, alerts in (
                (on_distinct_cards(INTERRUPTED_OPERATIONS), 0),
                (all_failed(INTERRUPTED_OPERATIONS), INTERRUPTED_OPERATIONS),
            ):
                row.tried += 1
                row.losses += with_too_little_time(engine, said, share, alerts).losses
        row.remark = f"{INTERRUPTED_OPERATIONS:,} operations each"
        yield row


def prove_twins() -> Iterator[Row]:
    """Run the tests against flawed twins of the product: each must fail."""
    row = Row("flawed twins of the product are caught", len(TWINS), "twins")
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        codes = threads.map(lambda twin: exit_code_of(twin.edits, [twin.caught_by])[0], TWINS)
        row.losses = [f"not caught: {twin.name}" for twin, code in zip(TWINS, codes, strict=True) if code != FAILED]
    yield row


PROOFS: Final[Mapping[str, Callable[[], Iterator[Row]]]] = {
    "order": prove_order,
    "hostile": prove_hostile,
    "faults": prove_faults,
    "races": prove_races,
    "contract": prove_contract,
    "bulk": prove_bulk,
    "twins": prove_twins,
}


def _suite(promise: str, *paths: str, unit: str = "tests") -> Row:
    """Run tests as a proof: with as many generated examples as their profile for proofs asks for.

    They are dealt to as many processes as there are processors: generating takes nothing but time.
    """
    listing = _pytest("--collect-only", "-q", *paths)
    functions = list(dict.fromkeys(re.findall(r"^(tests/\S+?::\w+)", listing, re.MULTILINE)))
    processors = os.cpu_count() or 1
    with ThreadPoolExecutor(processors) as threads:
        hands = [functions[number::processors] for number in range(processors)]
        output = "".join(
            threads.map(lambda hand: _pytest("-q", "--hypothesis-show-statistics", *hand), filter(None, hands))
        )
    passed = sum(map(int, re.findall(r"(\d+) passed", output)))
    examples = sum(map(int, re.findall(r"- (\d+) passing\b", output)))
    losses = re.findall(r"^(?:FAILED|ERROR) .*", output, re.MULTILINE)
    if not passed:
        losses.append("no test was run")
    if unit == "tests":
        return Row(promise, passed, unit, losses)
    if not examples:
        losses.append("no generated example was counted")
    return Row(promise, examples, unit, losses, f"{passed} tests")


def _pytest(*arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    environment = os.environ | {"HYPOTHESIS_PROFILE": "prove"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stdout


def main(names: list[str]) -> int:
    """Run the proofs named, or all; return the exit code."""
    leave_developers_account()
    rows: list[Row] = []
    for name in names or PROOFS:
        began = time.perf_counter()
        for row in PROOFS[name]():
            row.seconds = time.perf_counter() - began
            began = time.perf_counter()
            sys.stdout.write(f"{row.line()}\n")
            sys.stdout.flush()
            for loss in row.losses[:10]:
                sys.stdout.write(f"    {loss}\n")
            rows.append(row)
    if not names:
        DOCUMENT.write_text(markdown(rows))
    return 1 if any(row.losses for row in rows) else 0
