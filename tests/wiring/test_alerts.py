"""Alerts: never lost, once per cause, also through a crash, an outage, or two relays at once."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from card_tracking.adapters.alert_outbox import LEASE_SECONDS, PENDING_SHARDS
from card_tracking.adapters.table import shard_of
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert, Cause
from card_tracking.domain.instants import Instant, now
from card_tracking.errors import DependencyFailed
from card_tracking.use_cases import relay
from card_tracking.use_cases.receive import ALERTS_AT_ONCE
from tests.proof.doubles import Functions
from tests.samples import CARD, LATER_START, OPERATION, operation, update
from tests.wiring.faults import (
    SECRET,
    Fault,
    Faulty,
    always,
    break_table,
    break_topic,
    client_error,
    every_fault,
    never,
    once,
    without_pauses,
)
from tests.wiring.stack import ENVIRONMENT, ISSUER, TABLE, Context, Stack, client
from tests.wiring.test_logs_and_metrics import counts

FAILURE = operation(
    status="FAILED",
    errorCode="FIELD_INVALID_FORMAT",
    error="embossedName",
    details={"status": "DATA_EXCEPTION", "productionSite": "Pont-Audemer"},
)


def failures(count: int) -> list[dict[str, Any]]:
    """Make failures of so many cards."""
    return [FAILURE | {"cardId": f"card-{number:03d}"} for number in range(count)]


def cause_of_failure(failure: dict[str, Any]) -> str:
    """Name the alert of a failure."""
    return Cause(failure["cardId"], failure["operationId"], "DATA_EXCEPTION").alert_id


def break_table_of_relay(stack: Stack, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Let the table fail for relay_alerts."""
    without_pauses(monkeypatch)
    monkeypatch.setattr(stack.relay.relay.outbox._table, "client", Faulty(client("dynamodb"), fault))


def pass_time(stack: Stack, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the relay run so much later."""
    later = Instant(now() + int(seconds * 1_000_000))
    monkeypatch.setattr(stack.relay, "relay", replace(stack.relay.relay, now=lambda: later))


def test_message(stack: Stack) -> None:
    """A subscriber gets the JSON for machines, with a subject and the attributes that it filters by."""
    stack.post(FAILURE)
    [alert] = stack.alerts()
    attributes = {name: attribute["Value"] for name, attribute in alert["attributes"].items()}
    assert (alert["cardId"], alert["status"], alert["error"]) == (CARD, "DATA_EXCEPTION", "embossedName")
    assert alert["subject"] == f"DATA_EXCEPTION: card {CARD}"
    assert attributes == {
        "kind": "STATUS",
        "status": "DATA_EXCEPTION",
        "issuerId": ISSUER,
        "errorCode": "FIELD_INVALID_FORMAT",
        "productionSite": "Pont-Audemer",
        "alertId": alert["alertId"],
        "superseded": "false",
    }


def test_published_row(stack: Stack) -> None:
    """A published row keeps its cause and times for ever, and no more of what D1 said. The relay does not find it."""
    stack.post(FAILURE)
    [alert] = stack.alerts()
    [row] = stack.items("ALERT#")
    times = {name: row.pop(name)["S"] for name in ("receivedAt", "createdAt", "publishedAt")}
    assert row == {
        "pk": {"S": f"CARD#{CARD}"},
        "sk": {"S": f"ALERT#{alert['alertId']}"},
        "operationId": {"S": OPERATION},
        "status": {"S": "DATA_EXCEPTION"},
        "superseded": {"BOOL": False},
    }
    assert times["receivedAt"] == alert["receivedAt"]
    assert times["receivedAt"] <= times["createdAt"] <= times["publishedAt"]
    assert stack.run_relay() == {"claimed": 0, "published": 0}


def test_pending_row(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pending row holds the alert's text and its lease, and does not expire either."""
    break_topic(stack, monkeypatch, always(client_error("InternalFailure", 500)))
    stack.post(FAILURE)
    [row] = stack.items("ALERT#")
    assert set(row) == {
        *("pk", "sk", "operationId", "status", "superseded", "receivedAt", "createdAt"),
        *("alert", "leaseEndsAt", "pendingShard", "waitsSince"),
    }


def test_a_cause_alerts_once_for_ever(stack: Stack) -> None:
    """Years later, when the history has expired and the card has a newer operation, a repetition raises nothing."""
    newer = operation(operationId="second", startTime=LATER_START, details={"status": "CARD_PROD_READY"})
    stack.post(FAILURE)
    stack.post(newer)
    assert len(stack.alerts()) == 1
    for item in stack.items():
        if "expiresAt" in item:
            client("dynamodb").delete_item(TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})
    assert stack.items("DELIVERY#") == []
    assert stack.post(FAILURE, newer)["statusCode"] == 204
    assert stack.alerts() == []


