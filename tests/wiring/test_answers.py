"""The answers to D1, through the real handler."""

import base64
import json
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from card_tracking.wire.rejected_message import rejected_entries
from receive_notification import answers
from tests.samples import CARD, TEST_CARD_NUMBER, body, operation
from tests.wiring.stack import ISSUER, Context, Stack

FAILURE = operation(status="FAILED", details={"status": "DATA_EXCEPTION"})


def test_taken(stack: Stack) -> None:
    """A notification that is stored is answered 204 with an empty body."""
    assert stack.post(operation()) == answers.TAKEN.response()


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"operations": 5}', "\x00", "\ufeff"])
def test_unreadable(stack: Stack, text: str) -> None:
    """A body that cannot be read is answered 400, and the copy says which request brought it."""
    assert stack.post(text=text, headers={"X-Correlation-ID": "corr-1"}) == answers.UNREADABLE.response()
    [kept] = stack.rejected()
    assert kept["body"].replace(" ", "") == text.replace(" ", "")
    assert kept["correlationId"] == "corr-1"
    assert kept["requestId"]
    assert stack.items() == []


@pytest.mark.parametrize(
    "parameters", [{"issuerId": "BANK999999"}, {"issuerId": ""}, {"issuerId": ISSUER.lower()}, {}, None]
)
def test_another_issuer(stack: Stack, parameters: dict[str, str] | None) -> None:
    """A notification for another issuer is answered 404, whatever its body, and nothing of it is kept."""
    for text in (body(FAILURE), "no JSON"):
        answer = stack.deliver({"pathParameters": parameters, "headers": None, "body": text})
        assert answer == answers.OTHER_ISSUER.response()
    assert stack.items() == []
    assert stack.rejected() == []
    assert stack.alerts() == []


def test_rejected_operation(stack: Stack) -> None:
    """A rejected operation is kept with its reason, the field at fault and the request that brought it."""
    bad = operation(startTime="soon", error=f"pan {TEST_CARD_NUMBER}", consumerId="u-1")
    event = {
        "pathParameters": {"issuerId": ISSUER},
        "headers": {"x-correlation-id": "corr-1"},
        "requestContext": {"requestId": "request-1"},
        "body": body(operation(), bad),
    }
    assert stack.deliver(event)["statusCode"] == 204
    [kept] = stack.rejected()
    del bad["consumerId"]
    assert kept["operation"] == bad | {"error": "pan ************1111"}
    assert (kept["reason"], kept["field"]) == ("START_TIME_UNREADABLE", "startTime")
    assert (kept["requestId"], kept["correlationId"]) == ("request-1", "corr-1")
    assert stack.card(CARD) is not None


def test_flag_that_lies(stack: Stack) -> None:
    """A body that is not the base64 that the event says it is, is read as it is."""
    event = {"pathParameters": {"issuerId": ISSUER}, "headers": {}, "body": body(operation()), "isBase64Encoded": True}
    assert stack.deliver(event)["statusCode"] == 204
    assert stack.card(CARD) is not None


def test_twenty_thousand_operations(stack: Stack) -> None:
    """An absurd number of malformed operations costs nobody else: the good one is stored, the others are kept."""
    assert stack.post(*[None] * 20_000, operation())["statusCode"] == 204
    assert stack.card(CARD) is not None
    kept = stack.rejected()
    assert sum(len(list(rejected_entries(message))) for message in kept) == 20_000


@pytest.mark.parametrize("odd", [None, {}, "東京"])
def test_a_mass_of_malformed_operations_can_be_replayed(stack: Stack, odd: Any) -> None:
    """A mass is answered 204, lies in the queue in hardly more bytes than it came in, and a replay reads all of it."""
    count = 50_000
    assert stack.post(*[odd] * count, operation())["statusCode"] == 204
    assert stack.card(CARD) is not None
    report = stack.order_replay(dryRun=False)
    kept = stack.rejected()
    assert (report["looked_at"], report["still_rejected"], report["finished"]) == (len(kept), len(kept), True)
    assert len(kept) < 110
    assert [one["operation"] for message in kept for one in rejected_entries(message)] == [odd] * count


