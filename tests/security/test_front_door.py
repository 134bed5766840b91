"""From the TLS handshake to the table: D1 gets in, and nobody else does."""

import base64
import json
import re
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlencode

import boto3
import pytest

from local.d1.__main__ import main as d1_command
from local.deployment import ISSUER_ID, STACK, Deployment
from tests.integration.client import Client
from tests.integration.guests import guest_of, physical_id
from tests.integration.notifications import Card, Json
from tests.integration.probes import Probe, opened, refused
from tests.security.certificates import HOST, Credentials
from tests.security.conftest import SUBJECT, World
from tests.security.front_door import TOKEN_PATH

CALLBACK: Final = f"/notifications/d1/v2/issuers/{ISSUER_ID}/cards"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody at the front door, with a certificate or without."""

    port: int
    world: World
    credentials: Credentials | None

    def post(self, path: str, body: str, **headers: str) -> tuple[int, bytes]:
        """Post; answer status and body. Raises OSError where the connection is refused."""
        context = ssl.create_default_context(cafile=str(self.world.bank.certificate))
        if self.credentials:
            context.load_cert_chain(self.credentials.pem)
        connection = HTTPSConnection(HOST, self.port, context=context, timeout=30)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def notify(self, card: Card, token: str | None) -> int:
        """Send a notification about a card; answer the status."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.post(CALLBACK, json.dumps({"operations": [card.requested()]}), **headers)[0]

    def ask_for_token(self, client_id: str, secret: str, grant_type: str = "client_credentials") -> tuple[int, Json]:
        """Ask for a token as D1 does; answer status and document."""
        basic = base64.urlsafe_b64encode(f"{client_id}:{secret}".encode()).decode()
        form = urlencode({"grant_type": grant_type, "scope": "notifications"})
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        status, body = self.post(TOKEN_PATH, form, **headers)
        return status, json.loads(body)


@pytest.fixture(scope="session")
def d1(port: int, world: World) -> Caller:
    """Give D1, with its certificate."""
    return Caller(port, world, world.d1s.client("d1", SUBJECT))


@pytest.fixture(scope="session")
def credentials(deployment: Deployment) -> Json:
    """Read what the bank hands over to D1."""
    cloudformation = boto3.client("cloudformation", **deployment.engine.access)
    secrets = boto3.client("secretsmanager", **deployment.engine.access)
    arn = cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId="ClientCredentials")
    secret: Json = json.loads(
        secrets.get_secret_value(SecretId=arn["StackResourceDetail"]["PhysicalResourceId"])["SecretString"]
    )
    return secret


@pytest.fixture(scope="session")
def token(d1: Caller, credentials: Json) -> str:
    """Let D1 fetch a token."""
    status, document = d1.ask_for_token(credentials["clientId"], credentials["clientSecret"])
    assert status == 200
    granted: str = document["access_token"]
    return granted


def known(client: Client, card: Card) -> bool:
    """Tell whether anything of a card was stored."""
    return client.ask({"cardId": card.card_id, "history": True}) != {"card": None, "history": [], "nextToken": None}


def test_d1_gets_in(d1: Caller, client: Client, token: str) -> None:
    """With its certificate and a token D1's notification is taken and stored."""
    card = Card()

    assert d1.notify(card, token) == 204
    assert client.card(card.card_id)["status"] == "CARD_PROD_REQUESTED"


def test_d1_gets_in_with_its_next_certificate(port: int, world: World, client: Client, token: str) -> None:
    """A new key and a new date under the same subject change nothing: the certificate is never pinned."""
    card = Card()

    assert Caller(port, world, world.d1s.client("d1-renewed", SUBJECT, days=365)).notify(card, token) == 204
    assert known(client, card)


def test_nobody_gets_in_without_a_certificate(port: int, world: World, client: Client, token: str) -> None:
    """The connection ends before a byte of the request is read."""
    card = Card()

    with pytest.raises((OSError, HTTPException)):
        Caller(port, world, None).notify(card, token)
    assert not known(client, card)


