"""Storms of failures: how many alerts D1 waits for, and when the relay is called for the others."""

from collections.abc import Sequence
from typing import Any

import pytest

from card_tracking.use_cases import receive as use_case
from tests.proof.doubles import Functions
from tests.samples import operation
from tests.wiring.faults import break_table, client_error, once
from tests.wiring.metric_scenarios import FAILURE, failures
from tests.wiring.stack import Stack
from tests.wiring.test_metrics import emitted

AT_ONCE = 50
"""Alerts that are published before the response to D1, whatever the size of the notification (docs/decisions.md)."""


@pytest.fixture
def relay_calls(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the calls of the relay."""
    functions = Functions()
    monkeypatch.setattr(stack.receive.receive.call_relay, "_client", functions)
    return functions.called


@pytest.mark.parametrize(
    ("count", "left"), [(AT_ONCE - 1, 0), (AT_ONCE, 0), (AT_ONCE + 1, 1), (2 * AT_ONCE + 7, AT_ONCE + 7)]
)
def test_relay_is_called_for_what_is_left(stack: Stack, relay_calls: list[str], count: int, left: int) -> None:
    """The first fifty alerts of a notification are published at once; the relay is called once if there are more."""
    stack.post(*failures(count))

    assert len(stack.alerts()) == min(count, AT_ONCE)
    assert len(relay_calls) == (1 if left else 0)
    assert stack.run_relay() == {"claimed": left, "published": left}


def test_parts_of_a_notification_share_the_fifty(
    stack: Stack, relay_calls: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """D1 waits for fifty alerts of a notification, however many parts it is stored in; all parts are counted."""
    monkeypatch.setattr(use_case, "CARDS_A_PART", 40)
    stack.post(*failures(100))

    metrics = emitted(capsys.readouterr().out)
    assert metrics["AlertsRaised"] == [(100, "Count")]
    assert metrics["AlertsLeftPending"] == [(50, "Count")]
    assert len(stack.alerts()) == AT_ONCE
    assert len(relay_calls) == 1
    assert stack.run_relay() == {"claimed": 50, "published": 50}


def test_relay_is_called_for_the_rest_of_a_resent_storm(
    stack: Stack, relay_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay is called for the others also if the first fifty were raised by an attempt that failed."""
    with monkeypatch.context() as broken:
        # The first fifty go to the outbox in two calls; the third call is for the others.
        break_table(stack, broken, once("batch_execute_statement", 2, client_error("AccessDeniedException")))
        assert stack.post(*failures(63))["statusCode"] == 503
    assert relay_calls == []

    assert stack.post(*failures(63))["statusCode"] == 204

    assert len(relay_calls) == 1
    assert stack.alerts() == []


def test_alerts_are_published_before_the_relay_is_called(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay comes last: what this request publishes is marked by then."""
    steps: list[str] = []
    receive = stack.receive.receive

    class Noting:
        """A relay that is called, and notes when."""

        def invoke(self, **_: Any) -> dict[str, int]:
            """Note the call."""
            steps.append("relay")
            return {"StatusCode": 202}

    publish = receive.topic.publish

    def noted(alerts: Sequence[Any], deadline: Any) -> Any:
        steps.append("publish")
        return publish(alerts, deadline)

    monkeypatch.setattr(receive.topic, "publish", noted)
    monkeypatch.setattr(receive.call_relay, "_client", Noting())
    stack.post(*failures(63))

    assert steps == ["publish", "relay"]


def test_known_cause_costs_no_write(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repetition of a failure is compared with the stored status, and its cause does not go to the outbox again."""
    stack.post(FAILURE)
    table = break_table(stack, monkeypatch, lambda _name, _before: None)
    stack.post(FAILURE)

    assert table.calls == ["batch_get_item", "batch_execute_statement"]


def test_other_cards_are_left_alone_after_a_conflict(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a conflict only the card that lost is read, merged and written again, without its deliveries."""
    store = stack.receive.receive.store
    write, read = store.write, store.read
    rounds: list[tuple[list[str], int]] = []
    reads: list[list[str]] = []

    def losing(changes: Sequence[Any], deliveries: Sequence[Any], deadline: Any) -> Any:
        rounds.append(([change.card_id for change in changes], len(deliveries)))
        if len(rounds) == 1:
            write(changes[1:], deliveries, deadline)
            return changes[:1]
        return write(changes, deliveries, deadline)

    def noted(card_ids: Any, deadline: Any) -> Any:
        reads.append(list(card_ids))
        return read(card_ids, deadline)

    monkeypatch.setattr(store, "write", losing)
    monkeypatch.setattr(store, "read", noted)
    assert stack.post(operation(cardId="a"), operation(cardId="b"))["statusCode"] == 204

    assert rounds == [(["a", "b"], 2), (["a"], 0)]
    assert reads == [["a", "b"], ["a"]]
