"""How long a cold start takes, and how much memory it leaves in use."""

import os
import subprocess
from collections.abc import Sequence
from typing import Final

from tests.performance.artefacts import Artefacts, Variant
from tests.performance.emulator import init_milliseconds
from tests.performance.rows import Row, ratio_row

STARTS: Final = 9
MEMORY_ROUNDS: Final = 3
_RESIDENT: Final = (
    "import re, importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]];"
    "print(re.search(r'VmRSS:\\s+(\\d+)', open('/proc/self/status').read())[1])"
)


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


def _resident_megabytes(artefacts: Artefacts, variant: Variant, modules: Sequence[str]) -> float:
    environment = {"PYTHONPATH": os.pathsep.join(variant.path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [artefacts.python, "-c", _RESIDENT, *modules],
        env=variant.settings | environment | {"AWS_DEFAULT_REGION": "eu-west-1"},  # type: ignore[operator]
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    return int(done.stdout) / 1024
