"""The edge of issue_token by itself, and what takes its tokens: what they say when something is wrong."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from access_tokens import check_token
from card_tracking.deadline import Deadline
from receive_notification import answers, request
from receive_notification.caller import Refused, verify
from tests.contract.promises import TOKENS, check_answer_to_d1
from tests.security.edges import CONTEXT, ISSUER, KEY, SUBJECT, Known, edge


def token_request(form: str = "grant_type=client_credentials", **more: Any) -> dict[str, Any]:
    """Write D1's request for a token as the gateway passes it on."""
    basic = base64.urlsafe_b64encode(b"d1:s?>cret").decode().rstrip("=")
    return {
        "headers": {"authorization": f"Basic {basic}"},
        "requestContext": {"identity": {"clientCert": {"subjectDN": SUBJECT}}},
        "body": form,
        **more,
    }


@pytest.fixture
def issue(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]:
    """Give issue_token, whose secrets are known."""
    module = edge("issue_token")
    monkeypatch.setattr(module, "client_credentials", Known(json.dumps({"clientId": "d1", "clientSecret": "s?>cret"})))
    monkeypatch.setattr(module, "signing_key", Known(KEY))

    def ask(event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = module.handler(event, CONTEXT)
        assert answer["headers"]["Content-Type"] == "application/json"
        check_answer_to_d1(answer, TOKENS)
        return answer["statusCode"], json.loads(answer["body"])

    return ask


def test_a_token_that_is_issued_is_taken(issue: Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]) -> None:
    """What one function signs the other takes; credentials may come in base64url without padding, as D1 writes them."""
    status, document = issue(token_request())

    assert status == 200
    assert "scope" not in document
    assert check_token(Known(KEY), ISSUER, Deadline(), document["access_token"])


@pytest.mark.parametrize(
    ("event", "status", "error"),
    [
        (token_request(""), 400, "invalid_request"),
        (token_request("grant_type=password"), 400, "unsupported_grant_type"),
        (token_request("grant_type=client_credentials&grant_type=password"), 400, "unsupported_grant_type"),
        (token_request(headers={}), 400, "invalid_client"),
        (token_request(headers={"Authorization": "Basic ???"}), 400, "invalid_client"),
        (token_request(headers={"Authorization": "Bearer ZDE6cz8+Y3JldA=="}), 400, "invalid_client"),
        (token_request("&".join(["a=1"] * 30)), 400, "invalid_request"),
    ],
)
def test_a_request_that_is_wrong(
    issue: Callable[[dict[str, Any]], tuple[int, dict[str, Any]]], event: dict[str, Any], status: int, error: str
) -> None:
    """Every mistake of the caller is 400 with OAuth's code for it, as the contract has it."""
    assert issue(event) == (status, {"error": error})


def test_a_caller_without_certificate(issue: Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]) -> None:
    """Credentials are not even looked at."""
    assert issue(token_request(requestContext={}))[0] == 401


def test_secrets_that_cannot_be_read(
    issue: Callable[[dict[str, Any]], tuple[int, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no fault of D1: 503, so that it tries again."""
    monkeypatch.setattr(edge("issue_token"), "signing_key", Known())

    assert issue(token_request()) == (503, {"error": "temporarily_unavailable"})


# --- receive_notification ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer   abc ", "abc"),
        ("Basic abc", ""),
        ("abc", ""),
        ("", ""),
    ],
)
def test_the_token_is_found(header: str, token: str) -> None:
    """A bearer token is found whatever the case of its scheme; nothing else is taken for one."""
    assert request.bearer_token({"headers": {"AUTHORIZATION": header}}) == token


@pytest.mark.parametrize("valid", [True, False])
def test_a_valid_token_is_needed(valid: bool) -> None:
    """Where tokens are asked for, 401 without a valid one, before the path or the body is looked at."""
    event = {"pathParameters": {"issuerId": ISSUER}, "headers": {"authorization": "Bearer abc"}, "body": "{}"}

    if valid:
        assert verify(event, ISSUER, None, lambda token: token == "abc").body == "{}"
    else:
        with pytest.raises(Refused) as refusal:
            verify(event, ISSUER, None, lambda _: False)
        assert refusal.value.answer is answers.TOKEN_REFUSED


def test_response_tells_how_long_the_token_lives(
    issue: Callable[[dict[str, Any]], tuple[int, dict[str, Any]]],
) -> None:
    """The lifetime is a text of seconds, as D1 has it, and its end a time in UTC."""
    before = datetime.now(UTC)
    _, document = issue(token_request("grant_type=client_credentials&scope=cards"))

    assert (document["token_type"], document["expires_in"], document["scope"]) == ("Bearer", "900", "cards")
    assert document["expires_at"].endswith("Z")
    lifetime = datetime.fromisoformat(document["expires_at"]) - before
    assert timedelta(seconds=898) < lifetime < timedelta(seconds=910)
