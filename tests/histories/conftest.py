"""The engine of this suite."""

from collections.abc import Iterator

import pytest

from tests.proof.engines import TableEngine, fastest_engine


@pytest.fixture(scope="session")
def engine() -> Iterator[TableEngine]:
    """Run the fastest engine there is: thousands of small lives are lived on it."""
    with fastest_engine() as running:
        yield running
