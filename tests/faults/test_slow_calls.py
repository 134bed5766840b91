"""Time that runs out, of an invocation or of a lease."""

import pytest

from tests.faults.slow import losses_where_a_lease_ends, losses_where_time_ends
from tests.proof.engines import TableEngine


@pytest.mark.parametrize("tenths", range(20, 220, 5))
def test_time_that_runs_out_doubles_no_alert(engine: TableEngine, tenths: int) -> None:
    """Wherever the time ends, what was published has its mark: no crash happened, so no alert may come twice."""
    assert losses_where_time_ends(engine, tenths / 10) == []


@pytest.mark.parametrize("seconds", [1, 8, 14, 16, 19, 21, 29, 31, 45, 60])
def test_lease_that_ends_while_its_holder_works_doubles_no_alert(engine: TableEngine, seconds: int) -> None:
    """A replay that stores for up to two minutes publishes the alerts whose lease it could renew, and no others."""
    assert losses_where_a_lease_ends(engine, seconds) == []
