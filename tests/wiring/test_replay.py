"""Rejected operations go through again, and nothing is taken off the queue before it is stored."""

import json
from dataclasses import replace
from typing import Any

import pytest

from card_tracking.errors import DependencyFailed, InvalidQuery
from card_tracking.wire.rejected_message import rejected_entries
from tests.samples import CARD, operation
from tests.wiring.faults import Faulty, always, client_error, without_pauses
from tests.wiring.stack import QUEUE_URL, Context, Stack, client

ARRIVED = "2026-03-02T09:20:00.123Z"


def put(operations: list[Any], reason: str = "MENDED", **fields: Any) -> None:
    """Put a message into the queue as if these operations had been rejected, and be good by now."""
    document = {
        "reason": reason,
        "operations": operations,
        "requestId": "request-1",
        "correlationId": "correlation-1",
        "receivedAt": ARRIVED,
    }
    client("sqs").send_message(QueueUrl=QUEUE_URL, MessageBody=json.dumps(document | fields))


@pytest.fixture(autouse=True)
def pauses(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses of the replay instead of making them."""
    made: list[float] = []
    monkeypatch.setattr(stack.replay, "replay", replace(stack.replay.replay, pause=made.append))
    return made


def test_dry_run(stack: Stack) -> None:
    """Without a word it only counts: the queue stays as it is, and visible."""
    put([operation()])
    put([{"cardId": CARD}])
    for _ in range(2):
        report = stack.order_replay()
        assert (report["looked_at"], report["selected"], report["replayed"]) == (2, 2, 0)
        assert report["still_rejected"] == 1
        assert report["finished"]
    assert stack.items() == []
    assert len(stack.rejected()) == 2


def test_replay(stack: Stack, pauses: list[float]) -> None:
    """What can be stored by now is stored as of when it first arrived, alerts, and leaves the queue."""
    put([operation(details={"status": "DATA_EXCEPTION"}), operation(cardId="other")])
    report = stack.order_replay(dryRun=False, operationsASecond=4)
    assert (report["replayed"], report["operations_stored"], report["finished"]) == (1, 2, True)
    card = stack.card(CARD)
    assert card is not None
    assert (card["status"], card["receivedAt"]) == ("DATA_EXCEPTION", ARRIVED)
    [entry] = stack.query(cardId="other", history=True)["history"]
    assert (entry["receivedAt"], entry["correlationId"]) == (ARRIVED, "correlation-1")
    assert len(stack.alerts()) == 1
    assert stack.rejected() == []
    assert pauses == [0.5]


def test_what_is_still_rejected_stays(stack: Stack) -> None:
    """What would be rejected again stays in the queue; of a shared message only that."""
    put([{"cardId": "bad"}], reason="FIELD_MISSING")
    put([operation(), {"cardId": "worse"}])
    report = stack.order_replay(dryRun=False)
    assert report["replayed"] == 1
    left = stack.rejected()
    cards = [one["operation"]["cardId"] for message in left for one in rejected_entries(message)]
    assert sorted(cards) == ["bad", "worse"]
    assert stack.card(CARD) is not None


def test_selection(stack: Stack) -> None:
    """Only what the order names goes through; the rest stays."""
    put([operation()], reason="A")
    put([operation(cardId="other")], reason="B")
    assert stack.order_replay(dryRun=False, reasons=["A"])["replayed"] == 1
    assert [message["reason"] for message in stack.rejected()] == ["B"]


def test_messages_that_cannot_be_replayed(stack: Stack) -> None:
    """A cut message, a body that is still unreadable and a foreign message are counted and stay."""
    stack.post(operation(note="x" * 400_000))
    stack.post(text="no JSON")
    client("sqs").send_message(QueueUrl=QUEUE_URL, MessageBody='"nothing of ours"')
    report = stack.order_replay(dryRun=False)
    assert (report["looked_at"], report["selected"]) == (3, 2)
    assert (report["cut"], report["still_rejected"], report["unreadable"], report["replayed"]) == (1, 1, 1, 0)
    assert len(stack.rejected()) == 3


def test_an_odd_message_does_not_end_the_replay(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """Messages that are not ours are counted, logged without their contents and left; all others go through."""
    odd = [
        {"reason": "X", "receivedAt": ARRIVED, "rejected": None},
        {"reason": "X", "receivedAt": ARRIVED, "operations": [operation(cardId="odd")], "correlationId": "c" * 200_000},
        {"reason": "X", "receivedAt": "9999-12-31T23:59:59-05:00", "operation": operation(cardId="odd")},
        {"reason": "X", "receivedAt": ARRIVED, "body": 5},
        ["Kundin Müller"],
    ]
    for document in odd:
        client("sqs").send_message(QueueUrl=QUEUE_URL, MessageBody=json.dumps(document))
    put([operation()])
    report = stack.order_replay(dryRun=False)
    assert (report["looked_at"], report["unreadable"], report["replayed"], report["finished"]) == (6, 5, 1, True)
    logged = capsys.readouterr().out
    assert '"messages that are not ours left in the queue"' in logged
    assert "Müller" not in logged
    assert stack.card(CARD) is not None
    assert stack.card("odd") is None
    again = stack.order_replay(dryRun=False)
    assert (again["looked_at"], again["unreadable"], again["replayed"]) == (5, 5, 0)
    assert len(stack.rejected()) == 5


def test_a_clean_queue_logs_no_odd_message(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """A replay of our own messages alone warns of nothing."""
    put([operation()])
    assert stack.order_replay(dryRun=False)["unreadable"] == 0
    assert "not ours" not in capsys.readouterr().out


def test_table_fails(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the table fails the message stays, and the next replay completes it."""
    put([operation()])
    without_pauses(monkeypatch)
    with monkeypatch.context() as broken:
        table = stack.replay.replay.receive.store._table
        broken.setattr(table, "client", Faulty(client("dynamodb"), always(client_error("AccessDeniedException"))))
        with pytest.raises(DependencyFailed):
            stack.order_replay(dryRun=False)
    sqs = client("sqs")
    counted = sqs.get_queue_attributes(QueueUrl=QUEUE_URL, AttributeNames=["All"])["Attributes"]
    assert int(counted["ApproximateNumberOfMessages"]) + int(counted["ApproximateNumberOfMessagesNotVisible"]) == 1


def test_no_time(stack: Stack) -> None:
    """Without time nothing is begun, and the report says that the queue was not looked at to its end."""
    put([operation()])
    stack.context = Context(milliseconds_left=4_000)
    assert not stack.order_replay(dryRun=False)["finished"]


def test_bad_order(stack: Stack) -> None:
    """An order that makes no sense does nothing and says why."""
    with pytest.raises(InvalidQuery, match="reason"):
        stack.order_replay(reason="A")
