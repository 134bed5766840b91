"""The edge of check_release by itself: which versions go into service."""

import json
import os
from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from access_tokens import check_token
from card_tracking.adapters import release
from card_tracking.adapters.clients import codedeploy_client, lambda_client, secrets_client
from card_tracking.adapters.key_set import KeySet
from card_tracking.deadline import Deadline
from check_release.synthetic import CARD_ID
from receive_notification import answers
from receive_notification.caller import Refused, verify
from receive_notification.provider_tokens import check_provider_token, read_keys
from tests.security.edges import CONTEXT, ENVIRONMENT, ISSUER, KEY, SUBJECT, Known, edge
from tests.security.identity_provider import PROVIDER

REFUSALS = (
    answers.UNREADABLE,
    answers.UNAUTHENTICATED,
    answers.TOKEN_REFUSED,
    answers.FORBIDDEN,
    answers.OTHER_ISSUER,
    answers.FAILED,
)


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


def test_where_no_token_is_asked_for_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version without a signing key is checked as D1 calls it there: by its certificate alone."""
    world = World(answers.TAKEN.response())
    monkeypatch.setattr(edge("check_release"), "signing_key_arn", "")

    assert check(world, monkeypatch) == {"passed": True, "finding": None}
    assert not [name for event in world.events for name in event["headers"] if name.lower() == "authorization"]


@pytest.mark.parametrize(
    ("world", "finding"),
    [
        *[(World(answer.response()), str(answer.status_code)) for answer in REFUSALS],
        (World({"statusCode": 200, "headers": {}, "body": "", "isBase64Encoded": False}), "200"),
        (World({"statusCode": 204, "headers": {}, "body": "surprise", "isBase64Encoded": False}), "204"),
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
