"""The function as a test gives it orders, with the D1 that it asks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

import pytest

from card_tracking.domain.instants import Instant, now
from tests.reconcile.d1_on_demand import D1, Bank
from tests.samples import operation
from tests.wiring.stack import ENVIRONMENT_OF_RECONCILING, Context, Stack

SECRET: Final = ENVIRONMENT_OF_RECONCILING["D1_CREDENTIALS_ARN"]
DAY: Final = 86_400 * 1_000_000
SHIPPED: Final = operation(status="SUCCESSFUL", details={"status": "CARD_SHIPPED"})
FAILED: Final = operation(status="FAILED", details={"status": "DATA_EXCEPTION"}, errorCode="E", error="pan")


@dataclass(slots=True)
class Reconciliation:
    """The function, the D1 that it asks, and the pauses that it makes."""

    app: ModuleType
    d1: D1
    bank: Bank
    stack: Stack
    pauses: list[float] = field(default_factory=list)

    def __call__(self, **order: Any) -> dict[str, Any]:
        """Give an order."""
        answer: dict[str, Any] = self.app.handler(order, Context(milliseconds_left=300_000))
        return answer


def days_ago(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch, days: float) -> Callable[[], None]:
    """Let what D1 sends now have arrived days ago; return what ends that."""
    module = reconciliation.stack.receive
    real = module.now
    monkeypatch.setattr(module, "now", lambda: Instant(now() - int(days * DAY)))
    return lambda: monkeypatch.setattr(module, "now", real)
