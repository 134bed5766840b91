"""What `sam build` makes: it runs under Lambda's Python, holds what it should, and is the same each time."""

import hashlib
import json
import re
import struct
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from local.engine import ROOT
from tests.performance.artefacts import SETTINGS, deployed_settings
from tests.performance.test_deferred_imports import LEFT_OUT
from tests.runtime.artefact import Artefact, Runtime, build_product
from tests.runtime.emulator import environment

LAMBDA: Final = "aarch64"
OF_PROCESSOR: Final = re.compile(r"\.so$|/WHEEL$|/sboms/")
"""Machine code, and the notes of whom it is for and what it was made of."""
MOST_BYTES: Final = 60_000_000
"""Of all of it, unpacked; Lambda takes 262,144,000. Before raising it look at what came in."""
MOST_MODULES: Final = 440
"""Imported after a notification. Before raising it look at what came in."""
UNCHECKED: Final = 0b01
"""The flags of bytecode that is taken as it is (PEP 552)."""


@pytest.fixture(scope="module")
def for_lambda(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Artefact:
    """Build in another place, for Lambda's processor."""
    return build_product(replace(runtime, machine=LAMBDA), tmp_path_factory.mktemp(LAMBDA))


def files(built: Artefact) -> dict[str, Path]:
    """Give every file by its place."""
    parts = {"functions": built.task, "layers": built.packages[0]}
    return {
        f"{name}/{path.relative_to(folder)}": path
        for name, folder in parts.items()
        for path in folder.rglob("*")
        if path.is_file()
    }


def digests(built: Artefact) -> dict[str, str]:
    """Tell every file that is not for one processor by its content."""
    return {
        place: hashlib.sha256(path.read_bytes()).hexdigest()
        for place, path in files(built).items()
        if not OF_PROCESSOR.search(place)
    }


def test_it_takes_a_notification_under_lambdas_python(artefact: Artefact, runtime: Runtime) -> None:
    """What is built stores a notification, with what is in it alone, and imports nothing that it does not need."""
    given = environment(runtime, artefact)
    done = subprocess.run(
        [runtime.python, "-S", "-m", "tests.performance.first_notification"],
        env=given | SETTINGS | deployed_settings() | {"PYTHONPATH": f"{given['PYTHONPATH']}:{ROOT}"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert told["code"] == 204
    assert LEFT_OUT.isdisjoint(told["afterwards"])
    assert len(told["afterwards"]) <= MOST_MODULES


def test_two_builds_are_equal(artefact: Artefact, for_lambda: Artefact) -> None:
    """Built in another place and for another processor, every file but machine code is the same."""
    assert digests(artefact) == digests(for_lambda)


def test_every_module_has_bytecode_that_is_taken_as_it_is(for_lambda: Artefact, runtime: Runtime) -> None:
    """No cold start compiles: each module has bytecode of Lambda's Python that no time or source makes stale.

    Where it was compiled is not in it; tracebacks name the place where Lambda unpacks it.
    """
    magic = subprocess.run(
        [runtime.python, "-c", "from importlib.util import MAGIC_NUMBER; print(MAGIC_NUMBER.hex())"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.strip()
    content = {place: path.read_bytes() for place, path in files(for_lambda).items() if place.endswith((".py", ".pyc"))}
    bytecode = {place: data for place, data in content.items() if place.endswith(".pyc")}
    assert {_bytecode_of(place) for place in content.keys() - bytecode.keys()} == bytecode.keys()
    heads = [struct.unpack("<4sI", data[:8]) for data in bytecode.values()]
    assert {(number.hex(), flags) for number, flags in heads} == {(magic, UNCHECKED)}
    assert not [place for place, data in bytecode.items() if str(for_lambda.task.parent).encode() in data]


def _bytecode_of(place: str) -> str:
    folder, _, name = place.rpartition("/")
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.cpython-313.pyc"


def test_each_package_is_there_once(for_lambda: Artefact) -> None:
    """No package is there twice, a function brings none, and nothing is there that no one can use."""
    places = list(files(for_lambda))
    for package in ("boto3", "botocore", "pydantic", "aws_lambda_powertools", "card_tracking"):
        found = [place for place in places if place.endswith(f"/{package}/__init__.py")]
        assert found == [f"layers/{package}/__init__.py"]
    assert not [place for place in places if "/bin/" in place or place.endswith("/RECORD")]
    assert not [place for place in places if place.startswith("functions/") and place.endswith(".so")]


def test_it_does_not_grow_unseen(for_lambda: Artefact) -> None:
    """Unpacked, it stays a fraction of what Lambda takes."""
    sizes = {place: path.stat().st_size for place, path in files(for_lambda).items()}
    assert sum(sizes.values()) <= MOST_BYTES, sorted(sizes, key=sizes.__getitem__)[-10:]