def test_nobody_gets_in_by_another_ca(port: int, world: World, client: Client, token: str) -> None:
    """D1's very subject, vouched for by a CA that is not in the truststore, is nobody's."""
    card = Card()

    with pytest.raises((OSError, HTTPException)):
        Caller(port, world, world.others.client("forged", SUBJECT)).notify(card, token)
    assert not known(client, card)


def test_nobody_gets_in_by_an_expired_certificate(port: int, world: World, client: Client, token: str) -> None:
    """What was D1's certificate yesterday is none."""
    card = Card()

    with pytest.raises((OSError, HTTPException)):
        Caller(port, world, world.d1s.client("expired", SUBJECT, days=-1)).notify(card, token)
    assert not known(client, card)


@pytest.mark.parametrize(
    "subject", ["CN=d1.otherbank.example,O=Other Bank,C=FR", SUBJECT.replace("d1.", "d2."), f"{SUBJECT},L=Paris"]
)
def test_another_customer_of_d1s_ca_does_not_get_in(
    port: int, world: World, client: Client, token: str, subject: str
) -> None:
    """The handshake succeeds, the CA is the right one, and the answer is 403 with nothing stored."""
    card = Card()

    assert Caller(port, world, world.d1s.client("mate", subject)).notify(card, token) == 403
    assert not known(client, card)


def test_the_default_endpoint_lets_nobody_in(client: Client, deployment: Deployment) -> None:
    """Were it open by mistake, the function itself refuses whoever comes without a certificate."""
    card = Card()
    apis = boto3.client("apigateway", **deployment.engine.access).get_rest_apis()["items"]
    url = f"{deployment.engine.endpoint_url}/_aws/execute-api/{apis[0]['id']}/prod{CALLBACK}"

    answer = client.post_body(json.dumps({"operations": [card.requested()]}), url)

    assert answer.status in {401, 403}
    assert not known(client, card)


