"""The table, for a terminal, for docs/performance.md and for other programs."""

import json
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import Any, Final

from local.engine import ROOT
from tests.performance.rows import ARROWS, Row
from tests.proof.engines import DYNOXIDE

DOCUMENT: Final = ROOT / "docs" / "performance.md"
NUMBERS: Final = ROOT / ".local" / "bench.json"
_MEASURED: Final = re.compile(r"(<!-- measured -->\n).*(<!-- /measured -->)", re.DOTALL)
_WORDS: Final = {None: "reported", True: "met", False: "**missed**"}


def conditions(runtime: str) -> dict[str, str]:
    """Tell when, on what and with what it was measured."""
    packages = ("aws-lambda-powertools", "boto3", "pydantic")
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{cpu_count()} cores, {_processor()}, {platform.system()} {platform.machine()}",
        "runtime": runtime,
        "packages": ", ".join(f"{name} {version(name)}" for name in packages),
        "engine": f"dynoxide {DYNOXIDE.version}",
    }


def table(rows: Sequence[Row]) -> str:
    """Write the rows as a table in Markdown, which is readable on a terminal, too."""
    lines = ["| measure | medians | ratio or count | goal | |", "|---|---|---|---|---|"]
    for row in rows:
        medians = ", ".join(f"{name} {_short(value)} {row.unit}" for name, value in row.values.items())
        goal = "" if row.goal is None else f"{ARROWS[row.at_most]} {row.goal:g}"
        lines.append(f"| {row.measure} | {medians} | {_short(row.result)} ({row.of}) | {goal} | {_WORDS[row.is_met]} |")
    return "\n".join(lines)


def write(rows: Sequence[Row], profile: Sequence[str], told: dict[str, str]) -> None:
    """Put the table into the document, between its marks, and the numbers beside the builds."""
    lines = [f"- {name}: {value}" for name, value in told.items()]
    measured = "\n".join([*lines, "- command: `make bench`", "", table(rows), "", *profile, ""])
    DOCUMENT.write_text(_MEASURED.sub(lambda match: f"{match[1]}{measured}\n{match[2]}", DOCUMENT.read_text()))
    document: dict[str, Any] = {"conditions": told, "rows": [asdict(row) | {"is_met": row.is_met} for row in rows]}
    NUMBERS.parent.mkdir(exist_ok=True)
    NUMBERS.write_text(json.dumps(document, indent=2) + "\n")


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def _processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()
