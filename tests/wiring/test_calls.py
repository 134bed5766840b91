"""Least privilege, seen from the code: what the functions call in all that they do is what their roles allow.

A right that nothing uses fails here, and so does a call that no right allows. Which action AWS asks for behind a call
is the Service Authorization Reference's: a batch is authorized by the actions of its entries.
"""

import base64
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any, Final
from unittest.mock import patch

import pytest
from botocore.client import BaseClient

from access_tokens import check_token, sign_token
from card_tracking.adapters.alert_outbox import LEASE_SECONDS
from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.adapters.clients import secrets_client
from card_tracking.adapters.d1_api import D1Api
from card_tracking.adapters.secret import Secret
from card_tracking.deadline import Deadline
from card_tracking.domain.due_dates import WEEKDAYS, WorkingCalendar
from card_tracking.use_cases.receive import ALERTS_AT_ONCE
from local.template import load_template
from receive_notification.answers import TAKEN
from tests.edges import fresh_edge
from tests.samples import CARD, body, operation
from tests.template.rights import Right, rights, role_of, services_with_key
from tests.template.test_functions import FUNCTIONS
from tests.template.transformed import Json, transformed
from tests.template.transformed import Stack as Transformed
from tests.wiring.faults import always, break_topic, client_error
from tests.wiring.stack import ENVIRONMENT, ENVIRONMENT_OF_RECONCILING, ISSUER, TABLE, Context, Stack
from tests.wiring.test_alerts import pass_time
from tests.wiring.test_replay import put

OF_BATCH: Final = {
    "sns:PublishBatch": "sns:Publish",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "lambda:Invoke": "lambda:InvokeFunction",
}
RESOURCES: Final = {
    "codedeploy": "deploymentgroup",
    "dynamodb": "StatusTable",
    "sns": "AlertTopic",
    "sqs": "RejectedQueue",
}
FUNCTION_ARNS: Final = {
    ENVIRONMENT["RELAY_ALERTS_FUNCTION_ARN"]: "RelayAlertsFunction",
    "arn:new-version": "ReceiveNotificationFunction",
}
ANSWERS: Final[Mapping[str, Callable[[], Json]]] = {
    "codedeploy": dict,
    "lambda": lambda: {"Payload": io.BytesIO(json.dumps(TAKEN.response()).encode())},
    "secretsmanager": lambda: {"SecretString": '{"clientId": "d1", "clientSecret": "secret"}'},
}
"""Of services that are not here."""
FAILURE: Final = {"status": "FAILED", "details": {"status": "DATA_EXCEPTION"}}


@contextmanager
def noted() -> Iterator[set[Right]]:
    """Note every right that AWS would ask for until the block ends."""
    calls: set[Right] = set()
    call = BaseClient._make_api_call  # type: ignore[attr-defined]  # the stubs leave it out

    def note(self: BaseClient, operation_name: str, parameters: Json) -> Any:
        service = self.meta.service_model.service_name
        calls.update(asked_for(service, operation_name, parameters))
        return ANSWERS[service]() if service in ANSWERS else call(self, operation_name, parameters)

    with patch.object(BaseClient, "_make_api_call", note):
        yield calls


def asked_for(service: str, operation_name: str, parameters: Json) -> Iterator[Right]:
    """Name the rights behind a call."""
    resource = parameters.get("SecretId") or FUNCTION_ARNS.get(parameters.get("FunctionName", "")) or RESOURCES[service]
    if operation_name == "BatchExecuteStatement":
        for one in parameters["Statements"]:
            yield f"dynamodb:PartiQL{one['Statement'].split()[0].capitalize()}", resource
        return
    if "IndexName" in parameters:
        resource = f"{resource}/index/{parameters['IndexName']}"
    action = f"{service}:{operation_name}"
    yield OF_BATCH.get(action, action), resource


@pytest.fixture(scope="module")
def template() -> Transformed:
    """Give the template as it is deployed."""
    return transformed(load_template())


def edge(name: str) -> ModuleType:
    """Import the edge of a function that the stack of these tests does not have."""
    told = {"CLIENT_CREDENTIALS_ARN": "", "CLIENT_CERTIFICATE_SUBJECT": "", "SIGNING_KEY_ARN": "", "TOKEN_ISSUER": ""}
    return fresh_edge(name, told | ENVIRONMENT_OF_RECONCILING)


def storm() -> list[Json]:
    """Make more failures than are published before the answer."""
    return [operation(cardId=f"storm-{number}", **FAILURE) for number in range(ALERTS_AT_ONCE + 1)]


