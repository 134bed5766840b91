"""The edge of issue_token by itself, and what takes its tokens: what they say when something is wrong."""

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
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
def issue(monkeypatch: pytest.MonkeyPatch) -> "Issue":
    """Give issue_token, whose secrets are known."""
    module = edge("issue_token")
    monkeypatch.setattr(module, "client_credentials", Known(json.dumps({"clientId": "d1", "clientSecret": "s?>cret"})))
    monkeypatch.setattr(module, "signing_key", Known(KEY))

    def ask(event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = module.handler(event, CONTEXT)
        assert answer["headers"]["Content-Type"] == "application/json"
        if answer["statusCode"] not in {401, 403}:
            # RFC 6749, 5.1 and 5.2: no cache between D1 and us may keep a token.
            assert (answer["headers"]["Cache-Control"], answer["headers"]["Pragma"]) == ("no-store", "no-cache")
        check_answer_to_d1(answer, TOKENS)
        return answer["statusCode"], json.loads(answer["body"])

    return ask


Issue = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, list[float]]:
    """Return the metrics that were printed, each with its values."""
    (line,) = [line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    document = json.loads(line)
    names = [one["Name"] for one in document["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    return {name: document[name] for name in names}


def test_a_token_that_is_issued_is_taken(
    issue: Issue, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """What one function signs the other takes; credentials may come in base64url without padding, as D1 writes them."""
    before = datetime.now(UTC).replace(microsecond=0)
    status, document = issue(token_request())

    assert status == 200
    assert check_token(Known(KEY), ISSUER, Deadline(), document.pop("access_token"))
    expires = document.pop("expires_at")
    assert document == {"token_type": "Bearer", "expires_in": "900"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", expires)
    assert timedelta(seconds=899) <= datetime.fromisoformat(expires) - before <= timedelta(seconds=930)
    assert counted(capsys) == {"TokensIssued": [1]}
    assert caplog.messages == ["token issued"]


def test_a_token_names_the_client(issue: Issue) -> None:
    """Whose token it is stands in it, so that a later check can tell two clients apart."""
    token = issue(token_request())[1]["access_token"]

    assert jwt.decode(token, options={"verify_signature": False})["sub"] == "d1"


def test_a_scope_is_confirmed(issue: Issue) -> None:
    """D1 is told the scope that it asked for."""
    assert issue(token_request("grant_type=client_credentials&scope=a+b"))[1]["scope"] == "a b"


@pytest.mark.parametrize(
    ("event", "status", "error"),
    [
        (token_request(""), 400, "invalid_request"),
        (token_request("grant_type=password"), 400, "unsupported_grant_type"),
        (token_request("grant_type=client_credentials&grant_type=password"), 400, "unsupported_grant_type"),
        (token_request(headers={}), 400, "invalid_client"),
        (token_request(headers={"Authorization": "Basic ???"}), 400, "invalid_client"),
        (token_request(headers={"Authorization": "Bearer ZDE6cz8+Y3JldA=="}), 400, "invalid_client"),
        (token_request("&".join(["grant_type=client_credentials", *["a=1"] * 20])), 400, "invalid_request"),
    ],
)
def test_a_request_that_is_wrong(
    issue: Issue,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    event: dict[str, Any],
    status: int,
    error: str,
) -> None:
    """Every mistake of the caller is 400 with OAuth's code for it, as the contract has it; it is counted and logged."""
    assert issue(event) == (status, {"error": error})
    assert counted(capsys) == {"TokensRefused": [1]}
    assert [(one.message, vars(one)["outcome"]) for one in caplog.records] == [("token refused", error)]


def test_twenty_fields_are_read(issue: Issue) -> None:
    """A form of twenty fields is still read."""
    assert issue(token_request("&".join(["grant_type=client_credentials", *["a=1"] * 19])))[0] == 200


def test_new_credentials_are_looked_for(issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that are not known may have been made a moment ago: the secret is read again before a refusal."""

    class Renewed(Known):
        def versions(self, deadline: Deadline, *, unknown: bool = False) -> list[str]:
            """Give the new version only to those who insist."""
            return [json.dumps({"clientId": "d1", "clientSecret": "s?>cret" if unknown else "old"})]

    monkeypatch.setattr(edge("issue_token"), "client_credentials", Renewed())

    assert issue(token_request())[0] == 200


def test_a_caller_without_certificate(issue: Issue, capsys: pytest.CaptureFixture[str]) -> None:
    """Credentials are not even looked at."""
    assert issue(token_request(requestContext={}))[0] == 401
    assert counted(capsys) == {"CallersRefused": [1]}


def test_secrets_that_cannot_be_read(
    issue: Issue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is no fault of D1: 503, so that it tries again."""
    monkeypatch.setattr(edge("issue_token"), "signing_key", Known())

    assert issue(token_request()) == (503, {"error": "temporarily_unavailable"})
    assert counted(capsys)["TokensRefused"] == [1]


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
