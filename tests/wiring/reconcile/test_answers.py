"""The real handler asks D1 by mutual TLS, and what D1 answers goes the way of its notifications."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.d1.server import Told
from tests.reconcile.d1_on_demand import pem_of
from tests.samples import CARD, LATER_START, OPERATION, TEST_CARD_NUMBER, operation
from tests.security.certificates import Authority
from tests.wiring.reconcile.reconciliation import FAILED, SECRET, SHIPPED, Reconciliation
from tests.wiring.stack import client


def test_a_missed_notification_is_made_good(reconciliation: Reconciliation, capsys: pytest.CaptureFixture[str]) -> None:
    """The status is D1's, the delivery says how it came, and what had been missed is named and counted."""
    reconciliation.stack.post(operation())
    reconciliation.d1.cards[CARD] = [SHIPPED]
    capsys.readouterr()

    answer = reconciliation(cardIds=[CARD])

    *entries, metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    missed = {"cardId": CARD, "operationId": OPERATION, "status": "CARD_SHIPPED"}
    assert answer == {"answered": 1, "missed": [missed], "unknownToD1": [], "failures": [], "finished": True}
    card = reconciliation.stack.card(CARD)
    assert card is not None
    assert card["status"] == "CARD_SHIPPED"
    told, asked = reconciliation.stack.query(cardId=CARD, history=True)["history"]
    assert (told["byReconciliation"], asked["byReconciliation"]) == (False, True)
    assert asked["correlationId"] == reconciliation.d1.correlation_ids[0]
    (entry,) = [entry for entry in entries if entry["message"] == "notification had been missed"]
    assert (entry["card_id"], entry["operation_id"], entry["status"]) == (CARD, OPERATION, "CARD_SHIPPED")
    assert (metrics["NotificationsMissed"], metrics["CardsReconciled"]) == ([1], [1])
    assert metrics["Updates.CARD_SHIPPED"] == [1]
    # The alarm on D1's silence must go off although we hear from D1 when we ask.
    assert "OperationsReceived" not in metrics


