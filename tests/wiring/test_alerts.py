"""Alerts: never lost, once per cause, also through a crash, an outage, or two relays at once."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from card_tracking.adapters.alert_outbox import LEASE_SECONDS
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant, now
from card_tracking.use_cases import relay
from card_tracking.use_cases.receive import ALERTS_AT_ONCE
from tests.proof.doubles import Functions
from tests.samples import CARD, LATER_START, OPERATION, operation
from tests.wiring.faults import (
    SECRET,
    always,
    break_table,
    break_topic,
    client_error,
    every_fault,
    never,
    once,
)
from tests.wiring.stack import ENVIRONMENT, ISSUER, TABLE, Stack, client

FAILURE = operation(
    status="FAILED",
    errorCode="FIELD_INVALID_FORMAT",
    error="embossedName",
    details={"status": "DATA_EXCEPTION", "productionSite": "Pont-Audemer"},
)


def failures(count: int) -> list[dict[str, Any]]:
    """Make failures of so many cards."""
    return [FAILURE | {"cardId": f"card-{number:03d}"} for number in range(count)]


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


def test_each_production_alerts_for_itself(stack: Stack) -> None:
    """A second production of a card fails for itself: that is another cause."""
    stack.post(FAILURE, FAILURE | {"operationId": "second", "startTime": LATER_START})
    alerts = stack.alerts()
    assert len({alert["alertId"] for alert in alerts}) == len(alerts) == 2
