"""The history of a replayed operation: it tells when and how the operation first arrived."""

from dataclasses import replace

import pytest

from tests.samples import CARD, operation
from tests.wiring.stack import Stack
from tests.wiring.test_replay import ARRIVED, put


@pytest.mark.parametrize("asked", [True, False])
def test_history_of_a_replay_is_that_of_its_arrival(stack: Stack, monkeypatch: pytest.MonkeyPatch, asked: bool) -> None:
    """A replayed delivery keeps its time, its correlation id, and whether D1 was asked for it."""
    monkeypatch.setattr(stack.replay, "replay", replace(stack.replay.replay, pause=lambda _: None))
    put([operation()], byReconciliation=asked)

    assert stack.order_replay(dryRun=False)["operations_stored"] == 1

    (entry,) = stack.query(cardId=CARD, history=True)["history"]
    assert entry["receivedAt"] == ARRIVED
    assert entry["correlationId"] == "correlation-1"
    assert entry["byReconciliation"] is asked
