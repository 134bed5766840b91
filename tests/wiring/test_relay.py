"""The relay: what it reports of alerts that wait, and what it does where topic, table or time fail."""

from typing import Any

import pytest

from card_tracking.adapters.alert_outbox import LEASE_SECONDS, PENDING_SHARDS, PendingAlert
from card_tracking.adapters.table import shard_of
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert, Cause
from card_tracking.domain.instants import Instant
from card_tracking.errors import DependencyFailed
from card_tracking.use_cases import relay
from tests.samples import update
from tests.wiring.faults import Fault, Faulty, always, break_topic, client_error, never, once, without_pauses
from tests.wiring.stack import Context, Stack, client
from tests.wiring.test_alerts import failures, pass_time
from tests.wiring.test_logs_and_metrics import counts


def cause_of_failure(failure: dict[str, Any]) -> str:
    """Name the alert of a failure."""
    return Cause(failure["cardId"], failure["operationId"], "DATA_EXCEPTION").alert_id


def break_table_of_relay(stack: Stack, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Let the table fail for relay_alerts."""
    without_pauses(monkeypatch)
    monkeypatch.setattr(stack.relay.relay.outbox._table, "client", Faulty(client("dynamodb"), fault))


def wait_for_relay(stack: Stack, monkeypatch: pytest.MonkeyPatch, *operations: dict[str, Any]) -> None:
    """Deliver operations while the topic is down, and let their leases end."""
    with monkeypatch.context() as broken:
        break_topic(stack, broken, always(client_error("InternalFailure", 500)))
        stack.post(*operations)
    pass_time(stack, monkeypatch, LEASE_SECONDS + 1)


def delay(capsys: pytest.CaptureFixture[str]) -> float | None:
    """Return the delay that the runs since the last look reported, or None if they reported none."""
    return counts(capsys.readouterr().out).get("OldestAlertDelay")


def test_relay_without_time(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """A relay without time does nothing and does not fail. It reports no delay: 0 would hide alerts that wait."""
    stack.context = Context(milliseconds_left=1_000)
    assert stack.run_relay() == {"claimed": 0, "published": 0}
    assert counts(capsys.readouterr().out) == {"RelayRuns": 1, "AlertsPublished": 0}


def test_relay_whose_table_fails(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A relay that cannot read the table fails, so that the function's errors show it, and reports no delay."""
    monkeypatch.setattr(stack.relay.relay.outbox._table, "name", "Elsewhere")
    with pytest.raises(DependencyFailed, match="query: ResourceNotFoundException"):
        stack.run_relay()
    assert counts(capsys.readouterr().out) == {"RelayRuns": 1, "AlertsPublished": 0}


@pytest.mark.parametrize("error", [client_error("AuthorizationError", 403), client_error("Throttling")], ids=str)
def test_delay_grows_while_the_topic_refuses(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    """Each run reports how long the oldest alert has waited since its creation, however often it was tried."""
    with monkeypatch.context() as broken:
        break_topic(stack, broken, always(error))
        stack.post(*failures(3))
        capsys.readouterr()
        for minute in range(1, 361, 30):
            pass_time(stack, broken, minute * 60)
            assert stack.run_relay()["published"] == 0
            assert delay(capsys) == pytest.approx(minute * 60, abs=30)
    pass_time(stack, monkeypatch, 361 * 60)
    assert stack.run_relay()["published"] == 3
    capsys.readouterr()
    stack.run_relay()
    assert delay(capsys) == 0


def test_delay_of_an_alert_that_is_being_published(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A relay that runs while an alert is published counts it as waiting, for as long as that has taken."""
    pass_time(stack, monkeypatch, 0)
    waiting = Alert(update("DATA_EXCEPTION"), superseded=False)
    stack.receive.receive.outbox.add([waiting], Instant(stack.relay.relay.now() - 250_000), Deadline())
    assert stack.run_relay() == {"claimed": 0, "published": 0}
    assert delay(capsys) == 0.25


def test_delay_is_that_of_the_oldest_alert(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of alerts of many ages in every shard, over several pages, the one that has waited longest counts."""
    monkeypatch.setattr(relay, "ALERTS_A_SHARD", 3)
    pass_time(stack, monkeypatch, 0)
    outbox, moment = stack.receive.receive.outbox, stack.relay.relay.now()
    ages = [10 * number for number in range(1, 41)]
    for age in ages:
        waiting = Alert(update("DATA_EXCEPTION", card_id=f"card-{age}"), superseded=False)
        outbox.add([waiting], Instant(moment - age * 1_000_000), Deadline())
    expired = [age for age in ages if age >= LEASE_SECONDS]
    assert stack.run_relay() == {"claimed": len(expired), "published": len(expired)}
    assert delay(capsys) == 400


def test_delay_of_an_alert_that_waits_since_later(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """Clocks differ by milliseconds: an alert from ahead of the relay's time has not waited, rather than less."""
    waiting = Alert(update("DATA_EXCEPTION"), superseded=False)
    stack.receive.receive.outbox.add([waiting], Instant(stack.relay.relay.now() + 3_000_000), Deadline())
    stack.run_relay()
    assert delay(capsys) == 0


@pytest.mark.parametrize(
    ("shard", "shards_read", "seconds"),
    [(3, 0, None), (3, 1, None), (3, 3, None), (3, 4, 61), (0, 1, 61), (0, 0, None)],
)
def test_delay_that_a_run_reports_which_ends_early(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, shard: int, shards_read: int, seconds: int | None
) -> None:
    """A run that ends while it reads reports what it has seen: nothing in some shards is no proof that none waits."""
    failure = next(one for one in failures(100) if shard_of(cause_of_failure(one), PENDING_SHARDS) == shard)
    wait_for_relay(stack, monkeypatch, failure)
    left = iter([20_000] * shards_read + [0] * 100)
    report = stack.relay.relay(Deadline(lambda: next(left)))
    assert report.published == []
    assert report.oldest_delay_seconds == (None if seconds is None else pytest.approx(seconds, abs=30))


def test_delay_that_was_seen_before_the_table_failed(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that fails half-way reports the delay, and the alerts that it has published until then."""
    monkeypatch.setattr(relay, "ALERTS_A_ROUND", 10)
    wait_for_relay(stack, monkeypatch, *failures(30))
    capsys.readouterr()
    with monkeypatch.context() as broken:
        # Claim and mark of the first round, then the claim of the second.
        break_table_of_relay(stack, broken, once("batch_execute_statement", 2, client_error("AccessDeniedException")))
        with pytest.raises(DependencyFailed, match="batch_execute_statement: AccessDeniedException"):
            stack.run_relay()
    counted = counts(capsys.readouterr().out)
    assert counted.pop("OldestAlertDelay") == pytest.approx(61, abs=30)
    assert counted == {"RelayRuns": 1, "AlertsPublished": 10}


def test_alerts_that_are_refused_for_good(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many the topic refuses, the younger ones behind them go out in the same run."""
    monkeypatch.setattr(relay, "ALERTS_A_SHARD", 5)
    monkeypatch.setattr(relay, "ALERTS_A_ROUND", 20)
    wait_for_relay(stack, monkeypatch, *failures(100))
    wait_for_relay(stack, monkeypatch, *failures(120)[100:])
    real = break_topic(stack, monkeypatch, never)

    class Refusing:
        """A topic that refuses all but the last twenty, and a whole call where the first of all is among them."""

        tried = 0

        def publish_batch(self, TopicArn: str, PublishBatchRequestEntries: list[dict[str, Any]]) -> Any:  # noqa: N803  # as boto3 names them
            """Refuse them as the sender's fault."""
            self.tried += len(PublishBatchRequestEntries)
            bad = [one for one in PublishBatchRequestEntries if one["Subject"][-3:] < "100"]
            if any(one["Subject"].endswith("card-000") for one in bad):
                raise client_error("InvalidParameter")
            rest = [one for one in PublishBatchRequestEntries if one not in bad]
            answer = real.publish_batch(TopicArn=TopicArn, PublishBatchRequestEntries=rest) if rest else {}
            failed = [{"Id": one["Id"], "SenderFault": True, "Code": "InvalidParameter"} for one in bad]
            return answer | {"Failed": failed}

    topic = Refusing()
    monkeypatch.setattr(stack.relay.relay.topic, "_client", topic)
    report = stack.run_relay()
    assert report["claimed"] == topic.tried == 120
    # But for those that shared a call with the first of all.
    assert report["published"] >= 11
    pass_time(stack, monkeypatch, 2 * LEASE_SECONDS + 2)
    assert stack.run_relay()["claimed"] == 120 - report["published"]


def test_relay_that_cannot_mark(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the table refuses the mark the relay stops: of all alerts that wait, only a few go out again each time."""
    monkeypatch.setattr(relay, "ALERTS_A_ROUND", 10)
    wait_for_relay(stack, monkeypatch, *failures(30))
    with monkeypatch.context() as broken:
        break_table_of_relay(stack, broken, once("batch_execute_statement", 1, client_error("AccessDeniedException")))
        assert stack.run_relay() == {"claimed": 10, "published": 10}
    assert len(stack.alerts()) == 10


def test_each_row_is_read_once(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that stay pending, because another holds their lease, are not read again by the same run."""
    monkeypatch.setattr(relay, "ALERTS_A_SHARD", 5)
    alerts = [Alert(update("DATA_EXCEPTION", card_id=f"card-{number}"), superseded=False) for number in range(60)]
    outbox = stack.relay.relay.outbox
    outbox.add(alerts, stack.relay.relay.now(), Deadline())
    read: list[str] = []
    pending = outbox.pending

    def note(*arguments: Any) -> list[PendingAlert]:
        page: list[PendingAlert] = pending(*arguments)
        read.extend(row.alert.alert_id for row in page)
        return page

    monkeypatch.setattr(outbox, "pending", note)
    assert stack.run_relay() == {"claimed": 0, "published": 0}
    assert sorted(read) == sorted(alert.alert_id for alert in alerts)


def test_rows_are_not_claimed_without_time_to_publish_them(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends too soon leaves the lease as it is, so that the next one finds the alert at once."""
    wait_for_relay(stack, monkeypatch, *failures(1))
    [before] = stack.items("ALERT#")
    stack.context = Context(milliseconds_left=5_000)
    assert stack.run_relay() == {"claimed": 0, "published": 0}
    assert stack.items("ALERT#") == [before]
    stack.context = Context()
    assert stack.run_relay() == {"claimed": 1, "published": 1}
