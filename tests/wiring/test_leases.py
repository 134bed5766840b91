"""Leases: whoever holds one publishes, however long storing takes, and costs no request while it lasts."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from card_tracking.adapters.alert_outbox import LEASE_SECONDS
from card_tracking.domain.instants import Instant, now
from tests.wiring.faults import break_table, client_error, never, once
from tests.wiring.stack import Stack
from tests.wiring.test_alerts import FAILURE, failures


@dataclass(slots=True)
class Clock:
    """A time of day that passes when a test says so, the same for receive_notification and relay_alerts."""

    now: Instant

    def __call__(self) -> Instant:
        """Return the time."""
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        """Let time pass."""
        self.now = Instant(self.now + int(seconds * 1_000_000))


@pytest.fixture
def clock(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let both functions go by one clock."""
    clock = Clock(now())
    monkeypatch.setattr(stack.receive, "receive", replace(stack.receive.receive, now=clock))
    monkeypatch.setattr(stack.relay, "relay", replace(stack.relay.relay, now=clock))
    return clock


def before_each(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, act: Callable[[], object]) -> None:
    """Let something happen before each call of a method."""
    method = getattr(owner, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        act()
        return method(*args, **kwargs)

    monkeypatch.setattr(owner, name, call)


@pytest.mark.parametrize("seconds", [1, 29, 31, 59, 61, 200])
def test_inserter_that_stores_for_longer_than_its_lease(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, clock: Clock, seconds: int
) -> None:
    """However long the statuses take, and with a relay beside it: each alert is published once."""

    def store_slowly() -> None:
        for _ in range(seconds):
            clock.pass_seconds(1)
            stack.run_relay()

    before_each(monkeypatch, stack.receive.receive.store, "write", store_slowly)
    assert stack.post(*failures(12))["statusCode"] == 204
    clock.pass_seconds(LEASE_SECONDS + 1)
    stack.run_relay()
    assert Counter(alert["cardId"] for alert in stack.alerts()) == {one["cardId"]: 1 for one in failures(12)}


@pytest.mark.parametrize(("seconds", "requests"), [(0, 3), (29, 3), (31, 4), (61, 4)])
def test_a_lease_is_renewed_only_when_little_of_it_remains(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, clock: Clock, seconds: int, requests: int
) -> None:
    """An ordinary alert costs no request for it. With less than 30 s left, one more: and the inserter publishes."""
    table = break_table(stack, monkeypatch, never)
    before_each(monkeypatch, stack.receive.receive.store, "write", lambda: clock.pass_seconds(seconds))
    stack.post(FAILURE)
    assert table.calls.count("batch_execute_statement") == requests
    assert len(stack.alerts()) == 1
    assert not [row for row in stack.items("ALERT#") if "pendingShard" in row]


def test_a_renewed_lease_lasts_while_its_holder_publishes(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """A relay that runs when the first lease would have ended finds a new one, and leaves the alert to its inserter."""
    before_each(monkeypatch, stack.receive.receive.store, "write", lambda: clock.pass_seconds(50))
    runs = []

    def publish_slowly() -> None:
        clock.pass_seconds(25)
        runs.append(stack.run_relay())

    before_each(monkeypatch, stack.receive.receive.topic, "publish", publish_slowly)
    assert stack.post(FAILURE)["statusCode"] == 204
    assert runs == [{"claimed": 0, "published": 0}]
    assert len(stack.alerts()) == 1


def test_a_lease_that_cannot_be_renewed(stack: Stack, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Where the table refuses the renewal, nothing is published and D1 has its answer; the relay publishes later."""
    with monkeypatch.context() as broken:
        # After the row and the status.
        break_table(stack, broken, once("batch_execute_statement", 2, client_error("AccessDeniedException")))
        before_each(broken, stack.receive.receive.store, "write", lambda: clock.pass_seconds(40))
        assert stack.post(FAILURE)["statusCode"] == 204
    assert stack.alerts() == []
    clock.pass_seconds(LEASE_SECONDS)
    assert stack.run_relay() == {"claimed": 1, "published": 1}
    assert len(stack.alerts()) == 1
