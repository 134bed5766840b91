"""The edges of issue_token and check_release by themselves: what they say when something is wrong."""

import base64
import json
import os
from collections.abc import Callable, Sequence
from functools import cache, partial
from types import ModuleType, SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

import pytest

import metric_names
from access_tokens import check_token
from card_tracking.adapters import release
from card_tracking.adapters.clients import codedeploy_client, lambda_client, secrets_client
from card_tracking.adapters.key_set import KeySet
from card_tracking.adapters.secret import Secret
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyFailed
from check_release.synthetic import CARD_ID, new_operation, request_event
from receive_notification import answers, request
from receive_notification.caller import Refused, verify
from receive_notification.composition import compose_token_check
from receive_notification.provider_tokens import check_provider_token, read_keys
from receive_notification.settings import Settings
from tests.contract.promises import TOKENS, check_answer_to_d1
from tests.edges import fresh_edge
from tests.security.identity_provider import PROVIDER
from tests.security.identity_provider import token as provider_token

ISSUER: Final = "BANK000001"
SUBJECT: Final = "CN=d1,O=Thales"
ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "POWERTOOLS_SERVICE_NAME": "card-tracking",
    "POWERTOOLS_METRICS_NAMESPACE": "CardTracking",
    "ISSUER_ID": ISSUER,
    "STATUS_TABLE_NAME": "Cards",
    "NEW_VERSION_ARN": "arn:version",
    "CLIENT_CERTIFICATE_SUBJECT": SUBJECT,
    "CLIENT_CREDENTIALS_ARN": "arn:credentials",
    "SIGNING_KEY_ARN": "arn:key",
    "TOKEN_ISSUER": "",
}
CONTEXT: Final = SimpleNamespace(
    function_name="f",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:f",
    aws_request_id="r",
    get_remaining_time_in_millis=lambda: 10_000,
)
KEY: Final = "k" * 64


class Known(Secret):
    """A secret that needs no look."""

    def __init__(self, *versions: str) -> None:
        self._known = versions

    def versions(self, deadline: Deadline, *, unknown: bool = False) -> Sequence[str]:
        """Answer what the test said; nothing means that it cannot be read."""
        if not self._known:
            raise DependencyFailed("GetSecretValue", "AccessDeniedException")
        return self._known


@cache
def edge(name: str) -> ModuleType:
    """Import a function's edge with its environment in place, once for these tests."""
    return fresh_edge(name, ENVIRONMENT)


# --- issue_token ---------------------------------------------------------------------------------


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


RECEIVING: Final = {
    "ISSUER_ID": ISSUER,
    "STATUS_TABLE_NAME": "Cards",
    "ALERT_TOPIC_ARN": "arn",
    "RELAY_ALERTS_FUNCTION_ARN": "arn",
    "REJECTED_QUEUE_URL": "url",
    "ALERT_STATUSES": "DATA_EXCEPTION",
    "RETENTION_DAYS": "400",
}
OF_PROVIDER: Final = {
    "SIGNING_KEY_ARN": "",
    "TOKEN_ISSUER": PROVIDER.issuer,
    "TOKEN_AUDIENCE": PROVIDER.audience,
    "TOKEN_KEY_SET_URL": PROVIDER.key_set_url,
    "TOKEN_CLIENT_ID": PROVIDER.client_id,
    "TOKEN_CLIENT_CLAIM": PROVIDER.client_claim,
}


def test_keys_are_reached_only_where_tokens_are_asked_for() -> None:
    """A stack without tokens has no secret to read and no provider to ask."""
    nothing = dict.fromkeys(OF_PROVIDER, "") | {"TOKEN_CLIENT_CLAIM": "client_id"}

    assert compose_token_check(Settings.from_environment(RECEIVING)) is None
    assert compose_token_check(Settings.from_environment(RECEIVING | nothing)) is None
    assert compose_token_check(Settings.from_environment(RECEIVING | {"SIGNING_KEY_ARN": "arn"})) is not None
    assert compose_token_check(Settings.from_environment(RECEIVING | OF_PROVIDER)) is not None


