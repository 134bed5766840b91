"""What is measured, as it is deployed: the product by its own Makefiles, the twins by plain ``sam build``.

Both for Lambda's Python, and for the processor of this machine instead of Lambda's.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local.engine import ROOT
from local.template import load_template
from tests.performance.bodies import ISSUER_ID
from tests.runtime.artefact import Artefact, BuildFailed, Runtime, RuntimeMissing, build_product, build_runtime, run

BUILDS: Final = ROOT / ".local" / "bench"
HERE: Final = Path(__file__).parent
SAM: Final = Path(sys.executable).with_name("sam")

SETTINGS: Final = {
    "ALERT_STATUSES": "DATA_EXCEPTION,CARD_PROD_CANCELED",
    "ALERT_TOPIC_ARN": "arn:aws:sns:eu-west-1:000000000000:alerts",
    "IDEMPOTENCY_TABLE_NAME": "Idempotency",
    "ISSUER_ID": ISSUER_ID,
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "POWERTOOLS_METRICS_NAMESPACE": "CardTracking",
    "POWERTOOLS_SERVICE_NAME": "card-tracking",
    "REJECTED_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/000000000000/rejected",
    "RELAY_ALERTS_FUNCTION_ARN": "arn:aws:lambda:eu-west-1:000000000000:function:relay_alerts:live",
    "RETENTION_DAYS": "400",
    "STATUS_TABLE_NAME": "Cards",
}


def deployed_settings() -> dict[str, str]:
    """Give what the template sets for every function besides, the same in every stack."""
    variables = load_template()["Globals"]["Function"]["Environment"]["Variables"]
    return {name: value for name, value in variables.items() if isinstance(value, str)}


class CannotMeasure(Exception):
    """Something that the measurement needs is not on this machine; the message says what."""


@dataclass(frozen=True, slots=True)
class Variant(Artefact):
    """One artefact with its name and its handler."""

    name: str = ""
    handler: str = ""
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)


@dataclass(frozen=True, slots=True)
class Artefacts:
    """All that is measured, and what runs it."""

    runtime: Runtime
    python_version: str
    trivial: Variant
    product: Variant
    naive: Variant
    idempotent: Variant


def build() -> Artefacts:
    """Build everything anew. Raises CannotMeasure."""
    try:
        return _build()
    except (RuntimeMissing, BuildFailed) as missing:
        raise CannotMeasure(str(missing)) from missing


def _build() -> Artefacts:
    trivial = BUILDS / "trivial"
    for folder in (BUILDS / "product", BUILDS / "client", trivial):
        shutil.rmtree(folder, ignore_errors=True)
    runtime = build_runtime(BUILDS)
    product = build_product(runtime, BUILDS / "product")
    trivial.mkdir()
    (trivial / "app.py").write_text("def handler(event, context):\n    return {}\n")
    twins = _sam_build(runtime)
    return Artefacts(
        runtime=runtime,
        python_version=run([runtime.python, "--version"], ROOT).strip(),
        trivial=Variant(trivial, name="trivial", handler="app.handler"),
        product=Variant(
            product.task,
            product.packages,
            name="product",
            handler="receive_notification.app.handler",
            settings=SETTINGS | deployed_settings(),
        ),
        naive=Variant(twins, name="naive", handler="naive.handler"),
        idempotent=Variant(twins, name="idempotent", handler="idempotent.handler"),
    )


def _sam_build(runtime: Runtime) -> Path:
    """Pack the twins. They share a CodeUri, so one function's artefact holds both."""
    architecture = {"aarch64": "arm64"}.get(runtime.machine, runtime.machine)
    sam: list[str | Path] = [SAM, "build", "--template", HERE / "twins" / "template.yaml", "--parameter-overrides"]
    run(
        [*sam, f"Architecture={architecture}", "--build-dir", BUILDS / "twins", "--cache-dir", BUILDS / "cache"],
        BUILDS,
        {"PATH": f"{runtime.python.parent}{os.pathsep}{os.environ['PATH']}", "SAM_CLI_TELEMETRY": "0"},
    )
    return BUILDS / "twins" / "NaiveFunction"
