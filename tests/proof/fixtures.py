"""Fixtures for suites that run on both engines: import them into the suite's conftest."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.proof.engines import EngineMissing, TableEngine, dynoxide, ministack

_NUMBERS = count()


@pytest.fixture(scope="session", params=["dynoxide", "ministack"])
def engine(request: pytest.FixtureRequest) -> Iterator[TableEngine]:
    """Run each engine in turn: what holds on two that share no code does not hold by the fault of one."""
    if request.param == "ministack":
        with ministack() as running:
            yield running
        return
    try:
        with dynoxide() as running:
            yield running
    except EngineMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def table_name(engine: TableEngine) -> Iterator[str]:
    """Create the template's table, empty, for one test."""
    with engine.table(f"Cards-{next(_NUMBERS)}") as name:
        yield name
