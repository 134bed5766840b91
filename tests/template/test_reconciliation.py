"""Reconciliation: off by default, all of it or none, and on its schedule."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.template.rules import complaints
from tests.template.transformed import Stack

WHOLE: Final[Mapping[str, str]] = {
    "Reconcile": "true",
    "D1ApiUrl": "https://api.d1.thalescloud.io",
    "D1SigningKeyId": "bank-2026",
    "D1CredentialsArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:d1-Ab12Cd",
}
OPTIONAL: Final[Mapping[str, str]] = {
    "D1TokenUrl": "https://api.d1.thalescloud.io/authz/v1/oauth2/token",
    "D1TokenAudience": "https://api.d1.thalescloud.io",
    "D1ClientId": "AGGREGATOR",
}
PARTS: Final = [name for name in (*WHOLE, *OPTIONAL) if name != "Reconcile"]


@pytest.mark.parametrize("given", [{}, WHOLE, {**WHOLE, **OPTIONAL}])
def test_all_of_it_or_none(stack: Stack, given: Mapping[str, str]) -> None:
    """A stack can be deployed without reconciliation, and with what it needs."""
    assert complaints(stack, given) == []


@pytest.mark.parametrize("missing", [name for name in WHOLE if name != "Reconcile"])
def test_half_of_it_is_refused(stack: Stack, missing: str) -> None:
    """Without D1's address, or what D1 knows us by, nothing is made."""
    (complaint,) = complaints(stack, {name: value for name, value in WHOLE.items() if name != missing})

    assert missing in complaint


@pytest.mark.parametrize("alone", PARTS)
def test_what_has_no_effect_is_refused(stack: Stack, alone: str) -> None:
    """A parameter of D1's API while D1 is not asked is refused and not ignored."""
    (complaint,) = complaints(stack, {alone: {**WHOLE, **OPTIONAL}[alone]})

    assert alone in complaint


def test_it_is_off_by_default(stack: Stack) -> None:
    """Without a word there is no function, no schedule, no right and no alarm of it."""
    made = {name for name, one in stack.resources.items() if one.get("Condition") == "Reconciles"}
    of_it = {name for name in stack.resources if "Reconcil" in name or name == "NotificationsMissedAlarm"}

    assert stack.parameters["Reconcile"]["Default"] == "false"
    assert stack.conditions["Reconciles"] == {"Fn::Equals": [{"Ref": "Reconcile"}, "true"]}
    assert made == of_it
    assert len(made) > 5


def test_the_schedule(stack: Stack) -> None:
    """It runs the alias with an order without a word; a failed run is not repeated, the next one is its repetition."""
    rule = stack.properties("ReconcileCardsFunctionRegularly")
    (target,) = rule["Targets"]
    retries = stack.properties("ReconcileCardsFunctionEventInvokeConfig")

    assert rule["ScheduleExpression"] == {"Ref": "ReconcileSchedule"}
    assert target["Arn"] == {"Ref": "ReconcileCardsFunctionAliaslive"}
    assert target["Input"] == "{}"
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert (retries["Qualifier"], retries["MaximumRetryAttempts"]) == ("live", 0)