def test_what_is_counted(reconciliation: Reconciliation, capsys: pytest.CaptureFixture[str]) -> None:
    """Each outcome of a card is counted and logged: answered with and without news, unknown, without an answer."""
    stack, d1 = reconciliation.stack, reconciliation.d1
    stack.post(*(operation(cardId=card_id) for card_id in ("same", "shipped", "failed")))
    ready = operation(cardId="shipped", details={"status": "CARD_PROD_READY"})
    d1.cards = {
        "same": [operation(cardId="same")],
        "shipped": [ready, {**SHIPPED, "cardId": "shipped"}],
        "failed": [{**FAILED, "cardId": "failed"}],
    }
    d1.faults = [None] * 5 + [Told(400)] * 3
    capsys.readouterr()

    reconciliation(cardIds=["same", "shipped", "failed", "unknown-1", "unknown-2", "bad-1", "bad-2", "bad-3"])

    *entries, document = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = [one["Name"] for one in document["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    assert {name: document[name] for name in names} == {
        "ReconcileRuns": [1],
        "CardsReconciled": [3],
        "NotificationsMissed": [3],
        "CardsUnknownToD1": [2],
        "ReconciliationsFailed": [3],
        "StatusesWritten": [2],
        # "same", and the first of two updates that are written as one status.
        "UpdatesWithoutChange": [2],
        "AlertsRaised": [1],
        "AlertsPublished": [1],
        "Updates.CARD_PROD_READY": [1],
        "Updates.CARD_SHIPPED": [1],
        "Updates.DATA_EXCEPTION": [1],
    }
    assert [(entry["level"], entry["message"], entry.get("card_id")) for entry in entries] == [
        ("WARNING", "notification had been missed", "shipped"),
        ("WARNING", "notification had been missed", "shipped"),
        ("WARNING", "notification had been missed", "failed"),
        ("WARNING", "card unknown to D1", "unknown-1"),
        ("WARNING", "card unknown to D1", "unknown-2"),
        ("ERROR", "card not reconciled", "bad-1"),
        ("ERROR", "card not reconciled", "bad-2"),
        ("ERROR", "card not reconciled", "bad-3"),
        ("INFO", "alert raised", "failed"),
        ("INFO", "cards reconciled", None),
    ]
    assert entries[-1]["outcome"]["finished"] is True
    assert entries[-1]["outcome"]["CardsUnknownToD1"] == 2


def test_nothing_was_missed(reconciliation: Reconciliation) -> None:
    """What D1 had told already changes nothing and is not named; that it was asked for is on record."""
    reconciliation.stack.post(operation())
    reconciliation.d1.cards[CARD] = [operation()]
    (before,) = reconciliation.stack.items("STATUS")

    answer = reconciliation(cardIds=[CARD])

    assert (answer["answered"], answer["missed"]) == (1, [])
    assert reconciliation.stack.items("STATUS") == [before]
    assert len(reconciliation.stack.items("DELIVERY#")) == 2


def test_which_of_several_were_missed(reconciliation: Reconciliation) -> None:
    """Of an answer with several updates only those are named that changed something; what is stale is not."""
    reconciliation.stack.post(operation(details={"status": "CARD_PROD_READY"}))
    ready, done = ({"status": status} for status in ("CARD_PROD_READY", "CARD_PROD_DONE"))
    reconciliation.d1.cards[CARD] = [operation(details=ready), operation(details=done), SHIPPED]

    assert [one["status"] for one in reconciliation(cardIds=[CARD])["missed"]] == ["CARD_PROD_DONE", "CARD_SHIPPED"]


def test_a_card_that_nobody_had_told_of(reconciliation: Reconciliation) -> None:
    """All that D1 says of it was missed, of a later operation too."""
    later = operation(operationId="renewal", startTime=LATER_START)
    reconciliation.d1.cards["new"] = [operation(cardId="new"), {**later, "cardId": "new"}]

    answer = reconciliation(cardIds=["new"])

    assert [one["operationId"] for one in answer["missed"]] == [OPERATION, "renewal"]
    assert reconciliation.stack.card("new") is not None


def test_a_missed_failure_alerts_once(reconciliation: Reconciliation) -> None:
    """However often it is asked for, and sent after all by D1 itself."""
    reconciliation.d1.cards[CARD] = [FAILED]

    reconciliation(cardIds=[CARD])
    reconciliation(cardIds=[CARD])
    reconciliation.stack.post(FAILED)

    (alert,) = reconciliation.stack.alerts()
    assert alert["status"] == "DATA_EXCEPTION"


def test_a_missed_failure_that_alerts_nobody_is_counted_once(
    reconciliation: Reconciliation, capsys: pytest.CaptureFixture[str]
) -> None:
    """However often it is asked for, a failure without a status of the card is news once."""
    reconciliation.d1.cards[CARD] = [operation(status="FAILED", details={})]
    capsys.readouterr()

    reconciliation(cardIds=[CARD])
    assert '"FailuresWithoutAlert":[1.0]' in capsys.readouterr().out
    reconciliation(cardIds=[CARD])
    assert "FailuresWithoutAlert" not in capsys.readouterr().out


def test_a_malformed_operation_is_rejected(reconciliation: Reconciliation) -> None:
    """It goes to the queue with its origin, and the good one beside it is stored."""
    reconciliation.d1.cards[CARD] = [SHIPPED, operation(startTime="never")]

    answer = reconciliation(cardIds=[CARD])

    assert (answer["answered"], answer["failures"]) == (1, [])
    assert reconciliation.stack.card(CARD) is not None
    (rejected,) = reconciliation.stack.rejected()
    assert rejected["byReconciliation"] is True
    assert rejected["correlationId"] == reconciliation.d1.correlation_ids[0]


def test_how_it_came_outlives_a_rejection(reconciliation: Reconciliation) -> None:
    """What was rejected and goes through later still says that it was asked for."""
    reconciliation.d1.cards[CARD] = [operation(startTime="never")]
    reconciliation(cardIds=[CARD])
    (rejected,) = reconciliation.stack.rejected()
    mended = rejected | {"operation": operation()}
    queue = client("sqs").get_queue_url(QueueName="rejected")["QueueUrl"]
    client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(mended))

    reconciliation.stack.order_replay(dryRun=False, operationsASecond=10_000)

    (entry,) = reconciliation.stack.query(cardId=CARD, history=True)["history"]
    assert entry["byReconciliation"] is True