def test_half_a_provider_stops_at_the_start() -> None:
    """Settings that do not agree are seen with the deployment, not taken for "no token asked for"."""
    for name in OF_PROVIDER.keys() - {"SIGNING_KEY_ARN", "TOKEN_ISSUER"}:
        told = {key: value for key, value in OF_PROVIDER.items() if key != name}
        with pytest.raises(KeyError):
            Settings.from_environment(RECEIVING | told)
    with pytest.raises(ValueError, match="https"):
        compose_token_check(Settings.from_environment(RECEIVING | OF_PROVIDER | {"TOKEN_KEY_SET_URL": "http://x/"}))


Receive = Callable[[dict[str, Any]], tuple[dict[str, Any], list[str]]]


@pytest.fixture
def receive(monkeypatch: pytest.MonkeyPatch) -> Receive:
    """Give receive_notification that takes tokens of a provider that is down; answer what it says and counts."""
    module = fresh_edge("receive_notification", ENVIRONMENT | RECEIVING)
    keys = KeySet("https://127.0.0.1:1/keys", read_keys)
    counted: list[str] = []
    monkeypatch.setattr(module, "token_check", partial(check_provider_token, PROVIDER, keys))
    monkeypatch.setattr(module, "settings", Settings.from_environment(RECEIVING | OF_PROVIDER))
    count = module._count

    def counting(name: str) -> None:
        counted.append(name)
        count(name)

    monkeypatch.setattr(module, "_count", counting)

    def ask(event: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        counted.clear()
        return module.handler(event, CONTEXT), counted

    return ask


def test_a_provider_that_is_down_costs_no_notification(receive: Receive) -> None:
    """D1 with a token that cannot be checked is asked to send again: the failure is not D1's."""
    answer, counted = receive(request_event(new_operation(), ISSUER, "", provider_token()))

    assert answer == answers.FAILED.response()
    assert counted == [metric_names.NOTIFICATIONS_RECEIVED, metric_names.NOTIFICATIONS_FAILED]


def test_a_check_that_is_refused_wakes_nobody(receive: Receive) -> None:
    """A stranger who is refused is counted; the check of a release is not, and no sender can look like it."""
    check = request_event(new_operation(), ISSUER, "", "rubbish")
    stranger = check | {
        "requestContext": {"requestId": "d7b2"},
        "headers": {"x-correlation-id": "release-check-1", "x-amzn-requestid": "release-check-1"},
    }

    assert receive(check) == (answers.TOKEN_REFUSED.response(), [metric_names.NOTIFICATIONS_RECEIVED])
    assert receive(stranger)[1] == [metric_names.NOTIFICATIONS_RECEIVED, metric_names.CALLERS_REFUSED]


# --- check_release -------------------------------------------------------------------------------


class World:
    """The new version, the table and the deployment that waits, as the check meets them."""

    def __init__(self, answer: dict[str, Any], *, stores: bool = True) -> None:
        self.answer = answer
        self.stores = stores
        self.events: list[dict[str, Any]] = []
        self.reports: list[bool] = []

    def invoke_version(self, _: Any, version_arn: str, event: dict[str, Any]) -> dict[str, Any]:
        """Be the new version."""
        assert version_arn == ENVIRONMENT["NEW_VERSION_ARN"]
        self.events.append(event)
        return self.answer

    def get(self, card_id: str, _: Deadline) -> Any:
        """Be the reader."""
        if not self.stores:
            return None
        operation = json.loads(self.events[-1]["body"])["operations"][0]
        assert operation["cardId"] == card_id == CARD_ID
        return SimpleNamespace(shown=SimpleNamespace(operation_id=operation["operationId"]))

    def report_check(self, _: Any, deployment_id: str, execution_id: str, *, passed: bool) -> None:
        """Be the deployment."""
        assert (deployment_id, execution_id) == ("d-1", "e-1")
        self.reports.append(passed)


def check(world: World, monkeypatch: pytest.MonkeyPatch, **event: str) -> dict[str, Any]:
    """Run the check in a world."""
    module = edge("check_release")
    monkeypatch.setattr(module, "invoke_version", world.invoke_version)
    monkeypatch.setattr(module, "report_check", world.report_check)
    monkeypatch.setattr(module, "reader", world)
    monkeypatch.setattr(module, "Secret", lambda *_: Known(KEY))
    with patch.dict(os.environ, ENVIRONMENT):
        result: dict[str, Any] = module.handler(event, CONTEXT)
    return result


def test_a_good_version_goes_into_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is sent a notification twice, in D1's name and with a token, and the deployment goes on."""
    world = World(answers.TAKEN.response())

    result = check(world, monkeypatch, DeploymentId="d-1", LifecycleEventHookExecutionId="e-1")
    first, second = world.events

    assert result == {"passed": True, "finding": None}
    assert world.reports == [True]
    assert first == second
    assert verify(first, ISSUER, SUBJECT, lambda token: check_token(Known(KEY), ISSUER, Deadline(), token)).body
    assert "status" not in json.loads(first["body"])["operations"][0].get("details", {})


@pytest.mark.parametrize(
    ("world", "finding"),
    [
        (World({"statusCode": 503}), "503"),
        (World({"errorMessage": "Unable to import module"}), "None"),
        (World(answers.TAKEN.response(), stores=False), "not in the table"),
    ],
)
def test_a_bad_version_does_not(world: World, finding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that fails, does not start, or takes without storing is taken back before D1 meets it."""
    result = check(world, monkeypatch, DeploymentId="d-1", LifecycleEventHookExecutionId="e-1")

    assert result["passed"] is False
    assert finding in result["finding"]
    assert world.reports == [False]


def check_as_stranger(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the check where tokens are a provider's."""
    monkeypatch.setattr(edge("check_release"), "tokens_of_provider", True)
    return check(world, monkeypatch)


def test_where_tokens_are_a_providers_the_check_is_a_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes in D1's name with a token whose key the provider does not know, so that the key set is looked at."""
    world = World(answers.TOKEN_REFUSED.response())
    looked: list[bool] = []

    class Watched(KeySet[Any]):
        def keys(self, deadline: Deadline, *, unknown: bool = False) -> Sequence[Any]:
            looked.append(unknown)
            return ()

    assert check_as_stranger(world, monkeypatch) == {"passed": True, "finding": None}
    (event,) = world.events
    keys = Watched("https://x/", read_keys)
    with pytest.raises(Refused) as refused:
        verify(event, ISSUER, SUBJECT, partial(check_provider_token, PROVIDER, keys, Deadline()))
    assert refused.value.answer is answers.TOKEN_REFUSED
    assert looked == [False, True]


@pytest.mark.parametrize(
    "answer", [answers.TAKEN, answers.FAILED, answers.UNAUTHENTICATED, answers.FORBIDDEN, answers.OTHER_ISSUER]
)
def test_a_version_that_lets_strangers_in_does_not(answer: answers.Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes the stranger's notification, cannot reach the keys or refuses for another reason is taken back."""
    result = check_as_stranger(World(answer.response()), monkeypatch)

    assert result == {"passed": False, "finding": f"a stranger was answered {answer.status_code}"}


def test_a_check_that_cannot_be_made_is_not_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the check itself lets nothing into service, and its message is not told."""
    result = check(World(answers.TAKEN.response()), monkeypatch)
    monkeypatch.setattr(edge("check_release"), "_check", lambda _: 1 / 0)

    assert result["passed"] is True
    assert edge("check_release").handler({}, CONTEXT) == {
        "passed": False,
        "finding": "the check failed: ZeroDivisionError",
    }


def test_calls_of_a_release() -> None:
    """The version is invoked by its own ARN, and the deployment is told in CodeDeploy's words."""
    asked: list[dict[str, Any]] = []

    def invoke(**arguments: Any) -> dict[str, Any]:
        asked.append(arguments)
        return {"Payload": SimpleNamespace(read=lambda: b'"text"')}

    functions: Any = SimpleNamespace(invoke=invoke)
    deployments: Any = SimpleNamespace(put_lifecycle_event_hook_execution_status=lambda **told: asked.append(told))

    assert release.invoke_version(functions, "arn:version", {}) == {}
    release.report_check(deployments, "d-1", "e-1", passed=True)
    release.report_check(deployments, "d-1", "e-1", passed=False)

    assert asked[0] == {"FunctionName": "arn:version", "Payload": "{}"}
    assert [told["status"] for told in asked[1:]] == ["Succeeded", "Failed"]


def test_their_clients_can_be_made() -> None:
    """Each is for its service, and built as all clients here are: it tries nothing again by itself."""
    with patch.dict(os.environ, ENVIRONMENT):
        clients = [secrets_client(), codedeploy_client(), lambda_client()]

    assert [one.meta.service_model.service_name for one in clients] == ["secretsmanager", "codedeploy", "lambda"]