def test_reading_a_mass_ends_with_the_time(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the time is up while a body is read, nothing of it is kept, and D1 is asked to send it again."""
    # Later looks would find time again: it is the reading that has to look.
    left = chain([28_000, 28_000, 1_000], repeat(28_000))
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: next(left))
    assert stack.post(*[{}] * 10_000) == answers.FAILED.response()
    assert stack.rejected() == []


def test_one_operation_of_5_mb(stack: Stack) -> None:
    """What neither a table nor a queue can hold is kept as its beginning, with a digest of the whole."""
    assert stack.post(operation(note="x" * 5_000_000), operation(cardId="other"))["statusCode"] == 204
    [kept] = stack.rejected()
    assert kept["reason"] == "TOO_LARGE"
    assert kept["operationLength"] > 5_000_000
    assert stack.card("other") is not None


def test_large_operation_is_stored(stack: Stack) -> None:
    """What the table can just hold is stored whole in the history."""
    assert stack.post(*[operation(cardId=f"c{number}", note="x" * 340_000) for number in range(5)])["statusCode"] == 204
    history = stack.query(cardId="c0", history=True)["history"]
    assert len(history[0]["operation"]["note"]) == 340_000


def test_longest_identifiers(stack: Stack) -> None:
    """Identifiers of the greatest length that is taken, four bytes a character, can be stored and asked for."""
    long = "\U0001f600" * 250
    sent = operation(
        cardId=long, operationId=long, details={"status": long, "inputFileName": long * 2, "issuerRequestId": long}
    )
    assert stack.post(sent)["statusCode"] == 204
    card = stack.card(long)
    assert card is not None
    assert card["status"] == long
    [found] = stack.query(status=long)["cards"]
    assert found == card


ODD_TEXT = st.text(max_size=30)
ODD_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD_TEXT, inner, max_size=3),
    max_leaves=10,
)
ODD_OPERATIONS = st.lists(
    ODD_JSON
    | st.dictionaries(st.sampled_from([*operation(), "endTime", "error"]), ODD_JSON).map(lambda odd: operation() | odd),
    max_size=4,
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.binary() | ODD_OPERATIONS.map(lambda operations: json.dumps({"operations": operations}).encode()), st.booleans()
)
def test_any_body(stack: Stack, content: bytes, encoded: bool) -> None:
    """No body makes us answer with a failure of ours: it is taken, or it is unreadable."""
    event: dict[str, Any] = {"pathParameters": {"issuerId": ISSUER}, "headers": {}, "isBase64Encoded": encoded}
    event["body"] = base64.b64encode(content).decode() if encoded else content.decode("utf-8", "surrogateescape")
    assert stack.deliver(event) in (answers.TAKEN.response(), answers.UNREADABLE.response())


@pytest.mark.parametrize("context", [Context(), Context(milliseconds_left=2_000)])
def test_empty_list_needs_nothing(stack: Stack, context: Context) -> None:
    """A notification of nothing is taken without a call to anybody."""
    stack.context = context
    assert stack.post() == answers.TAKEN.response()
    assert stack.items() == []


@pytest.mark.parametrize(
    ("certificate", "answer"),
    [
        (None, answers.UNAUTHENTICATED),
        ({"subjectDN": "CN=somebody.example"}, answers.FORBIDDEN),
        ({"subjectDN": "CN=d1.example", "validity": {"notAfter": "Aug  5 00:28:21 2120 GMT"}}, answers.TAKEN),
    ],
)
def test_mutual_tls(
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    certificate: dict[str, Any] | None,
    answer: answers.Answer,
) -> None:
    """With mutual TLS nobody but D1 is heard; of anybody else nothing is stored, not even as rejected."""
    monkeypatch.setattr(
        stack.receive, "settings", replace(stack.receive.settings, client_certificate_subject="CN=d1.example")
    )
    event = {"pathParameters": {"issuerId": ISSUER}, "requestContext": {"identity": {"clientCert": certificate}}}
    for text in (body(FAILURE, None), "no JSON"):
        given = stack.deliver(event | {"body": text})
        if answer is not answers.TAKEN:
            assert given == answer.response()
    taken = answer is answers.TAKEN
    assert bool(stack.items()) == bool(stack.rejected()) == bool(stack.alerts()) == taken
    assert ("ClientCertificateDaysLeft" in capsys.readouterr().out) == taken