def test_many_in_one_body(stack: Stack) -> None:
    """More alerts than one call takes are all published, once each."""
    assert stack.post(*failures(37))["statusCode"] == 204
    assert sorted(alert["cardId"] for alert in stack.alerts()) == [one["cardId"] for one in failures(37)]
    assert not [row for row in stack.items("ALERT#") if "pendingShard" in row]


def test_more_than_d1_should_wait_for(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a storm the first alerts are published before the answer; for the others the relay is called."""
    functions = Functions()
    monkeypatch.setattr(stack.receive.receive.call_relay, "_client", functions)
    assert stack.post(*failures(ALERTS_AT_ONCE + 13))["statusCode"] == 204
    assert functions.called == [ENVIRONMENT["RELAY_ALERTS_FUNCTION_ARN"]]
    assert len(stack.alerts()) == ALERTS_AT_ONCE
    assert stack.run_relay() == {"claimed": 13, "published": 13}
    assert len(stack.alerts()) == 13


def test_relay_that_cannot_be_called(stack: Stack, caplog: pytest.LogCaptureFixture) -> None:
    """There is no such function: D1 has its answer all the same, the log says so, and the schedule finds the alerts."""
    assert stack.post(*failures(ALERTS_AT_ONCE + 13))["statusCode"] == 204
    [told] = [record for record in caplog.records if record.getMessage() == "alerts left to the relay's schedule"]
    assert vars(told)["detail"].startswith("invoke: ")
    assert len([row for row in stack.items("ALERT#") if "pendingShard" in row]) == 13
    assert stack.run_relay() == {"claimed": 13, "published": 13}


@pytest.mark.parametrize("error", every_fault(), ids=str)
def test_topic_down(stack: Stack, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """While the topic is down the rows wait; the relay publishes them when their lease has ended, and only then."""
    with monkeypatch.context() as broken:
        break_topic(stack, broken, always(error))
        assert stack.post(*failures(3))["statusCode"] == 204
    assert len([row for row in stack.items("ALERT#") if "pendingShard" in row]) == 3
    with monkeypatch.context() as soon:
        pass_time(stack, soon, LEASE_SECONDS - 5)
        assert stack.run_relay() == {"claimed": 0, "published": 0}
    pass_time(stack, monkeypatch, LEASE_SECONDS + 1)
    assert stack.run_relay() == {"claimed": 3, "published": 3}
    assert sorted(alert["cardId"] for alert in stack.alerts()) == ["card-000", "card-001", "card-002"]
    assert stack.run_relay() == {"claimed": 0, "published": 0}


def test_resend_while_pending(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """D1's resend does not publish a row that waits for the relay: it is in another's hands."""
    with monkeypatch.context() as broken:
        break_topic(stack, broken, always(client_error("InternalFailure", 500)))
        stack.post(FAILURE)
    stack.post(FAILURE)
    assert stack.alerts() == []
    pass_time(stack, monkeypatch, LEASE_SECONDS + 1)
    stack.run_relay()
    assert len(stack.alerts()) == 1


def test_topic_still_down(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A relay that finds the topic still down says so, and leaves the rows to a later run."""
    break_topic(stack, monkeypatch, always(client_error("InternalFailure", 500)))
    stack.post(FAILURE)
    capsys.readouterr()
    pass_time(stack, monkeypatch, LEASE_SECONDS + 1)
    assert stack.run_relay() == {"claimed": 1, "published": 0}
    assert "alerts still pending" in capsys.readouterr().out
    monkeypatch.setattr(stack.relay.relay.topic, "_client", None)
    pass_time(stack, monkeypatch, 2 * LEASE_SECONDS + 2)
    assert stack.run_relay() == {"claimed": 1, "published": 1}


def test_refused_inside_a_success(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """An alert that the topic answers as failed inside a success is not taken for published."""
    real = break_topic(stack, monkeypatch, never)._real

    class Refusing:
        """A topic that refuses the first message of every call, as the sender's fault."""

        def publish_batch(self, TopicArn: str, PublishBatchRequestEntries: list[dict[str, Any]]) -> Any:  # noqa: N803  # as boto3 names them
            """Take all but the first."""
            first, *rest = PublishBatchRequestEntries
            answer = real.publish_batch(TopicArn=TopicArn, PublishBatchRequestEntries=rest) if rest else {}
            return answer | {"Failed": [{"Id": first["Id"], "SenderFault": True, "Code": "InvalidParameter"}]}

    monkeypatch.setattr(stack.receive.receive.topic, "_client", Refusing())
    assert stack.post(*failures(3))["statusCode"] == 204
    assert len(stack.alerts()) == 2
    assert len([row for row in stack.items("ALERT#") if "pendingShard" in row]) == 1


def test_crash_between_publish_and_mark(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The only possible repetition: published, and not marked. The relay repeats it under the same alertId."""
    with monkeypatch.context() as broken:
        break_table(stack, broken, once("batch_execute_statement", 2, client_error("AccessDeniedException")))
        assert stack.post(FAILURE)["statusCode"] == 204
    pass_time(stack, monkeypatch, LEASE_SECONDS + 1)
    stack.run_relay()
    first, second = stack.alerts()
    assert first["alertId"] == second["alertId"]
    assert first == second


def test_insertion_that_timed_out(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row whose insertion timed out after it took effect is the relay's: late, and neither lost nor doubled."""
    with monkeypatch.context() as broken:
        timed_out = once("batch_execute_statement", 0, ReadTimeoutError(endpoint_url=SECRET))
        break_table(stack, broken, timed_out, after=True)
        assert stack.post(FAILURE)["statusCode"] == 204
    assert stack.alerts() == []
    pass_time(stack, monkeypatch, LEASE_SECONDS + 1)
    stack.run_relay()
    assert len(stack.alerts()) == 1


def test_two_relays(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two relays that found the same rows publish each once: the second finds them claimed."""
    with monkeypatch.context() as broken:
        break_topic(stack, broken, always(client_error("InternalFailure", 500)))
        stack.post(*failures(12))
    pass_time(stack, monkeypatch, LEASE_SECONDS + 1)
    second = stack.relay.relay
    outbox = second.outbox
    found = {shard: outbox.pending(shard, None, 100, Deadline()) for shard in range(4)}
    assert sum(map(len, found.values())) == 12
    assert stack.run_relay() == {"claimed": 12, "published": 12}
    assert [outbox.claim(pending, second.now(), Deadline()) for pending in found.values()] == [[], [], [], []]
    assert len(stack.alerts()) == 12


def test_relay_of_more_than_a_round(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than one round takes are all published in one run, each once."""
    monkeypatch.setattr(relay, "ALERTS_A_SHARD", 10)
    with monkeypatch.context() as broken:
        break_topic(stack, broken, always(client_error("InternalFailure", 500)))
        stack.post(*failures(130))
    pass_time(stack, monkeypatch, LEASE_SECONDS + 1)
    assert stack.run_relay() == {"claimed": 130, "published": 130}
    assert len({alert["alertId"] for alert in stack.alerts()}) == 130


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


def test_each_production_alerts_for_itself(stack: Stack) -> None:
    """A second production of a card fails for itself: that is another cause."""
    stack.post(FAILURE, FAILURE | {"operationId": "second", "startTime": LATER_START})
    alerts = stack.alerts()
    assert len({alert["alertId"] for alert in alerts}) == len(alerts) == 2


def wait_for_relay(stack: Stack, monkeypatch: pytest.MonkeyPatch, *operations: dict[str, Any]) -> None:
    """Deliver operations while the topic is down, and let their leases end."""
    with monkeypatch.context() as broken:
        break_topic(stack, broken, always(client_error("InternalFailure", 500)))
        stack.post(*operations)
    pass_time(stack, monkeypatch, LEASE_SECONDS + 1)


def delay(capsys: pytest.CaptureFixture[str]) -> float | None:
    """Return the delay that the runs since the last look reported, or None if they reported none."""
    return counts(capsys.readouterr().out).get("OldestAlertDelay")


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


def test_delay_of_an_alert_that_is_being_published(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """A relay that runs while an alert is published counts it as waiting, for as long as that has taken."""
    outbox, clock = stack.receive.receive.outbox, stack.relay.relay.now
    waiting = Alert(update("DATA_EXCEPTION"), superseded=False)
    outbox.add([waiting], Instant(clock() - 2_000_000), Deadline())
    assert stack.run_relay() == {"claimed": 0, "published": 0}
    assert delay(capsys) == pytest.approx(2, abs=1)


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
    assert report.oldest_delay_seconds == (None if seconds is None else pytest.approx(seconds, abs=5))


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
    assert counted.pop("OldestAlertDelay") == pytest.approx(61, abs=5)
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
