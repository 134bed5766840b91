"""Cold starts, as AWS's own runtime emulator measures them: one emulator, one start."""

from typing import Final

from tests.performance.artefacts import BUILDS, Artefacts, CannotMeasure, Variant
from tests.runtime.emulator import running

_REQUEST: Final = {"pathParameters": {"issuerId": "-"}, "path": "/", "httpMethod": "POST", "body": "{}"}


def init_milliseconds(artefacts: Artefacts, variant: Variant) -> float:
    """Start a variant once; return how long the emulator says that its init phase took."""
    log = BUILDS / f"emulator-{variant.name}.log"
    with running(artefacts.runtime, variant, variant.handler, variant.settings, log) as function:
        function.invoke(_REQUEST)
        starts = function.starts
    text = log.read_text()
    if len(starts) != 1 or "Traceback" in text or "INIT RTDONE(status: success)" not in text:
        raise CannotMeasure(f"{variant.name} did not start: see {log}")
    return starts[0]
