"""The same front door where D1 brings tokens of the bank's identity provider, whose key set is fetched over TLS."""

import os
from collections.abc import Iterator
from unittest.mock import patch

import boto3
import pytest

from local.deployment import STACK, Deployment, deploy
from local.engine import free_port, leave_developers_account, running_engine
from tests.integration.client import Client
from tests.integration.notifications import Card
from tests.security.conftest import DOMAIN, SUBJECT, World
from tests.security.front_door import front_door
from tests.security.identity_provider import PROVIDER, STRANGE_KEY, KeyServer, key_server, token
from tests.security.test_front_door import Caller, known


@pytest.fixture(scope="module")
def provider(world: World) -> Iterator[KeyServer]:
    """Run the bank's identity provider."""
    with key_server(world.bank.server()) as server:
        yield server


@pytest.fixture(scope="module")
def deployment(world: World, provider: KeyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Deploy the template with mutual TLS and the provider's tokens."""
    parameters = {
        **DOMAIN,
        "ClientCertificateSubject": SUBJECT,
        "AccessTokens": "provider",
        "TokenIssuer": PROVIDER.issuer,
        "TokenAudience": PROVIDER.audience,
        "TokenKeySetUrl": provider.url,
        "TokenClientId": PROVIDER.client_id,
    }
    with patch.dict(os.environ):
        leave_developers_account()
        # In AWS the functions trust the public CAs; here the throw-away one.
        os.environ["SSL_CERT_FILE"] = str(world.bank.certificate)
        with running_engine(free_port(), tmp_path_factory.mktemp("engine") / "log", enforce_iam=True) as engine:
            yield deploy(engine, parameters)


@pytest.fixture(scope="module")
def client(deployment: Deployment) -> Client:
    """Give what the bank itself can do with the stack."""
    return Client(deployment)


@pytest.fixture(scope="module")
def d1(deployment: Deployment, world: World) -> Iterator[Caller]:
    """Give D1, with its certificate, before the front door."""
    with front_door(deployment, world.bank.server(), world.d1s.certificate) as port:
        yield Caller(port, world, world.d1s.client("d1-of-provider", SUBJECT))


def test_d1_gets_in(d1: Caller, client: Client, provider: KeyServer) -> None:
    """With its certificate and a token that the provider made for it D1's notification is taken and stored."""
    card = Card()

    assert d1.notify(card, token()) == 204
    assert client.card(card.card_id)["status"] == "CARD_PROD_REQUESTED"
    assert provider.asked


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "abc",
        token(STRANGE_KEY),
        token(kid="unknown"),
        token(client_id="payments-app"),
        token(aud="api://payments"),
        token(exp=1),
    ],
    ids=["none", "rubbish", "forged", "unknown key", "another client", "another audience", "expired"],
)
def test_nobody_else_does(d1: Caller, client: Client, wrong: str | None) -> None:
    """Whoever brings another token is 401, though the certificate is D1's, and nothing is stored."""
    card = Card()

    assert d1.notify(card, wrong) == 401
    assert not known(client, card)


def test_the_token_alone_is_not_enough(d1: Caller, client: Client, world: World) -> None:
    """D1's very token in the hands of another customer of D1's CA opens nothing."""
    card = Card()
    mate = Caller(d1.port, world, world.d1s.client("mate-of-provider", "CN=other,C=FR"))

    assert mate.notify(card, token()) == 403
    assert not known(client, card)


def test_a_release_is_checked_as_a_stranger(client: Client, deployment: Deployment) -> None:
    """The check has no token of the provider's: it sees the version start, find the keys, and refuse it."""
    assert client.invoke(deployment.outputs["CheckReleaseFunctionName"], {}) == {"passed": True, "finding": None}


def test_tokens_are_the_providers_matter(deployment: Deployment) -> None:
    """D1 fetches none here: there is no such path, function or secret."""
    resources = boto3.client("cloudformation", **deployment.engine.access).list_stack_resources(StackName=STACK)
    made = {one["LogicalResourceId"] for one in resources["StackResourceSummaries"]}

    assert "TokenUrl" not in deployment.outputs
    assert made.isdisjoint({"IssueTokenFunction", "ClientCredentials", "SigningKey"})
    assert "ReceiveNotificationFunction" in made