@pytest.mark.parametrize("wrong", [None, "", "abc", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_the_certificate_alone_is_not_enough(d1: Caller, client: Client, wrong: str | None) -> None:
    """Where tokens are asked for, D1 without a valid one is 401, and nothing is stored."""
    card = Card()

    assert d1.notify(card, wrong) == 401
    assert not known(client, card)


def test_the_token_is_as_d1_expects_it(d1: Caller, credentials: Json) -> None:
    """The answer has the contract's fields: seconds as a text, the time of expiry, the scope that was asked for."""
    status, document = d1.ask_for_token(credentials["clientId"], credentials["clientSecret"])
    left = datetime.fromisoformat(document["expires_at"]) - datetime.now(UTC)

    assert status == 200
    assert document.keys() == {"access_token", "token_type", "expires_in", "expires_at", "scope"}
    assert (document["token_type"], document["scope"]) == ("Bearer", "notifications")
    assert isinstance(document["expires_in"], str)
    assert left.total_seconds() == pytest.approx(int(document["expires_in"]), abs=10)


def test_wrong_credentials_get_no_token(d1: Caller, credentials: Json) -> None:
    """The answer is 400 with OAuth's error, the same for a wrong id and a wrong secret."""
    for client_id, secret in (
        (credentials["clientId"], "wrong"),
        ("wrong", credentials["clientSecret"]),
        (credentials["clientId"], ""),
        ("", ""),
        ("é", "ü"),
    ):
        assert d1.ask_for_token(client_id, secret) == (400, {"error": "invalid_client"})


def test_another_grant_gets_no_token(d1: Caller, credentials: Json) -> None:
    """Only client credentials are for machines that call by themselves."""
    answer = d1.ask_for_token(credentials["clientId"], credentials["clientSecret"], "password")

    assert answer == (400, {"error": "unsupported_grant_type"})


def test_another_customer_gets_no_token(port: int, world: World, credentials: Json) -> None:
    """Not even with D1's own credentials: the certificate's subject comes first."""
    mate = Caller(port, world, world.d1s.client("token-mate", "CN=other,C=FR"))

    assert mate.ask_for_token(credentials["clientId"], credentials["clientSecret"])[0] == 403


def test_secrets_are_in_no_log(d1: Caller, client: Client, credentials: Json, token: str) -> None:
    """Neither secret nor token gets into a log, whether they were right or wrong."""
    d1.ask_for_token(credentials["clientId"], credentials["clientSecret"])
    d1.ask_for_token(credentials["clientId"], "a-wrong-secret")
    d1.notify(Card(), token)
    log = "".join(client.log_lines())

    assert log
    assert not [word for word in (credentials["clientSecret"], "a-wrong-secret", token) if word in log]


def test_a_release_is_checked_on_a_strict_stack_too(client: Client, deployment: Deployment) -> None:
    """The check brings what D1 brings, so it says something of the stack that D1 will meet."""
    answer = client.invoke(deployment.outputs["CheckReleaseFunctionName"], {})

    assert answer == {"passed": True, "finding": None}


def test_the_callback_url_is_under_the_domain(deployment: Deployment) -> None:
    """With a domain, D1 is given the domain."""
    assert deployment.outputs["CallbackUrl"] == f"https://d1.bank.example{CALLBACK}"
    assert deployment.outputs["TokenUrl"] == f"https://d1.bank.example{TOKEN_PATH}"
    assert "D1 alone" in deployment.outputs["Callers"]


@pytest.mark.parametrize(
    ("function", "readable"),
    [
        ("IssueTokenFunction", {"ClientCredentials", "SigningKey"}),
        ("ReceiveNotificationFunction", {"SigningKey"}),
        ("CheckReleaseFunction", {"SigningKey"}),
        ("RelayAlertsFunction", set()),
        ("GetCardStatusFunction", set()),
        ("ReplayRejectedFunction", set()),
    ],
)
def test_a_secret_is_read_by_whoever_needs_it(deployment: Deployment, function: str, readable: set[str]) -> None:
    """D1's credentials are for issue_token alone, which can do nothing with cards; the signing key for who checks."""

    def read(name: str) -> Probe:
        secret_id = physical_id(deployment, name)
        return lambda access, _: boto3.client("secretsmanager", **access).get_secret_value(SecretId=secret_id)

    with guest_of(deployment) as guest:
        access, outputs = guest(function=function), deployment.outputs
        secrets = ("ClientCredentials", "SigningKey")
        read_by_it = {name for name in secrets if not refused(read(name), access, outputs)}
        others = opened(access, outputs)

    assert read_by_it == readable
    assert (others == set()) is (function == "IssueTokenFunction")


def test_the_d1_of_this_project_gets_in_as_the_real_one_does(
    port: int,
    world: World,
    deployment: Deployment,
    credentials: Json,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`make d1` with certificate and OAuth ends green against a strict stack, though answers get lost on their way.

    Without its certificate it is told that it cannot get through, and nothing is green.
    """
    url = f"https://{HOST}:{port}"
    access = deployment.engine.access
    monkeypatch.setenv("AWS_ENDPOINT_URL", access["endpoint_url"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access["aws_access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", access["aws_secret_access_key"])
    monkeypatch.setenv("D1_SECRET", credentials["clientSecret"])
    words = ["failure", "--seed", "11", "--cards", "4", "--stack", STACK, "--region", access["region_name"]]
    words += ["--url", url, "--issuer", ISSUER_ID, "--ca", str(world.bank.certificate)]
    patience = ["--resends", "9", "--first-wait", "0.05", "--factor", "1", "--lose-answers", "0.4"]
    identity = ["--client-cert", str(world.d1s.client("d1-at-the-desk", SUBJECT).pem)]
    oauth = ["--token-url", url + TOKEN_PATH, "--client-id", credentials["clientId"]]
    oauth += ["--client-secret-env", "D1_SECRET", "--scope", "notifications"]

    assert d1_command([*words, *patience, *identity, *oauth]) == 0
    told = capsys.readouterr().out
    assert "once for each of 4 causes" in told
    assert re.search(r"resent    [1-9]\d*: \d+ times timeout", told)
    assert re.search(r"latency   median \d+ ms, 90 % \d+ ms, 99 % \d+ ms, longest \d+ ms", told)

    assert d1_command([*words, *oauth, "--resends", "0"]) == 1
    assert "green" not in capsys.readouterr().out
