"""A failure of ours is answered 503, tells nothing of what was sent, and a resend mends it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from card_tracking.deadline import Deadline
from receive_notification import answers
from tests.samples import CARD, operation
from tests.wiring.faults import (
    SECRET,
    Faulty,
    always,
    break_queue,
    break_table,
    break_topic,
    client_error,
    every_fault,
    never,
    once,
)
from tests.wiring.stack import Context, Stack

FAILURE = operation(status="FAILED", errorCode="E1", details={"status": "DATA_EXCEPTION", "reason": "Kundin Müller"})
MALFORMED = {"cardId": CARD, "note": "Kundin Müller"}
BODY = [FAILURE, MALFORMED]


def assert_failed(answer: dict[str, Any]) -> None:
    """Check that an answer is the one for a failure of ours."""
    assert answer == answers.FAILED.response()
    assert answer["statusCode"] == 503
    assert answer["headers"]["Retry-After"] == "30"


def assert_tells_nothing(text: str) -> None:
    """Check that a log tells nothing of a body, or of what AWS repeats of it."""
    assert text
    for word in ("Müller", "M\\u00fcller", SECRET, "Traceback", "reason\\"):
        assert word not in text


@pytest.mark.parametrize("error", every_fault(), ids=str)
def test_table_fails(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    """Whatever the table does wrong: 503, nothing of the body in the log, nothing published; then a resend is taken."""
    with monkeypatch.context() as broken:
        break_table(stack, broken, always(error))
        assert_failed(stack.post(*BODY))
    assert_tells_nothing(capsys.readouterr().out)
    assert stack.alerts() == []
    assert stack.post(*BODY)["statusCode"] == 204
    assert [alert["cardId"] for alert in stack.alerts()] == [CARD]


@pytest.mark.parametrize("error", every_fault(), ids=str)
def test_queue_fails(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    """A rejected operation that cannot be kept is a failure of ours: D1 must send it again."""
    with monkeypatch.context() as broken:
        break_queue(stack, broken, always(error))
        assert_failed(stack.post(*BODY))
        assert_failed(stack.post(text="no JSON: Kundin Müller"))
    assert_tells_nothing(capsys.readouterr().out)
    assert stack.rejected() == []
    assert stack.post(*BODY)["statusCode"] == 204
    assert len(stack.rejected()) == 1


def test_queue_refuses_some(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages that the queue answers as failed inside a success are sent again, until it has taken all."""
    faulty = break_queue(stack, monkeypatch, never)
    real = faulty._real
    refused: list[str] = []

    class Refusing:
        """A queue that refuses every first message of a call, three times."""

        def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803 - AWS's names
            """Take all but the first."""
            if len(refused) == 3:
                return real.send_message_batch(QueueUrl=QueueUrl, Entries=Entries)
            refused.append(Entries[0]["Id"])
            if Entries[1:]:
                real.send_message_batch(QueueUrl=QueueUrl, Entries=Entries[1:])
            return {"Failed": [{"Id": Entries[0]["Id"], "SenderFault": False, "Code": "InternalError"}]}

    monkeypatch.setattr(stack.receive.receive.rejected_queue, "_client", Refusing())
    assert stack.post(*[{"cardId": f"c{number}"} for number in range(4)])["statusCode"] == 204
    assert sorted(message["operation"]["cardId"] for message in stack.rejected()) == ["c0", "c1", "c2", "c3"]


STEPS = [
    ("batch_get_item", 0),
    ("batch_execute_statement", 0),
    ("batch_execute_statement", 1),
]
"""The calls to the table before the answer is decided: read, outbox, status and delivery."""


@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize(("name", "number"), STEPS)
def test_failing_at_each_step(
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    number: int,
    after: bool,
) -> None:
    """A call that fails for good at any step, before or after it took effect, loses no status and no alert."""
    with monkeypatch.context() as broken:
        break_table(stack, broken, once(name, number, client_error("AccessDeniedException")), after=after)
        assert_failed(stack.post(FAILURE))
    assert stack.post(FAILURE)["statusCode"] == 204
    card = stack.card(CARD)
    assert card is not None
    assert card["status"] == "DATA_EXCEPTION"
    assert len(stack.items("ALERT#")) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize(("name", "number"), [*STEPS, ("batch_execute_statement", 2)])
def test_busy_at_each_step(
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    number: int,
    after: bool,
) -> None:
    """A call that times out at any step, before or after it took effect, is tried again: the first answer is 204."""
    break_table(stack, monkeypatch, once(name, number, ReadTimeoutError(endpoint_url=SECRET)), after=after)
    assert stack.post(FAILURE)["statusCode"] == 204
    card = stack.card(CARD)
    assert card is not None
    assert card["status"] == "DATA_EXCEPTION"
    assert len(stack.items("DELIVERY#")) == 1
    assert len(stack.items("ALERT#")) == 1


