"""How D1 makes itself known: a client certificate, and a bearer token that it fetches for itself."""

import base64
import json
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from local.d1.caller import Caller, Target
from local.d1.connection import Certificates, Connection, Insecure
from local.d1.draws import draws
from local.d1.oauth import Credentials, TokenRefused, TokenSource
from local.d1.resending import Reply
from local.d1.script import Message
from tests.d1.server import Call, Server, Told, serving
from tests.security.certificates import Authority

CALLBACK: Final = "/notifications/d1/v2/issuers/BANK000001/cards"
TOKEN_PATH: Final = "/authz/d1/v1/oauth2/token"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Found an authority that the server and D1 trust."""
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture
def closed_server(authority: Authority) -> Iterator[Server]:
    """Run a server that lets nobody in for whom the authority does not vouch."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(authority.server().pem)
    with serving(lambda _: Told(), context) as server:
        yield server


def call(url: str, certificates: Certificates | None = None, tokens: TokenSource | None = None) -> Reply:
    """Send one message."""
    target = Target(url + CALLBACK, certificates or Certificates(), 5.0, tokens)
    with closing(Caller(target, "run", draws(1))) as caller:
        return caller.call(0, Message(b"{}"))


def test_it_shows_its_client_certificate(closed_server: Server, authority: Authority, tmp_path: Path) -> None:
    """A server that demands one of the right authority takes the call."""
    both = authority.client("d1", "CN=d1").pem.read_text()
    begin = both.index("-----BEGIN PRIVATE KEY-----")
    certificate, key = tmp_path / "d1.pem", tmp_path / "d1.key"
    certificate.write_text(both[:begin])
    key.write_text(both[begin:])

    assert call(closed_server.url, Certificates(authority.certificate, certificate, key)).status == 204


def test_without_its_certificate_it_gets_nowhere(closed_server: Server, authority: Authority) -> None:
    """The handshake ends it: a problem of the connection, not an answer."""
    assert call(closed_server.url, Certificates(authority.certificate)).problem == "connection"
    assert closed_server.calls == []


def test_it_calls_nobody_whom_it_does_not_trust(closed_server: Server) -> None:
    """A server whose certificate no trusted authority signed gets no notification, and why is told."""
    assert "certificate verify failed" in call(closed_server.url).detail
    assert closed_server.calls == []


def test_a_certificate_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Before anything is sent."""
    with pytest.raises(OSError, match="No such file"):
        Certificates(client=tmp_path / "missing.pem").context()


@pytest.mark.parametrize("url", ["http://bank.example/cards", "ftp://127.0.0.1/", "bank.example"])
def test_it_calls_only_https(url: str) -> None:
    """Plain HTTP is for this machine alone."""
    with pytest.raises(Insecure):
        Connection(url, Certificates(), 1.0)


class Bank:
    """A tenant with OAuth on: gives tokens, and takes only the latest one."""

    def __init__(self, expires_in: object = "3600") -> None:
        self.expires_in = expires_in
        self.given = 0

    def answer(self, call: Call) -> Told:
        """Answer as the token endpoint and as the callback."""
        if call.path == TOKEN_PATH:
            self.given += 1
            return Told(200, json.dumps({"access_token": f"t{self.given}", "expires_in": self.expires_in}))
        return Told(204 if call.headers.get("authorization") == f"Bearer t{self.given}" else 401)


def tokens_of(server: Server, scope: str | None = None) -> TokenSource:
    """Make D1's own source of tokens."""
    credentials = Credentials(server.url + TOKEN_PATH, "d1", "s>c?et", scope)
    return TokenSource(credentials, Certificates(), 5.0)


def test_it_asks_for_a_token_as_the_contract_says() -> None:
    """Basic with base64url, a form with the grant and the scope, and ``expires_in`` as a text; then Bearer."""
    with serving(Bank().answer) as server:
        reply = call(server.url, tokens=tokens_of(server, scope="notify"))

    asked, posted = server.calls
    assert asked.headers["authorization"] == "Basic " + base64.urlsafe_b64encode(b"d1:s>c?et").decode()
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.body == "grant_type=client_credentials&scope=notify"
    assert posted.headers["authorization"] == "Bearer t1"
    assert reply.status == 204


def test_a_token_is_used_until_it_ends() -> None:
    """One token for many calls; a new one in time before the old one ends."""
    lasting, ending = Bank(), Bank(expires_in="5")

    for bank in (lasting, ending):
        with serving(bank.answer) as server:
            tokens = tokens_of(server)
            for _ in range(3):
                assert call(server.url, tokens=tokens).status == 204

    assert (lasting.given, ending.given) == (1, 3)


def test_a_token_that_is_no_longer_taken_is_renewed() -> None:
    """A 401 makes it ask again, so that the next try has a new token."""
    bank = Bank()
    with serving(bank.answer) as server:
        tokens = tokens_of(server)
        call(server.url, tokens=tokens)
        bank.given = 41

        assert call(server.url, tokens=tokens).status == 401
        assert call(server.url, tokens=tokens).status == 204


@pytest.mark.parametrize(
    "told", [Told(400, '{"error": "invalid_client"}'), Told(200, "no JSON"), Told(200, "{}"), Told(200, "[]")]
)
def test_no_token_is_told(told: Told) -> None:
    """Without one D1 cannot call at all: that is said, and is no answer of the callback."""
    with serving(lambda _: told) as server, pytest.raises(TokenRefused):
        call(server.url, tokens=tokens_of(server))


def test_a_secret_is_not_shown() -> None:
    """Not in what Python prints of it."""
    assert "hunter2" not in repr(Credentials("https://bank.example", "d1", "hunter2"))
