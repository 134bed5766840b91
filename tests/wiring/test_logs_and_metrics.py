"""What is logged and counted: identifiers and outcomes, never what was sent."""

import json
from typing import Any

import pytest

import metric_names
from check_release.synthetic import new_operation, request_event
from tests.corpus import load_cases
from tests.samples import CARD, OPERATION, TEST_CARD_NUMBER, operation
from tests.wiring.faults import always, break_queue, break_table, break_topic, client_error
from tests.wiring.stack import ISSUER, Context, Stack

POWERTOOLS_KEYS = {
    "level",
    "location",
    "message",
    "timestamp",
    "service",
    "cold_start",
    "function_name",
    "function_memory_size",
    "function_arn",
    "function_request_id",
    "xray_trace_id",
}
OUR_KEYS = {
    "correlation_id",
    "outcome",
    "field",
    "card_id",
    "operation_id",
    "status",
    "alert_id",
    "superseded",
    "failure",
    "detail",
    "claimed",
    "dry_run",
    "kind",
    "day",
}
CANARIES = {
    "card number": TEST_CARD_NUMBER,
    "consumer": "u-550e8400",
    "name": "Müllerin",
    "city": "Castrop-Rauxel",
    "tracking number": "JD014600006281230704",
}
PLANTED = " ".join(CANARIES.values())


def documents(output: str) -> list[dict[str, Any]]:
    """Read every line of the output."""
    return [json.loads(line) for line in output.splitlines()]


def logs(output: str) -> list[dict[str, Any]]:
    """Read the lines that are log entries."""
    return [document for document in documents(output) if "_aws" not in document]


def counts(output: str) -> dict[str, float]:
    """Read the metrics, summed over the invocations."""
    total: dict[str, float] = {}
    for document in documents(output):
        for definition in document.get("_aws", {}).get("CloudWatchMetrics", []):
            for metric in definition["Metrics"]:
                total[metric["Name"]] = total.get(metric["Name"], 0) + sum(document[metric["Name"]])
    return total


def planted_everywhere() -> dict[str, Any]:
    """Make a failure in which every text holds every canary, but for the identifiers and the states."""
    shipment = dict.fromkeys(("carrier", "trackingNumber", "status", "message", "trackingUrl"), PLANTED)
    shipment["lastCheckpoint"] = {"city": PLANTED, "message": PLANTED}  # type: ignore[assignment]  # the sample holds texts alone
    details = dict.fromkeys(
        ("reason", "dueDate", "productionSite", "inputFileName", "issuerRequestId", "consumerId"), PLANTED
    )
    return operation(
        status="FAILED",
        error=PLANTED,
        errorCode=PLANTED,
        endTime=PLANTED,
        consumerId=PLANTED,
        newField={PLANTED: [PLANTED]},
        details=details | {"status": "DATA_EXCEPTION", "shipment": shipment, "new": PLANTED},
    )


def assert_clean(output: str) -> None:
    """Check that no canary and no key but those allowed is in the output."""
    for name, canary in CANARIES.items():
        assert canary not in output, name
        assert json.dumps(canary).strip('"') not in output, name
    for entry in logs(output):
        assert set(entry) <= POWERTOOLS_KEYS | OUR_KEYS


