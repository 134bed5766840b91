"""How long a cold start takes, and how much memory it leaves in use."""

import json
import subprocess
from collections.abc import Sequence
from statistics import median
from typing import Final

from tests.performance.artefacts import Artefacts, Variant
from tests.performance.emulator import init_milliseconds
from tests.performance.rows import Row, ratio_row
from tests.runtime.emulator import environment

STARTS: Final = 15
MEMORY_ROUNDS: Final = 3
PROFILES: Final = 7
_RESIDENT: Final = (
    "import re, importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]];"
    "print(re.search(r'VmRSS:\\s+(\\d+)', open('/proc/self/status').read())[1])"
)

STEPS: Final = {
    "runtime client": "awslambdaric.bootstrap",
    "Powertools, Logger and Metrics": "aws_lambda_powertools.metrics",
    "pydantic, and the model of an operation": "card_tracking.wire.operation",
    "boto3": "boto3",
    "our own modules, and the table's client": "receive_notification.app",
}
"""In the order of an import; what a later one shares with an earlier one is the earlier one's."""
_STEPS: Final = r"""
import importlib, json, re, sys, time
def now():
    return time.process_time() * 1e3, int(re.search(r'VmRSS:\s+(\d+)', open('/proc/self/status').read())[1]) / 1024
told = [now()]
for name in sys.argv[1:]:
    importlib.import_module(name)
    told.append(now())
print(json.dumps({"told": told, "modules": len(sys.modules)}))
"""


def measure_init(artefacts: Artefacts) -> list[Row]:
    """Start every variant again and again through AWS's runtime emulator."""
    variants = (artefacts.trivial, artefacts.product, artefacts.naive, artefacts.idempotent)
    for variant in variants:
        init_milliseconds(artefacts, variant)  # from disk, once
    rounds: dict[str, list[float]] = {variant.name: [] for variant in variants}
    for _ in range(STARTS):
        for variant in variants:
            rounds[variant.name].append(init_milliseconds(artefacts, variant))
    measure = "init through AWS's runtime emulator, built artefact"
    return [
        ratio_row(measure, "ms", rounds, "product", "trivial", 4.0),
        ratio_row(measure, "ms", rounds, "product", "naive", 0.25),
        ratio_row(measure, "ms", rounds, "product", "idempotent"),
        ratio_row(measure, "ms", rounds, "naive", "trivial"),
    ]


def measure_memory(artefacts: Artefacts) -> list[Row]:
    """Look at the resident memory of a process that has imported a handler, and of one that has not."""
    rounds: dict[str, list[float]] = {"product": [], "naive": [], "bare Python": []}
    for _ in range(MEMORY_ROUNDS):
        for variant in (artefacts.product, artefacts.naive):
            module = variant.handler.rpartition(".")[0]
            rounds[variant.name].append(_resident_megabytes(artefacts, variant, [module]))
        rounds["bare Python"].append(_resident_megabytes(artefacts, artefacts.trivial, []))
    measure = "memory after init"
    return [
        ratio_row(measure, "MB", rounds, "product", "bare Python", 3.0),
        ratio_row(measure, "MB", rounds, "naive", "bare Python"),
    ]


def profile_init(artefacts: Artefacts) -> list[str]:
    """Say where a start of the product goes, package by package, as lines of a table in Markdown."""
    runs = [json.loads(_run(artefacts, artefacts.product, _STEPS, [*STEPS.values()])) for _ in range(PROFILES)]
    told = [run["told"] for run in runs]
    lines = ["| a start of the product | CPU, ms | resident, MB |", "|---|---|---|"]
    lines.append(f"| bare Python | {median(one[0][0] for one in told):.0f} | {median(one[0][1] for one in told):.1f} |")
    for number, name in enumerate(STEPS, 1):
        cpu, resident = (median(one[number][kind] - one[number - 1][kind] for one in told) for kind in (0, 1))
        lines.append(f"| {name} | {cpu:.0f} | {resident:.1f} |")
    return [*lines, "", f"{runs[0]['modules']} modules are then imported."]


def _resident_megabytes(artefacts: Artefacts, variant: Variant, modules: Sequence[str]) -> float:
    return int(_run(artefacts, variant, _RESIDENT, modules)) / 1024


def _run(artefacts: Artefacts, variant: Variant, program: str, modules: Sequence[str]) -> str:
    """Run a few lines in a process of the artefact's own."""
    done = subprocess.run(
        [artefacts.runtime.python, "-c", program, *modules],
        env={**environment(artefacts.runtime, variant), **variant.settings},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    return done.stdout
