"""What is deployed, under AWS's own runtime: it starts, answers in time, and outlives whatever ends its process."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from local.engine import HOST
from tests.faults.scenarios import ON_ARRIVAL, ON_RELAY, Scenario, body, failure, operation
from tests.proof.doubles import BYTES_A_CALL
from tests.runtime.emulator import MOST_ANSWER_BYTES, Function
from tests.runtime.kills import RESENDS, Kill, losses_of_kill
from tests.runtime.site import TABLE, Site, event

SECONDS = 6
"""Of the functions here that come to the end of their time: enough for a start on a busy machine."""
NOTIFICATION = event(body(operation("a", "DATA_PREPARED")), "request-1")
SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in (*ON_ARRIVAL, *ON_RELAY)}
# Read, outbox, status and history, queue, topic, mark: one after the other. `make prove` takes every call of all.
SAMPLE = (
    ("malformed among good", 2, True),
    ("malformed among good", 3, True),
    ("malformed among good", 5, True),
    ("relay of one alert", 6, False),
)


@pytest.fixture(scope="module")
def receive(work: Site) -> Iterator[Function]:
    """Run receive_notification."""
    with work.function("receive_notification") as function:
        yield function


@pytest.fixture(scope="module")
def relay(work: Site) -> Iterator[Function]:
    """Run relay_alerts."""
    with work.function("relay_alerts") as function:
        yield function


@pytest.fixture
def table(work: Site) -> Iterator[None]:
    """Make the table, empty; leave no message behind."""
    with work.engine.table(TABLE):
        yield
    work.take_alerts()
    work.take_rejected()


def status_of(work: Site, card_id: str) -> str | None:
    """Read the status of a card as it is stored."""
    key = {"pk": {"S": f"CARD#{card_id}"}, "sk": {"S": "STATUS"}}
    item = work.engine.dynamodb.get_item(TableName=TABLE, Key=key).get("Item")
    return item["status"]["S"] if item else None


def test_it_starts_and_stores(work: Site, receive: Function, table: None) -> None:
    """The artefact starts in the runtime, and of a notification all is stored, alerted, or kept as rejected."""
    said = body(operation("a", "DATA_PREPARED"), failure("b"), {"cardId": "c"})
    answer = receive.invoke(event(said, "request-1")).document
    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert [status_of(work, card) for card in "abc"] == ["DATA_PREPARED", "DATA_EXCEPTION", None]
    assert [alert["cardId"] for alert in work.take_alerts()] == ["b"]
    assert [message["reason"] for message in work.take_rejected()] == ["FIELD_MISSING"]
    assert len(receive.starts) == 1
    assert "INIT RTDONE(status: success)" in receive.log.read_text()


def test_an_aws_that_hangs_is_answered_in_time(work: Site) -> None:
    """Where AWS takes calls and answers none, D1 is told so before the function's time is up."""
    with socket.create_server((HOST, 0)) as silent:
        address = f"http://{HOST}:{silent.getsockname()[1]}"
        with work.function(
            "receive_notification", AWS_ENDPOINT_URL=address, AWS_LAMBDA_FUNCTION_TIMEOUT=str(SECONDS)
        ) as function:
            answer = function.invoke(NOTIFICATION).document
            assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "30")
            assert "OutOfTime" in function.log.read_text()


def test_a_process_that_exceeds_its_time_is_ended_and_the_next_one_works(work: Site, table: None) -> None:
    """A process that stands still is ended by the runtime; D1's resends find a new one.

    Its start is part of the first one's time: on a busy machine that one may fail, and the next is taken.
    """
    with work.function("receive_notification", AWS_LAMBDA_FUNCTION_TIMEOUT=str(SECONDS)) as function:
        assert function.invoke(event(body(), "request-0")).document["statusCode"] == 204
        stopped = function.runtime_process
        os.kill(stopped, signal.SIGSTOP)
        assert function.invoke(NOTIFICATION).text == f"Task timed out after {SECONDS}.00 seconds"
        answers = [function.invoke(NOTIFICATION).text for _ in range(RESENDS)]
        assert json.loads(answers[-1])["statusCode"] == 204, answers
        assert function.runtime_process != stopped
        assert len(function.starts) >= 2
        assert status_of(work, "a") == "DATA_PREPARED"


