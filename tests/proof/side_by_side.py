"""All proofs, as many at once as there are processors, each in a process of its own; then the table."""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from local.engine import ROOT, leave_developers_account
from tests.proof.program import PROOFS
from tests.proof.report import Row, conclusion, is_shown, markdown

DOCUMENT: Final = ROOT / "docs" / "proof.md"
LOSSES_PRINTED: Final = 10


def main(names: list[str]) -> int:
    """Run the proofs named, or all; return the exit code."""
    leave_developers_account()
    began = time.monotonic()
    # Not forked: proofs take the product's modules, the environment and the interpreter into their own hands.
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawning) as processes:
        rows = [row for of_proof in processes.map(prove, names or PROOFS) for row in of_proof]
    _say(f"\n{time.monotonic() - began:.0f} s in all")
    if names:
        return 1 if any(row.losses for row in rows) else 0
    for shown, said in conclusion(rows).items():
        _say(f"{shown}: {said}")
    DOCUMENT.write_text(markdown(rows))
    return 0 if is_shown(rows) else 1


def prove(name: str) -> list[Row]:
    """Run one proof; say what came of each row of it."""
    _say(f"    ... {name} begins")
    rows = []
    began = time.monotonic()
    for row in _rows_of(name):
        row.seconds = time.monotonic() - began
        began = time.monotonic()
        _say("\n".join([row.line(), *(f"    {loss}" for loss in row.losses[:LOSSES_PRINTED])]))
        rows.append(row)
    return rows


def _rows_of(name: str) -> Iterator[Row]:
    try:
        yield from PROOFS[name]()
    except Exception as error:  # noqa: BLE001  # one proof that breaks must not cost the others
        yield Row(f"the rest of {name}", losses=[f"broke off: {error!r}"])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
