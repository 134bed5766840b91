"""Access tokens: ours, a provider's, or none; never half a provider."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.template.rules import complaints
from tests.template.transformed import Stack

WHOLE: Final[Mapping[str, str]] = {
    "AccessTokens": "provider",
    "TokenIssuer": "https://login.bank.example",
    "TokenAudience": "api://card-notifications",
    "TokenKeySetUrl": "https://login.bank.example/keys",
    "TokenClientId": "thales-d1",
}
PARTS: Final = [name for name in WHOLE if name != "AccessTokens"]


@pytest.mark.parametrize("given", [{"AccessTokens": "false"}, {"AccessTokens": "true"}, WHOLE])
def test_none_ours_or_a_providers(stack: Stack, given: Mapping[str, str]) -> None:
    """A stack can be deployed without tokens, with its own, and with all that a provider's need."""
    assert given["AccessTokens"] in stack.parameters["AccessTokens"]["AllowedValues"]
    assert complaints(stack, given) == []


@pytest.mark.parametrize("missing", PARTS)
def test_half_a_provider_is_refused(stack: Stack, missing: str) -> None:
    """Without issuer, audience, keys or D1's name there nothing is made: any of them would let others in, or nobody."""
    (complaint,) = complaints(stack, {name: value for name, value in WHOLE.items() if name != missing})

    assert missing in complaint


@pytest.mark.parametrize("tokens", ["false", "true"])
@pytest.mark.parametrize("alone", PARTS)
def test_a_provider_that_is_not_asked_is_refused(stack: Stack, alone: str, tokens: str) -> None:
    """A parameter of a provider whose tokens are not taken has no effect, so it is refused and not ignored."""
    (complaint,) = complaints(stack, {"AccessTokens": tokens, alone: WHOLE[alone]})

    assert alone in complaint


def test_a_provider_leaves_nothing_of_ours(stack: Stack) -> None:
    """Path, function, secrets and the right to read them are there only where this stack issues the tokens itself."""
    condition = stack.conditions["IssuesTokens"]
    paths: Any = stack.properties("CallbackApi")["Body"]["paths"]
    ours = {name for name, one in stack.resources.items() if one.get("Condition") == "IssuesTokens"}

    assert condition == {"Fn::Equals": [{"Ref": "AccessTokens"}, "true"]}
    assert paths["/authz/d1/v1/oauth2/token"]["Fn::If"][0] == "IssuesTokens"
    assert paths["/authz/d1/v1/oauth2/token"]["Fn::If"][2] == {"Ref": "AWS::NoValue"}
    assert {"IssueTokenFunction", "ClientCredentials", "SigningKey", "IssueTokenRole"} <= ours
