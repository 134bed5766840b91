"""The engine of this suite, the template as it is deployed, and the days before each rehearsal."""

from collections.abc import Iterator

import pytest

from tests.alarms.all_rehearsals import deployed_template
from tests.alarms.deployed import Deployed
from tests.alarms.rehearsal import Measured, Rehearsal
from tests.alarms.stage import Stage, ordinary_past
from tests.proof.engines import TableEngine, fastest_engine


@pytest.fixture(scope="session")
def engine() -> Iterator[TableEngine]:
    """Run the fastest engine there is."""
    with fastest_engine() as running:
        yield running


@pytest.fixture(scope="session")
def deployed() -> Deployed:
    """Give the template as it is deployed with everything optional."""
    return deployed_template()


@pytest.fixture(scope="session")
def past(engine: TableEngine, deployed: Deployed) -> Stage:
    """Give the days before each rehearsal."""
    return ordinary_past(engine, deployed)


@pytest.fixture(scope="session")
def measured() -> dict[Rehearsal, Measured]:
    """Collect what came of each rehearsal: none is played twice."""
    return {}