def test_table_refuses_some(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements, puts and reads that the table leaves undone inside a success are done again."""
    faulty = break_table(stack, monkeypatch, never)
    done: dict[str, int] = {}

    class Throttling(Faulty):
        """A table that leaves the last entry of every first call undone."""

        def batch_execute_statement(self, Statements: list[Any]) -> Any:  # noqa: N803 - AWS's name
            """Throttle the last statement."""
            done["statements"] = done.get("statements", 0) + 1
            if done["statements"] > 1:
                return faulty._real.batch_execute_statement(Statements=Statements)
            answer = faulty._real.batch_execute_statement(Statements=Statements[:-1])
            return {"Responses": [*answer["Responses"], {"Error": {"Code": "ThrottlingError"}}]}

        def batch_write_item(self, RequestItems: dict[str, Any]) -> Any:  # noqa: N803 - AWS's name
            """Leave the last put undone."""
            done["puts"] = done.get("puts", 0) + 1
            if done["puts"] > 1:
                return faulty._real.batch_write_item(RequestItems=RequestItems)
            [(table, requests)] = RequestItems.items()
            faulty._real.batch_write_item(RequestItems={table: requests[:-1]})
            return {"UnprocessedItems": {table: requests[-1:]}}

        def batch_get_item(self, RequestItems: dict[str, Any]) -> Any:  # noqa: N803 - AWS's name
            """Leave the last key unread."""
            done["gets"] = done.get("gets", 0) + 1
            if done["gets"] > 1:
                return faulty._real.batch_get_item(RequestItems=RequestItems)
            [(table, request)] = RequestItems.items()
            keys = request["Keys"]
            answer = faulty._real.batch_get_item(RequestItems={table: request | {"Keys": keys[:-1]}})
            return answer | {"UnprocessedKeys": {table: request | {"Keys": keys[-1:]}}}

    throttling = Throttling(faulty._real, never)
    monkeypatch.setattr(stack.receive.receive.store._table, "client", throttling)
    cards = [f"card-{number}" for number in range(20)]
    stack.post(*[operation(cardId=card) for card in cards[:3]])
    done.clear()
    later = [operation(cardId=card, details={"status": "CARD_PROD_READY"}) for card in cards]
    assert stack.post(*later)["statusCode"] == 204
    assert {stack.card(card)["status"] for card in cards} == {"CARD_PROD_READY"}  # type: ignore[index]  # each is there
    assert len(stack.items("DELIVERY#")) == 23
    assert done == {"gets": 2, "puts": 2, "statements": 2}


@pytest.mark.parametrize("code", ["ValidationError", "AccessDenied", "ResourceNotFound"])
def test_statement_fails_inside_a_success(stack: Stack, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """A statement that fails for good inside a success is a failure of ours, told by its code."""
    table = break_table(stack, monkeypatch, never)

    class Refusing(Faulty):
        """A table that refuses every statement."""

        def batch_execute_statement(self, Statements: list[Any]) -> Any:  # noqa: N803 - AWS's name
            """Refuse all."""
            return {"Responses": [{"Error": {"Code": code, "Message": SECRET}} for _ in Statements]}

    monkeypatch.setattr(stack.receive.receive.store._table, "client", Refusing(table._real, never))
    assert_failed(stack.post(operation()))


def test_defect_of_ours(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A defect of ours is answered too, and told by kind and place, without its message."""

    def read_notification(body: str, received: int, deadline: Deadline) -> None:
        raise RuntimeError(body)

    monkeypatch.setattr(stack.receive, "read_notification", read_notification)
    assert_failed(stack.post(FAILURE))
    logged = capsys.readouterr().out
    assert_tells_nothing(logged)
    [entry] = [json.loads(line) for line in logged.splitlines() if '"level"' in line]
    assert entry["failure"] == "RuntimeError"
    assert "read_notification:" in entry["detail"]


@pytest.mark.parametrize("milliseconds", [0, 1_000, 1_999])
def test_time_nearly_up(stack: Stack, milliseconds: int) -> None:
    """With too little time left nothing is begun, and D1 is asked to send again."""
    stack.context = Context(milliseconds_left=milliseconds)
    assert_failed(stack.post(FAILURE))
    assert_failed(stack.post(text="no JSON"))
    assert stack.items() == []
    assert stack.rejected() == []


def test_time_up_in_the_middle(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where time runs out after the first call, D1 is asked to send again, and the resend completes it."""
    with monkeypatch.context() as broken:

        def run_out(name: str, before: int) -> None:
            stack.context.milliseconds_left = 100

        break_table(stack, broken, run_out)
        assert_failed(stack.post(*BODY))
    stack.context = Context()
    assert stack.post(*BODY)["statusCode"] == 204
    assert len(stack.alerts()) == len(stack.rejected()) == 1


def test_topic_down_is_no_failure(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A topic that is down is none of D1's business: everything is stored, so 204."""
    break_topic(stack, monkeypatch, always(client_error("InternalFailure", 500)))
    assert stack.post(*BODY)["statusCode"] == 204
    card = stack.card(CARD)
    assert card is not None
    assert card["status"] == "DATA_EXCEPTION"
    assert len(stack.rejected()) == 1