def test_nothing_that_was_sent(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """Stored, rejected or unreadable: nothing of a body is in logs or metrics."""
    planted = planted_everywhere()
    malformed = dict.fromkeys(("cardId", "operationId", "startTime", "status", "operation", PLANTED), PLANTED)
    stack.post(planted, malformed, planted | {"startTime": PLANTED}, PLANTED, [PLANTED])
    stack.post(text=PLANTED)
    stack.post(text=json.dumps({PLANTED: PLANTED}))
    stack.deliver({"pathParameters": {"issuerId": PLANTED}, "headers": {"x-correlation-id": PLANTED}, "body": PLANTED})
    output = capsys.readouterr().out
    assert_clean(output)
    assert {entry["message"] for entry in logs(output)} >= {
        "alert raised",
        "notification stored",
        "notification unreadable",
        "operation rejected",
    }


def test_nothing_that_was_sent_when_all_fails(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is it where table, topic and queue repeat what was sent in their errors."""
    error = client_error("ValidationException")
    error.response["Error"]["Message"] = PLANTED
    for break_one in (break_topic, break_queue, break_table):
        with monkeypatch.context() as broken:
            break_one(stack, broken, always(error))
            stack.post(planted_everywhere(), {"cardId": PLANTED})
    output = capsys.readouterr().out
    assert_clean(output)
    assert {entry["detail"] for entry in logs(output) if "detail" in entry} == {
        "publish_batch: ValidationException",
        "send_message_batch: ValidationException",
        "batch_get_item: ValidationException",
    }


def test_card_number_as_card_id(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """Identifiers are logged as they are, unless they are card numbers."""
    stack.post(operation(cardId=TEST_CARD_NUMBER, operationId=TEST_CARD_NUMBER, details={"status": "DATA_EXCEPTION"}))
    output = capsys.readouterr().out
    assert TEST_CARD_NUMBER not in output
    assert "************1111" in output


def test_alert_entry(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """An alert is logged with all that is needed to follow it to its subscribers."""
    stack.post(operation(details={"status": "DATA_EXCEPTION"}), headers={"x-correlation-id": "corr-1"})
    [entry] = [entry for entry in logs(capsys.readouterr().out) if entry["message"] == "alert raised"]
    assert entry["card_id"] == CARD
    assert entry["operation_id"] == OPERATION
    assert entry["status"] == "DATA_EXCEPTION"
    assert entry["alert_id"] == stack.alerts()[0]["alertId"]
    assert entry["correlation_id"] == "corr-1"


def test_correlation_does_not_stay(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """What one invocation logs of its request is not in the log of the next."""
    stack.post(operation(), headers={"x-correlation-id": "corr-1"})
    capsys.readouterr()
    stack.post(operation())
    assert "corr-1" not in capsys.readouterr().out


def test_counts(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """A notification is counted by what became of its operations."""
    failure = operation(cardId="other", details={"status": "DATA_EXCEPTION"})
    stack.post(operation(), operation(), failure, {"cardId": "x"}, operation(operation="SUSPEND"))
    assert counts(capsys.readouterr().out) == {
        "NotificationsReceived": 1,
        "OperationsReceived": 5,
        "StatusesWritten": 2,
        "UpdatesWithoutChange": 1,
        "OperationsRejected": 1,
        "AlertsRaised": 1,
        "AlertsPublished": 1,
        "Updates.DATA_PREPARED": 2,
        "Updates.DATA_EXCEPTION": 1,
    }


def test_release_check_counts_no_operation_of_d1(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """A release check is not D1 sending something: the alarm on D1's silence does not look at it."""
    event = request_event(new_operation(), ISSUER, "", None)
    stack.deliver(event)
    counted = counts(capsys.readouterr().out)
    assert counted == {"NotificationsReceived": 1, "StatusesWritten": 1}


def test_counts_of_failures(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Failures of ours, unreadable bodies and alerts that wait are counted each by itself."""
    stack.post(text="no JSON")
    with monkeypatch.context() as broken:
        break_topic(stack, broken, always(client_error("InternalFailure", 500)))
        stack.post(operation(details={"status": "DATA_EXCEPTION"}))
    stack.context = Context(milliseconds_left=0)
    stack.post(operation())
    counted = counts(capsys.readouterr().out)
    assert counted["NotificationsReceived"] == 3
    assert counted["NotificationsUnreadable"] == 1
    assert counted["AlertsLeftPending"] == 1
    assert counted["NotificationsFailed"] == 1


def test_every_metric_is_listed(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is counted under a name that is not in the list, from which alarms and documents are made."""
    for case in load_cases():
        stack.run(case)
    stack.run_relay()
    stack.deliver({"pathParameters": {"issuerId": "BANK999999"}, "body": ""})
    with pytest.raises(Exception, match="exactly one"):
        stack.query()
    assert set(counts(capsys.readouterr().out)) <= metric_names.ALL
    assert ISSUER


def test_metrics_are_by_outcome(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """No metric has a dimension of a card: that would cost a metric for each."""
    stack.post(operation(details={"status": "DATA_EXCEPTION"}))
    for document in documents(capsys.readouterr().out):
        for definition in document.get("_aws", {}).get("CloudWatchMetrics", []):
            assert definition["Namespace"] == "CardTracking"
            assert definition["Dimensions"] == [["service"]]


def test_a_notification_costs_little_to_log(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """An ordinary one writes under 1 KB: with Lambda's own lines and the gateway's, the 2 KB of docs/operations.md."""
    stack.post(operation(), headers={"x-correlation-id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"})
    assert len(capsys.readouterr().out.encode()) < 1_000
