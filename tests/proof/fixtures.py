"""Fixtures that run the engines: import them into the conftest of a suite."""

import atexit
import os
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from itertools import count
from typing import Final

import pytest

from tests.proof.engines import ENGINES, EngineMissing, TableEngine, fastest_engine

ENGINE_VARIABLE: Final = "PROOF_ENGINE"
"""Environment variable that names the engine of the suites that run on one."""
_FASTEST: Final = "fastest"
_NUMBERS: Final = count()
_RUNNING: Final = ExitStack()
atexit.register(_RUNNING.close)


@pytest.fixture(scope="session", params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> TableEngine:
    """Run each engine in turn. Skip the tests of an engine that cannot run here."""
    return _engine_of_this_process(request.param)


@pytest.fixture(scope="session")
def chosen_engine() -> TableEngine:
    """Run the engine that PROOF_ENGINE names, or else the fastest one."""
    return _engine_of_this_process(os.environ.get(ENGINE_VARIABLE, _FASTEST))


@pytest.fixture
def table_name(engine: TableEngine) -> Iterator[str]:
    """Create the table of the template, empty, for one test."""
    with engine.table(f"Cards-{next(_NUMBERS)}") as name:
        yield name


def _engine_of_this_process(name: str) -> TableEngine:
    found = _start(name)
    if isinstance(found, EngineMissing):
        pytest.skip(str(found))
    return found


# Each engine starts at most once in a process, and runs until its end: a JVM for each test file would cost more than
# the tests. A failure is remembered too, because every further attempt would wait for the network.
@cache
def _start(name: str) -> TableEngine | EngineMissing:
    try:
        return _RUNNING.enter_context(fastest_engine() if name == _FASTEST else ENGINES[name]())
    except EngineMissing as missing:
        return missing
