"""Log entries: each handler logs what an operator needs to follow a card or an alert, and masks card numbers."""

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from card_tracking.domain.alerts import Alert, Cause, OverdueDay
from card_tracking.domain.instants import Instant, now
from tests.proof.doubles import Functions
from tests.samples import CARD, OPERATION, TEST_CARD_NUMBER, body, instant, operation, update
from tests.wiring.faults import always, break_queue, break_table, break_topic, client_error
from tests.wiring.metric_scenarios import FAILURE, TABLE, failures
from tests.wiring.stack import ISSUER, Stack

OF_POWERTOOLS: Final = {
    "location",
    "timestamp",
    "service",
    "cold_start",
    "function_name",
    "function_memory_size",
    "function_arn",
    "function_request_id",
    "xray_trace_id",
}
NUMBERED: Final = {"cardId": TEST_CARD_NUMBER, "operationId": TEST_CARD_NUMBER}
MASKED: Final = "************1111"


def entries(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Read the log entries since the last call, without the fields that Powertools adds to each."""
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [
        {name: value for name, value in document.items() if name not in OF_POWERTOOLS}
        for document in documents
        if "_aws" not in document
    ]


def test_alert_is_logged_by_the_receiver(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """The receiver logs each alert that it raises, by its ids, and then what became of the notification."""
    stack.post(FAILURE, headers={"x-correlation-id": "correlation-1"})

    counted = {"OperationsReceived": 1, "StatusesWritten": 1, "AlertsRaised": 1, "AlertsPublished": 1}
    assert entries(capsys) == [
        {
            "level": "INFO",
            "message": "alert raised",
            "correlation_id": "correlation-1",
            "card_id": CARD,
            "operation_id": OPERATION,
            "status": "DATA_EXCEPTION",
            "alert_id": Cause(CARD, OPERATION, "DATA_EXCEPTION").alert_id,
            "superseded": False,
        },
        {
            "level": "INFO",
            "message": "notification stored",
            "correlation_id": "correlation-1",
            "outcome": counted,
        },
    ]


def test_alert_is_logged_by_the_relay(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """The relay logs each alert that it publishes, as the receiver does for its own."""
    at = now()
    old = Instant(at - 120_000_000)
    alert = Alert(update("DATA_EXCEPTION", "FAILED", card_id=TEST_CARD_NUMBER, received=old), superseded=True)
    stack.relay.relay.outbox.add([alert], old, stack.relay.Deadline(), leased=False)
    stack.run_relay()

    assert entries(capsys) == [
        {
            "level": "INFO",
            "message": "alert relayed",
            "card_id": MASKED,
            "operation_id": OPERATION,
            "status": "DATA_EXCEPTION",
            "alert_id": alert.alert_id,
            "superseded": True,
        }
    ]


def test_refusing_topic_is_logged_by_the_relay(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The relay logs the error code of a topic that refuses, and how many alerts wait because of it."""
    (scenario,) = [one for one in TABLE if one.name == "a relay while the topic is down"]
    step = scenario.prepare(stack, monkeypatch)
    capsys.readouterr()

    step()

    assert entries(capsys) == [
        {
            "level": "WARNING",
            "message": "alerts still pending",
            "detail": "publish_batch: InternalFailure",
            "claimed": 2,
        }
    ]


def test_overdue_card_is_logged_without_its_status(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log of an overdue card masks card numbers, and leaves out the status: it can be any text of D1's."""
    stack.post(operation(**NUMBERED, details={"status": "HELD", "dueDate": "2026-03-06"}))
    monday = replace(stack.overdue.alert_overdue_cards, now=lambda: instant("2026-03-09T06:00:00Z"))
    monkeypatch.setattr(stack.overdue, "alert_overdue_cards", monday)
    capsys.readouterr()

    stack.alert_overdue()

    raised, found = entries(capsys)
    assert raised == {
        "level": "INFO",
        "message": "alert raised",
        "kind": "OVERDUE",
        "card_id": MASKED,
        "operation_id": MASKED,
        "alert_id": OverdueDay(TEST_CARD_NUMBER, "2026-03-09").alert_id,
    }
    assert (found["message"], found["day"]) == ("overdue cards looked for", "2026-03-09")
    assert found["outcome"] == {"overdue": 1, "raised": 1, "published": 1}


def test_storm_is_logged_with_the_number_left_to_the_relay(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The receiver logs how many alerts of a storm it leaves to the relay."""
    monkeypatch.setattr(stack.receive.receive.call_relay, "_client", Functions())
    stack.post(*failures(63))

    logged = entries(capsys)
    assert [one["message"] for one in logged] == ["alert raised"] * 50 + ["relay called", "notification stored"]
    assert logged[-2] == {"level": "INFO", "message": "relay called", "alerts_left": 13}


def test_rejections_are_logged_by_reason_and_field(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """A rejected operation is logged by its reason and by the field at fault."""
    stack.post({"cardId": "a"}, operation(startTime="never"), "no object")

    rejected = [one for one in entries(capsys) if one["message"] == "operation rejected"]
    assert [(one["level"], one["outcome"], one.get("field")) for one in rejected] == [
        ("WARNING", "FIELD_MISSING", "operationId"),
        ("WARNING", "START_TIME_UNREADABLE", "startTime"),
        ("WARNING", "OPERATION_NOT_AN_OBJECT", None),
    ]


@pytest.mark.parametrize(("rejected", "logged"), [(9, 9), (10, 10), (11, 10), (300, 10)])
def test_ten_rejections_are_logged(
    stack: Stack, capsys: pytest.CaptureFixture[str], rejected: int, logged: int
) -> None:
    """The first ten rejected operations of a notification are logged: a thousand lines would cost and tell no more."""
    stack.post(*[{"cardId": "a"}] * rejected)

    assert sum(one["message"] == "operation rejected" for one in entries(capsys)) == logged


def test_failures_are_logged_by_call_and_code(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failure of ours is an error in the log, by the AWS call and its code; a topic's is a warning."""
    refused = client_error("AccessDeniedException")
    for break_one in (break_table, break_queue, break_topic):
        with monkeypatch.context() as broken:
            break_one(stack, broken, always(refused))
            stack.post({"cardId": "a"}, FAILURE | {"cardId": break_one.__name__})

    logged = [one for one in entries(capsys) if "detail" in one]
    assert [(one["level"], one["message"], one.get("failure"), one["detail"]) for one in logged] == [
        ("ERROR", "notification not stored", "DependencyFailed", "batch_get_item: AccessDeniedException"),
        ("ERROR", "notification not stored", "DependencyFailed", "send_message_batch: AccessDeniedException"),
        ("WARNING", "alerts left to the relay's schedule", None, "publish_batch: AccessDeniedException"),
    ]


def test_refusals_are_logged_by_why(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """A refused caller and a body that cannot be read are warnings that say why."""
    stack.deliver({"pathParameters": {"issuerId": "ANOTHER000"}, "body": body()})
    stack.deliver({"pathParameters": {"issuerId": ISSUER}, "body": "[]"})

    assert [(one["level"], one["message"], one["outcome"]) for one in entries(capsys)] == [
        ("WARNING", "caller refused", "another issuer"),
        ("WARNING", "notification unreadable", "NOT_AN_OBJECT"),
    ]


@pytest.mark.parametrize("name", ["a dry run of a replay", "a replay"])
def test_replay_is_logged_with_its_counts(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """A replay logs the counts that it returns, and whether it was a dry run."""
    (scenario,) = [one for one in TABLE if one.name == name]
    step = scenario.prepare(stack, monkeypatch)
    capsys.readouterr()

    report = step()

    (logged,) = [one for one in entries(capsys) if one["message"] == "rejected operations replayed"]
    assert logged["dry_run"] is (name == "a dry run of a replay")
    assert logged["outcome"] == report
    assert report["looked_at"] == 3


def test_failure_without_alert_is_logged_with_masked_ids(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """A failed operation that alerts nobody is logged by its ids, masked, and by its status only if we know that."""
    stack.post(
        operation(**NUMBERED, status="FAILED", details={"status": "CARD_PROD_ONGOING"}),
        operation(cardId="b", status="FAILED", details={"status": "LOST IN THE POST"}),
    )

    logged = [one for one in entries(capsys) if one["message"] == "failure without alert"]
    assert [(one["level"], one["card_id"], one["operation_id"], one.get("status")) for one in logged] == [
        ("WARNING", MASKED, MASKED, "CARD_PROD_ONGOING"),
        ("WARNING", "b", OPERATION, None),
    ]
