"""Measure everything in one run: ``make bench``."""

import sys
from contextlib import ExitStack

from local.engine import leave_developers_account
from tests.performance import report, starts, work
from tests.performance.artefacts import Artefacts, CannotMeasure, build
from tests.performance.rows import Row
from tests.performance.workers import instant, storing
from tests.proof.engines import EngineMissing


def main() -> None:
    """Build, measure, tell."""
    leave_developers_account()
    _say("Building the product and its twins...")
    try:
        artefacts = build()
        rows = _measure(artefacts)
        profile = starts.profile_init(artefacts)
    except (CannotMeasure, EngineMissing) as missing:
        sys.exit(f"Cannot measure here: {missing}")
    _say("\n".join(profile))
    report.write(rows, profile, report.conditions(artefacts.python_version))
    _say(f"\nWritten to {report.DOCUMENT.name} and {report.NUMBERS.name}.")


def _measure(artefacts: Artefacts) -> list[Row]:
    rows: list[Row] = []

    def tell(measured: list[Row]) -> None:
        rows.extend(measured)
        _say("\n".join(report.table(measured).splitlines()[2:]))

    tell(starts.measure_init(artefacts))
    tell(starts.measure_memory(artefacts))
    with ExitStack() as stack:
        bench = work.Bench(artefacts, stack.enter_context(storing()), stack)
        tell(work.measure_bulk(bench))
        tell(work.measure_singles(bench))
        tell(work.measure_units(bench))
        tell(work.measure_throughput(bench))
        tell(work.measure_growth(bench))
        tell(work.measure_publications(bench))
    with ExitStack() as stack:
        bench = work.Bench(artefacts, stack.enter_context(instant()), stack)
        bench.add(work.LATENCY_SECONDS)
        tell(work.measure_latency(bench))
        tell(work.measure_alerts(bench))
    return rows


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # talks to a person at a terminal


if __name__ == "__main__":
    main()
