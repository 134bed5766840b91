"""receive_notification where tokens are a provider's: what it needs, and what a provider that is down costs."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pytest

import metric_names
from card_tracking.adapters.key_set import KeySet
from check_release.synthetic import new_operation, request_event
from receive_notification import answers
from receive_notification.composition import compose_token_check
from receive_notification.provider_tokens import check_provider_token, read_keys
from receive_notification.settings import Settings
from tests.edges import fresh_edge
from tests.security.edges import CONTEXT, ENVIRONMENT, ISSUER
from tests.security.identity_provider import PROVIDER
from tests.security.identity_provider import token as provider_token

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