def receive(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> set[Right]:
    """Check a token, store little and much, alert, leave a storm to the relay, reject, keep what is no JSON."""
    with noted() as calls:
        assert stack.post(operation())["statusCode"] == 204
        assert stack.post(*[operation(cardId=f"card-{number}") for number in range(30)])["statusCode"] == 204
        assert stack.post(operation(**FAILURE))["statusCode"] == 204
        assert stack.post(*storm())["statusCode"] == 204
        assert stack.post(operation(cardId=None))["statusCode"] == 204
        assert stack.post(text="no json")["statusCode"] == 400
        monkeypatch.setattr(
            stack.receive, "token_check", partial(check_token, Secret(secrets_client, "SigningKey"), ISSUER)
        )
        token = sign_token(["a-strangers-key" * 4], ISSUER, "d1")
        assert stack.post(operation(), headers={"authorization": f"Bearer {token}"})["statusCode"] == 401
    return calls


def relay(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> set[Right]:
    """Find an alert that is due, claim, publish and mark it."""
    with monkeypatch.context() as broken:
        break_topic(stack, broken, always(client_error("InternalFailure", 500)))
        stack.post(operation(**FAILURE))
    pass_time(stack, monkeypatch, LEASE_SECONDS + 1)
    with noted() as calls:
        assert stack.run_relay() == {"claimed": 1, "published": 1}
    return calls


def ask(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> set[Right]:
    """Ask every question, and by the reader what other Lambdas may ask, who have the same rights."""
    with noted() as calls:
        stack.query(cardId=CARD)
        stack.query(cardId=CARD, history=True)
        stack.query(cardIds=[CARD])
        stack.query(status="DATA_PREPARED")
        stack.query(inputFileName="file")
        stack.query(issuerRequestId="request")
        stack.query(overdue=True)
    return calls


def alert_overdue_cards(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> set[Right]:
    """Find a card that is overdue, alert for it, and find that it has been alerted for."""
    use_case = replace(stack.overdue.alert_overdue_cards, calendar=WorkingCalendar(WEEKDAYS))
    monkeypatch.setattr(stack.overdue, "alert_overdue_cards", use_case)
    stack.post(operation(details={"status": "DATA_PREPARED", "dueDate": "2026-03-06"}))
    with noted() as calls:
        assert [stack.alert_overdue()["published"] for _ in range(2)] == [1, 0]
    return calls


def replay(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> set[Right]:
    """Replay what is good by now, what is not, both in one message, and leave what is to stay."""
    monkeypatch.setattr(stack.replay, "replay", replace(stack.replay.replay, pause=lambda _: None))
    put([operation(**FAILURE)])
    put(storm())
    put([operation(cardId=None)])
    put([operation(cardId=None), operation(cardId="card-beside-it")])
    put([operation()], reason="OTHER")
    with noted() as calls:
        report = stack.order_replay(dryRun=False, reasons=["MENDED"])
    assert report["operations_stored"] == ALERTS_AT_ONCE + 3
    return calls


def issue_token(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> set[Right]:
    """Hand out a token."""
    module = edge("issue_token")
    monkeypatch.setattr(module, "client_certificate_subject", "")
    monkeypatch.setattr(module, "client_credentials", Secret(secrets_client, "ClientCredentials"))
    monkeypatch.setattr(module, "signing_key", Secret(secrets_client, "SigningKey"))
    basic = base64.b64encode(b"d1:secret").decode()
    with noted() as calls:
        answer = module.handler(
            {"headers": {"Authorization": f"Basic {basic}"}, "body": "grant_type=client_credentials"}, stack.context
        )
    assert answer["statusCode"] == 200
    return calls


def check_release(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> set[Right]:
    """Check a version, with a token, and tell the deployment."""
    module = edge("check_release")
    monkeypatch.setattr(module, "signing_key_arn", "SigningKey")
    monkeypatch.setattr(module, "reader", CardStatusReader(TABLE))
    monkeypatch.setenv("NEW_VERSION_ARN", "arn:new-version")
    with noted() as calls:
        module.handler({"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}, stack.context)
    return calls


class AnsweringD1(D1Api):
    """D1, once it has let us in."""

    def production_status(self, card_id: str, correlation_id: str, deadline: Deadline) -> str | None:
        """Answer with an operation that is no operation, and with more failures than are published at once."""
        Secret(secrets_client, "D1CredentialsArn").versions(deadline)
        failures = [operation(cardId=card_id, operationId=f"o-{number}", **FAILURE) for number in range(60)]
        return body(operation(cardId=card_id, startTime="never"), *failures)


def reconcile(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> set[Right]:
    """Find a card that is late, ask D1 about it, and take in a storm."""
    stack.post(operation(details={"status": "DATA_PREPARED", "dueDate": "2026-03-01"}))
    module = edge("reconcile_cards")
    d1 = object.__new__(AnsweringD1)
    monkeypatch.setattr(module, "reconcile", replace(module.reconcile, api=d1, pause=lambda _: None))
    with noted() as calls:
        assert module.handler({}, Context(milliseconds_left=300_000))["answered"] == 1
    return calls


WORK: Final[Mapping[str, Callable[[Stack, pytest.MonkeyPatch], set[Right]]]] = {
    "ReceiveNotificationFunction": receive,
    "RelayAlertsFunction": relay,
    "GetCardStatusFunction": ask,
    "ReplayRejectedFunction": replay,
    "ReconcileCardsFunction": reconcile,
    "AlertOverdueCardsFunction": alert_overdue_cards,
    "IssueTokenFunction": issue_token,
    "CheckReleaseFunction": check_release,
}
"""All that a function can do, so far as it needs different rights for it."""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_called_is_what_is_allowed(
    stack: Stack, template: Transformed, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    """Doing all that it can do, a function uses each right of its role and needs no other, of the key neither."""
    role = role_of(template, function)

    assert WORK[function](stack, monkeypatch) == rights(template, role)
    assert services_with_key(template, role) == {action.split(":")[0] for action, _ in rights(template, role)} & {
        "dynamodb",
        "secretsmanager",
        "sns",
        "sqs",
    }
