"""The table of what was proven: printed, and kept in docs/proof.md."""

import platform
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from typing import Final

from tests.proof.engines import DYNOXIDE

PACKAGES: Final = (
    "aws-lambda-powertools",
    "boto3",
    "botocore",
    "hypothesis",
    "ministack",
    "mutmut",
    "pydantic",
    "pytest",
)
LOSSES_SHOWN: Final = 10
SECONDS_OF_SILENCE: Final = 30.0
NOT_SHOWN: Final = "NOT SHOWN"


class Shows(StrEnum):
    """What all proofs together must show."""

    STATUSES = "zero lost statuses"
    ALERTS = "zero lost alerts"
    REPETITIONS = "zero duplicate alerts outside the stated window"
    FAILURES = "zero 5xx for bad input"
    LEAKS = "zero leaks"
    TWINS = "all flawed twins caught"


@dataclass(slots=True)
class Row:
    """One promise, tried many times."""

    promise: str
    tried: int = 0
    unit: str = "cases"
    losses: list[str] = field(default_factory=list)
    remark: str = ""
    seconds: float = 0.0
    shows: tuple[Shows, ...] = ()
    """What this row is part of the proof of, where it lost nothing."""
    _told: float = field(default_factory=time.monotonic)

    def count(self, losses: Iterable[str]) -> None:
        """Count one more that was tried, and what it lost; say now and then how far the row has come."""
        self.tried += 1
        self.losses += losses
        if time.monotonic() - self._told > SECONDS_OF_SILENCE:
            self._told = time.monotonic()
            sys.stdout.write(f"    ... {self.promise}: {self.tried:,} {self.unit}, {len(self.losses)} lost so far\n")
            sys.stdout.flush()

    def line(self) -> str:
        """Write the row for a terminal."""
        verdict = f"{len(self.losses)} LOST" if self.losses else "nothing lost"
        tried = f"{self.tried:>9,} {self.unit:<20}"
        return f"{self.promise:<56}{tried} {verdict:<13}{self.seconds:>5.0f} s  {self.remark}"


def conclusion(rows: Sequence[Row]) -> dict[Shows, str]:
    """Tell for each thing to show how often it was tried; and where it was not shown, that it was not."""
    said = {}
    for shown in Shows:
        of_it = [row for row in rows if shown in row.shows]
        tried = ", ".join(f"{row.tried:,} {row.unit}" for row in of_it if row.tried)
        losses = sum(len(row.losses) for row in of_it)
        said[shown] = f"{NOT_SHOWN}: {losses} lost in {tried}" if losses else tried or f"{NOT_SHOWN}: nothing was tried"
    return said


def is_shown(rows: Sequence[Row]) -> bool:
    """Say whether all is shown that must be."""
    return not any(row.losses for row in rows) and not any(
        said.startswith(NOT_SHOWN) for said in conclusion(rows).values()
    )


def markdown(rows: Sequence[Row]) -> str:
    """Write the document."""
    versions = {"Python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    versions["dynoxide"] = DYNOXIDE.version
    table = [
        f"| {row.promise} | {row.tried:,} {row.unit} | {len(row.losses)} | {row.seconds:.0f} s | {row.remark} |"
        for row in rows
    ]
    losses = [f"- {row.promise}: {loss}" for row in rows for loss in row.losses[:LOSSES_SHOWN]]
    return "\n".join(
        [
            "# Proof",
            "",
            f"Measured on {datetime.now(UTC):%Y-%m-%d} with `make prove`, on {sys.platform} with "
            + ", ".join(f"{name} {one}" for name, one in versions.items())
            + ".",
            "",
            "| promise | tried | lost | took | remark |",
            "|---|---|---|---|---|",
            *table,
            "",
            "| it shows | in |",
            "|---|---|",
            *(f"| **{shown}** | {said} |" for shown, said in conclusion(rows).items()),
            "",
            *(["## Lost", "", *losses, ""] if losses else []),
            _WHAT_COUNTS,
        ]
    )


_WHAT_COUNTS: Final = """\
## What counts as lost

After each case the world is held against what must be true of it (`tests/faults/verdict.py`): every card has the
status, with all it remembers, that the same updates give one after the other; every cause was alerted, under one
`alertId`, and no row waits in the outbox; each request that was answered 204 has each of its operations in the
history once, and what it could not store in the queue; every answer is 204, 400 or 503, and never 503 where nothing
failed; no call was started with too little time left; every request is of the shape and within the bounds of AWS's
service model; no log line repeats what was sent.

## When an alert may come twice

Two windows cannot be closed with a topic that takes a message at least once; in both, both publications carry the
same `alertId`, which is a message attribute. The tests allow a repetition there and nowhere else
(`tests/faults/excuses.py`):

- the process dies, or the table fails for good, after an alert was published and before its row is marked;
- the answer to the publishing call is lost after it took effect (a time-out, a broken connection).

## The faults

Each strikes each call to AWS of each scenario (`tests/faults/scenarios.py`), one at a time: throttled; answers 500;
cannot be reached; takes effect, then times out; takes effect, then the connection breaks; answers 200 with entries
undone; takes effect in part, then times out; refused once, and not worth trying again; its service is down from
there on; takes effect and uses up the time; the process is killed before it, in the middle of it, after it. Then D1
sends again until it is answered 204 or 400, or not at all where it was; the relay runs each minute; a day later the
notification comes once more. Storms strike every call at random, those of resends and relays too.
"""
