"""What is measured, as it is deployed: the product by its own Makefiles, the twins by plain ``sam build``.

Both for Lambda's Python, and for the processor of this machine instead of Lambda's.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local.engine import ROOT
from tests.performance.bodies import ISSUER_ID

BUILDS: Final = ROOT / ".local" / "bench"
HERE: Final = Path(__file__).parent
SAM: Final = Path(sys.executable).with_name("sam")
BUILD_SECONDS: Final = 300.0

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


class CannotMeasure(Exception):
    """Something that the measurement needs is not on this machine; the message says what."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One artefact and its handler; ``task`` is Lambda's /var/task, ``packages`` its /opt/python."""

    name: str
    handler: str
    task: Path
    packages: tuple[Path, ...] = ()
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)

    @property
    def path(self) -> list[str]:
        """Where its modules lie, in the order in which Lambda looks."""
        return [str(self.task), *map(str, self.packages)]


@dataclass(frozen=True, slots=True)
class Artefacts:
    """All that is measured, and the Python that runs it."""

    python: Path
    python_version: str
    emulator: Path
    runtime_client: Path
    trivial: Variant
    product: Variant
    naive: Variant
    idempotent: Variant


def build() -> Artefacts:
    """Build everything anew. Raises CannotMeasure."""
    machine = platform.machine().replace("arm64", "aarch64")
    if sys.platform != "linux" or machine not in {"x86_64", "aarch64"}:
        raise CannotMeasure(f"AWS's runtime emulator is for Linux on x86_64 or arm64, not {sys.platform} on {machine}")
    python = _runtime_python()
    layers, functions, trivial, client = (BUILDS / name for name in ("layers", "functions", "trivial", "client"))
    for folder in (layers, functions, trivial, client):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for layer, target in (("dependencies", "DependenciesLayer"), ("card_tracking", "CardTrackingLayer")):
        _make(ROOT / "layers" / layer, target, layers, machine)
    _make(ROOT / "functions", "ReceiveNotificationFunction", functions, machine)
    (trivial / "app.py").write_text("def handler(event, context):\n    return {}\n")
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary=:all:",
    ]
    _run([*pip, "--require-hashes", "--no-deps", "--target", client, "-r", HERE / "requirements.txt"], ROOT)
    twins = _sam_build(python, machine)
    return Artefacts(
        python=python,
        python_version=_run([python, "--version"], ROOT).strip(),
        emulator=_emulator(machine),
        runtime_client=client,
        trivial=Variant("trivial", "app.handler", trivial),
        product=Variant("product", "receive_notification.app.handler", functions, (layers / "python",)),
        naive=Variant("naive", "naive.handler", twins),
        idempotent=Variant("idempotent", "idempotent.handler", twins),
    )


def _runtime_python() -> Path:
    """Find Lambda's Python as the build does: with it bytecode is compiled."""
    rule = "runtime: ; @echo $(RUNTIME)"
    found = _run(["make", "-s", "-f", "bytecode.mk", f"--eval={rule}", "runtime"], ROOT / "layers").strip()
    if not found:
        raise CannotMeasure("there is no Python 3.13 on this machine, which is Lambda's")
    return Path(_run([found, "-c", "import sys; print(sys.executable)"], ROOT).strip())


def _make(folder: Path, target: str, artefacts: Path, machine: str) -> None:
    _run(["make", "-s", f"build-{target}", f"ARTIFACTS_DIR={artefacts}", f"PLATFORM=manylinux2014_{machine}"], folder)


def _sam_build(python: Path, machine: str) -> Path:
    """Pack the twins. They share a CodeUri, so one function's artefact holds both."""
    architecture = {"aarch64": "arm64"}.get(machine, machine)
    sam: list[str | Path] = [SAM, "build", "--template", HERE / "twins" / "template.yaml", "--parameter-overrides"]
    _run(
        [*sam, f"Architecture={architecture}", "--build-dir", BUILDS / "twins", "--cache-dir", BUILDS / "cache"],
        BUILDS,
        {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}", "SAM_CLI_TELEMETRY": "0"},
    )
    return BUILDS / "twins" / "NaiveFunction"


def _emulator(machine: str) -> Path:
    import samcli  # noqa: PLC0415  # only for where it lies

    architecture = {"aarch64": "arm64"}.get(machine, machine)
    return Path(samcli.__path__[0]) / "local" / "rapid" / f"aws-lambda-rie-{architecture}"


def _run(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if done.returncode:
        raise CannotMeasure(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
