"""What is deployed, built once, and an embedded AWS that it works against."""

import fcntl
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.runtime.artefact import Artefact, Runtime, RuntimeMissing, build_product, build_runtime
from tests.runtime.site import Site, site

Made = TypeVar("Made")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for what is built, the same for all processes that tests run in."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "runtime"
    shared.mkdir(exist_ok=True)
    return shared


def once(folder: Path, name: str, make: Callable[[], Made]) -> Made:
    """Make something, or wait until another process has made it, and take that."""
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / f"{name}.made"
        if not made.exists():
            made.write_bytes(pickle.dumps(make()))
        result: Made = pickle.loads(made.read_bytes())  # noqa: S301  # written by this very function
        return result


@pytest.fixture(scope="session")
def runtime(folder: Path) -> Runtime:
    """Give what runs functions as Lambda does."""
    try:
        return once(folder, "runtime", lambda: build_runtime(folder))
    except RuntimeMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def artefact(runtime: Runtime, folder: Path) -> Artefact:
    """Build what is deployed."""
    return once(folder, "artefact", lambda: build_product(runtime, folder))


@pytest.fixture(scope="session")
def work(runtime: Runtime, artefact: Artefact, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run an embedded AWS."""
    with site(runtime, artefact, tmp_path_factory.mktemp("site")) as running:
        yield running