@pytest.mark.parametrize(("name", "number", "takes_effect"), SAMPLE)
def test_a_process_that_is_killed_loses_nothing(
    work: Site, receive: Function, relay: Function, name: str, number: int, takes_effect: bool
) -> None:
    """SIGKILL at a call to AWS: after D1's resend or the relay's next run all is there, and no alert twice by id."""
    scenario = SCENARIOS[name]
    function = relay if scenario.struck == "relay_alerts" else receive
    assert losses_of_kill(work, function, Kill(scenario, number, takes_effect)) == []


def test_the_largest_body_is_taken(work: Site, receive: Function, table: None) -> None:
    """Six megabytes that cannot be stored are no reason to fail: they are cut and kept, and the good one is stored."""
    said = event(body(operation("a", "DATA_PREPARED"), operation("b", "DATA_PREPARED", note="x" * 6_000_000)), "r")
    assert receive.invoke(said).document["statusCode"] == 204
    assert status_of(work, "a") == "DATA_PREPARED"
    (kept,) = work.take_rejected()
    assert kept["operationLength"] > 6_000_000
    assert len(json.dumps(kept)) < BYTES_A_CALL


def full(number: int) -> dict[str, Any]:
    """Make an operation of which a status keeps as much as it can of any, in characters that JSON writes as six."""
    texts = dict.fromkeys(("endTime", "errorCode", "error", "inputFileName", "issuerRequestId"), "\x01" * 1000)
    details: dict[str, Any] = dict.fromkeys(("reason", "dueDate", "productionSite"), "\x01" * 1000)
    details |= {"status": "CARD_SHIPPED", "shipment": {"message": [0] * 3_900}, "more": [0] * 3_900}
    return operation(f"card-{number:03d}", "CARD_SHIPPED", **texts) | {"details": details}


def pages_of(ask: Function, **question: Any) -> Iterator[Any]:
    """Follow the tokens to the end; hold every answer against what Lambda returns."""
    token = None
    while True:
        answer = ask.invoke(question | ({"nextToken": token} if token else {}))
        assert len(answer.text.encode()) < MOST_ANSWER_BYTES
        yield answer.document
        token = answer.document["nextToken"]
        if token is None:
            return


def test_no_answer_is_larger_than_lambda_returns(work: Site, receive: Function, table: None) -> None:
    """Whatever cards and histories hold, pages end early enough, and together are all of it."""
    cards = [f"card-{number:03d}" for number in range(100)]
    for start in range(0, 100, 20):
        said = body(*map(full, range(start, start + 20)))
        assert receive.invoke(event(said, f"full-{start}")).document["statusCode"] == 204
    for start in range(0, 30, 10):
        said = body(*(operation("z", "DATA_PREPARED", note="\x01" * 55_000, n=start + one) for one in range(10)))
        assert receive.invoke(event(said, f"long-{start}")).document["statusCode"] == 204
    with work.function("get_card_status") as ask:
        pages = list(pages_of(ask, status="CARD_SHIPPED"))
        assert sorted(card["cardId"] for page in pages for card in page["cards"]) == cards
        assert len(pages) > 1
        history = [entry for page in pages_of(ask, cardId="z", history=True) for entry in page["history"]]
        assert [entry["operation"]["n"] for entry in history] == list(range(30))
        assert ask.invoke({"cardIds": cards}).document["errorType"] == "InvalidQuery"
        assert len(ask.invoke({"cardIds": cards[:40]}).document["cards"]) == 40
