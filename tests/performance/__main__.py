"""Measure everything in one run: ``make bench``; or a part of it, and only tell: ``make bench ONLY=starts``."""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Final, TypeAlias

from local.engine import leave_developers_account
from tests.performance import report, starts, work
from tests.performance.artefacts import Artefacts, CannotMeasure, build
from tests.performance.rows import Row
from tests.performance.workers import instant, storing
from tests.proof.engines import EngineMissing

Tell: TypeAlias = Callable[[list[Row]], None]


def main(chosen: Sequence[str]) -> None:
    """Build, measure, tell; write it down where all of it was measured."""
    unknown = set(chosen) - set(MEASURES)
    if unknown:
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}.")
    leave_developers_account()
    _say("Building the product and its twins...")
    rows: list[Row] = []
    profile: list[str] = []
    try:
        artefacts = build()
        for name in chosen or MEASURES:
            MEASURES[name](artefacts, partial(_tell, rows))
        if not chosen or "starts" in chosen:
            profile = starts.profile_init(artefacts)
    except (CannotMeasure, EngineMissing) as missing:
        sys.exit(f"Cannot measure here: {missing}")
    _say("\n".join(profile))
    if not chosen:
        report.write(rows, profile, report.conditions(artefacts.python_version))
        _say(f"\nWritten to {report.DOCUMENT.name} and {report.NUMBERS.name}.")


def _measure_starts(artefacts: Artefacts, tell: Tell) -> None:
    tell(starts.measure_init(artefacts))
    tell(starts.measure_memory(artefacts))


def _measure_work(artefacts: Artefacts, tell: Tell) -> None:
    with ExitStack() as stack:
        bench = work.Bench(artefacts, stack.enter_context(storing()), stack)
        tell(work.measure_bulk(bench))
        tell(work.measure_singles(bench))
        tell(work.measure_units(bench))
        tell(work.measure_throughput(bench))
        tell(work.measure_growth(bench))
        tell(work.measure_publications(bench))


def _measure_waiting(artefacts: Artefacts, tell: Tell) -> None:
    with ExitStack() as stack:
        bench = work.Bench(artefacts, stack.enter_context(instant()), stack)
        bench.add(work.LATENCY_SECONDS)
        tell(work.measure_latency(bench))
        tell(work.measure_alerts(bench))


MEASURES: Final = {"starts": _measure_starts, "work": _measure_work, "waiting": _measure_waiting}


def _tell(rows: list[Row], measured: list[Row]) -> None:
    rows.extend(measured)
    _say("\n".join(report.table(measured).splitlines()[2:]))


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # talks to a person at a terminal


if __name__ == "__main__":
    main(sys.argv[1:])