def test_d1_does_not_know_the_card(reconciliation: Reconciliation) -> None:
    """That is said, and is no failure."""
    answer = reconciliation(cardIds=[CARD])

    assert (answer["unknownToD1"], answer["failures"], answer["finished"]) == ([CARD], [], True)


OTHER: Final = [
    Told(200, json.dumps({"operations": [operation(cardId="other")]})),
    Told(200, json.dumps({"operations": [SHIPPED, operation(cardId="other")]})),
    Told(200, json.dumps({"operations": [operation(cardId="other", startTime="never")]})),
    Told(200, json.dumps({"operations": [operation(issuerId="BANK000002")]})),
    Told(200, json.dumps({"issuerId": "BANK000002", "operations": [operation()]})),
    Told(200, json.dumps({"issuerId": None, "operations": [operation()]})),
]


@pytest.mark.parametrize("told", OTHER)
def test_an_answer_about_another_card_or_issuer_is_refused(reconciliation: Reconciliation, told: Told) -> None:
    """The whole of it: nothing is stored, alerted or put into the queue."""
    reconciliation.d1.faults = [told]

    answer = reconciliation(cardIds=[CARD])

    assert [failure["cardId"] for failure in answer["failures"]] == [CARD]
    assert [item["sk"]["S"] for item in reconciliation.stack.items()] == ["QUESTION"]
    assert reconciliation.stack.rejected() == []


def test_an_answer_for_our_issuer_is_taken(reconciliation: Reconciliation) -> None:
    """Where it names the issuer, and rightly."""
    reconciliation.d1.faults = [Told(200, json.dumps({"issuerId": "BANK000001", "operations": [operation()]}))]

    assert reconciliation(cardIds=[CARD])["answered"] == 1


CITY: Final = "Castrop-Rauxel"


def test_nothing_of_it_is_in_the_log(
    reconciliation: Reconciliation, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Neither key nor token, nor assertion, nor anything of an answer, whatever comes of it."""
    planted = operation(
        status="FAILED",
        error=f"{TEST_CARD_NUMBER} {CITY}",
        consumerId=CITY,
        details={"status": f"{CITY} {TEST_CARD_NUMBER}", "reason": CITY},
    )
    d1 = reconciliation.d1
    d1.cards = {CARD: [planted], "failed": [{**planted, "cardId": "failed", "details": {"status": "DATA_EXCEPTION"}}]}
    d1.faults = [
        Told(200, CITY),
        Told(200, json.dumps({"operations": [{**planted, "cardId": CITY}]})),
        Told(400, CITY, {"x": CITY}),
        Told(500, CITY),
        Told(302, CITY, {"Location": f"https://{CITY}"}),
    ]
    order = ["a", "b", "c", "d", CARD, "failed"]

    answers = [reconciliation(cardIds=order), reconciliation(cardIds=order)]
    stranger = Authority(tmp_path, "own").client("bank", "CN=BANK000001")
    broken = replace(reconciliation.bank, certificate=stranger).secret()
    client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=broken)
    reconciliation.app.reconcile.api._access._secret._read_at = float("-inf")
    answers.append(reconciliation(cardIds=order))

    said = capsys.readouterr().out + json.dumps(answers)
    assert "notification had been missed" in said
    assert "card not reconciled" in said
    key = pem_of(reconciliation.bank.signing_key).splitlines()[1]
    for canary in (CITY, TEST_CARD_NUMBER, key, "PRIVATE KEY", "Bearer", "eyJ", *(f"token-{n}" for n in range(1, 5))):
        assert canary not in said
