"""The product as it is deployed: built by its own Makefiles for Lambda's Python, and for this machine's processor."""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.engine import ROOT

LAYERS: Final = (("dependencies", "DependenciesLayer"), ("card_tracking", "CardTrackingLayer"))
BUILD_SECONDS: Final = 300.0
_RUNTIME_CLIENT: Final = Path(__file__).with_name("requirements.txt")


class RuntimeMissing(Exception):
    """Lambda's Python or AWS's runtime emulator is not to be had on this machine; the message says why."""


class BuildFailed(Exception):
    """What is deployed could not be built; the message is what the build said."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs an artefact as Lambda does."""

    python: Path
    emulator: Path
    """AWS's own, out of the wheel of the SAM CLI."""
    client: Path
    """Where awslambdaric lies."""
    machine: str
    """This machine's processor, in the words of Python's wheels."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """What is deployed of one function: ``task`` is Lambda's /var/task, ``packages`` its /opt/python."""

    task: Path
    packages: tuple[Path, ...] = ()

    @property
    def path(self) -> list[str]:
        """Where its modules lie, in the order in which Lambda looks."""
        return [str(self.task), *map(str, self.packages)]


def build_runtime(folder: Path) -> Runtime:
    """Find Lambda's Python and the emulator, and install the runtime client. Raises RuntimeMissing, BuildFailed."""
    machine = platform.machine().replace("arm64", "aarch64")
    if sys.platform != "linux" or machine not in {"x86_64", "aarch64"}:
        raise RuntimeMissing(f"AWS's runtime emulator is for Linux on x86_64 or arm64, not {sys.platform} on {machine}")
    python = _runtime_python()
    client = folder / "client"
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    locked: list[str | Path] = ["--only-binary=:all:", "--require-hashes", "--no-deps", "-r", _RUNTIME_CLIENT]
    run([*pip, *locked, "--target", client], ROOT)
    return Runtime(python, _emulator(machine), client, machine)


def build_product(runtime: Runtime, folder: Path) -> Artefact:
    """Build layers and functions anew into an empty folder. Raises BuildFailed."""
    layers, functions = folder / "layers", folder / "functions"
    for artefacts in (layers, functions):
        artefacts.mkdir(parents=True)
    for layer, target in LAYERS:
        _make(ROOT / "layers" / layer, target, layers, runtime.machine)
    _make(ROOT / "functions", "ReceiveNotificationFunction", functions, runtime.machine)
    return Artefact(functions, (layers / "python",))


def run(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a command of a build; return what it printed. Raises BuildFailed."""
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
        raise BuildFailed(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _runtime_python() -> Path:
    """Find Lambda's Python as the build does: with it bytecode is compiled."""
    rule = "runtime: ; @echo $(RUNTIME)"
    found = run(["make", "-s", "-f", "bytecode.mk", f"--eval={rule}", "runtime"], ROOT / "layers").strip()
    if not found:
        raise RuntimeMissing("there is no Python 3.13 on this machine, which is Lambda's")
    return Path(run([found, "-c", "import sys; print(sys.executable)"], ROOT).strip())


def _make(folder: Path, target: str, artefacts: Path, machine: str) -> None:
    run(["make", "-s", f"build-{target}", f"ARTIFACTS_DIR={artefacts}", f"PLATFORM=manylinux2014_{machine}"], folder)


def _emulator(machine: str) -> Path:
    import samcli  # noqa: PLC0415  # only for where it lies

    architecture = {"aarch64": "arm64"}.get(machine, machine)
    emulator = Path(samcli.__path__[0]) / "local" / "rapid" / f"aws-lambda-rie-{architecture}"
    if not emulator.exists():
        raise RuntimeMissing(f"this version of the SAM CLI brings no {emulator.name}")
    return emulator
