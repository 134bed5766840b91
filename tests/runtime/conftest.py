"""What is deployed, built once, and an embedded AWS that it works against."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.artefact import Artefact, Runtime, RuntimeMissing, build_product, build_runtime
from tests.runtime.site import Site, site


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for what is built."""
    return tmp_path_factory.mktemp("runtime")


@pytest.fixture(scope="session")
def runtime(folder: Path) -> Runtime:
    """Give what runs functions as Lambda does."""
    try:
        return build_runtime(folder)
    except RuntimeMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def artefact(runtime: Runtime, folder: Path) -> Artefact:
    """Build what is deployed."""
    return build_product(runtime, folder)


@pytest.fixture(scope="session")
def work(runtime: Runtime, artefact: Artefact, folder: Path) -> Iterator[Site]:
    """Run an embedded AWS."""
    with site(runtime, artefact, folder) as running:
        yield running
