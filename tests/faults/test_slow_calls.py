"""Time that runs out: every call is slow, and the invocation ends somewhere."""

import pytest

from tests.faults.slow import losses_where_time_ends
from tests.proof.engines import TableEngine


@pytest.mark.parametrize("tenths", range(20, 220, 5))
def test_time_that_runs_out_doubles_no_alert(engine: TableEngine, tenths: int) -> None:
    """Wherever the time ends, what was published has its mark: no crash happened, so no alert may come twice."""
    assert losses_where_time_ends(engine, tenths / 10) == []
