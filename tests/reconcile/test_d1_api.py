"""D1 is asked as its documentation says, by mutual TLS, with credentials that are shown to nobody."""

import json
import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE
from time import time
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from card_tracking.adapters import https
from card_tracking.adapters.d1_access import D1Access, D1Client
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyFailed
from tests.d1.server import Server, Told, serving
from tests.reconcile.asking import Known, api, ask
from tests.reconcile.d1_on_demand import D1, KEY_ID, Bank, pem_of, running_d1
from tests.samples import CARD, operation
from tests.security.certificates import Authority


def test_a_card_is_asked_about(d1: D1, bank: Bank) -> None:
    """D1 answers what it knows of the card, to a client that it knows, and finds the question by its correlation id."""
    d1.cards[CARD] = [operation()]

    answer = ask(d1, bank)

    assert json.loads(answer or "") == {"operations": [operation()]}
    assert d1.correlation_ids == ["correlation-1"]


def test_a_card_that_d1_does_not_know(d1: D1, bank: Bank) -> None:
    """That is an answer, and no failure."""
    assert ask(d1, bank) is None
    assert d1.asked == [CARD]


@pytest.mark.parametrize("card_id", ["..", "a/b", "a?b", "a%2fb", "", "x" * 49, "ü", "a b", "a\n"])
def test_an_id_that_is_none_of_d1s_leads_nowhere(d1: D1, bank: Bank, card_id: str) -> None:
    """What D1 cannot have named so is not put into an address."""
    assert ask(d1, bank, card_id) is None
    assert d1.asked == []


def test_a_token_serves_until_it_ends(d1: D1, bank: Bank) -> None:
    """D1 asks not to be asked for a token before each question; shortly before it ends there is a new one."""
    lasting = api(d1.url, bank.secret())
    for _ in range(3):
        lasting.production_status(CARD, "c", Deadline())
    assert d1.tokens_given == 1

    d1.token_lifetime = "29"
    ending = api(d1.url, bank.secret())
    for _ in range(3):
        ending.production_status(CARD, "c", Deadline())
    assert d1.tokens_given == 4


@pytest.mark.parametrize(("lifetime", "good_for"), [(900, 870), ("900", 870), (None, 270), (0, 270)])
def test_how_long_a_token_serves(
    d1: D1, bank: Bank, monkeypatch: pytest.MonkeyPatch, lifetime: object, good_for: int
) -> None:
    """A token is renewed 30 s before it ends; one that does not tell its lifetime is taken to live five minutes."""
    clock = [1_000.0]
    monkeypatch.setattr("card_tracking.adapters.d1_access.time", SimpleNamespace(monotonic=lambda: clock[0], time=time))
    d1.token_lifetime = lifetime
    asking = api(d1.url, bank.secret())
    asking.production_status(CARD, "c", Deadline())

    clock[0] += good_for - 1
    asking.production_status(CARD, "c", Deadline())
    assert d1.tokens_given == 1
    clock[0] += 2
    asking.production_status(CARD, "c", Deadline())
    assert d1.tokens_given == 2


def test_an_assertion_lives_five_minutes(d1: D1, bank: Bank) -> None:
    """The assertion is used at once, so it lives shorter than the 15 minutes that D1 allows."""
    ask(d1, bank)

    (claims,) = d1.assertions
    assert claims["exp"] - claims["iat"] == 300
    assert abs(claims["iat"] - time()) < 60


def test_the_current_version_of_the_secret_is_used(d1: D1, bank: Bank) -> None:
    """The previous version, which a rotation leaves behind, is not shown to D1."""

    class Rotated(Known):
        def versions(self, deadline: Deadline, *, unknown: bool = False) -> Sequence[str]:
            """Give the current version and the one before."""
            return [self.value, "previous"]

    assert api(d1.url, Rotated(bank.secret())).production_status(CARD, "c", Deadline()) is None


def test_a_token_that_is_no_longer_taken_is_renewed_once(d1: D1, bank: Bank) -> None:
    """After one 401 there is a new token; after a second the question has failed."""
    asking = api(d1.url, bank.secret())
    asking.production_status(CARD, "c", Deadline())
    d1.valid_token = "changed"

    asking.production_status(CARD, "c", Deadline())
    assert d1.tokens_given == 2

    d1.faults = [Told(401), Told(401)]
    with pytest.raises(DependencyFailed, match="production_status: 401"):
        asking.production_status(CARD, "c", Deadline())
    assert d1.tokens_given == 3


def test_new_credentials_are_used(d1: D1, bank: Bank, thales: Authority) -> None:
    """A changed secret takes effect with the next question: certificate, key and token are new."""
    secret = Known(bank.secret())
    asking = api(d1.url, secret)
    asking.production_status(CARD, "c", Deadline())
    renewed = replace(bank, certificate=thales.client("renewed", "CN=BANK000001"))

    secret.value = renewed.secret()
    asking.production_status(CARD, "c", Deadline())

    assert d1.tokens_given == 2


def test_without_a_certificate_of_thales_nobody_is_let_in(d1: D1, bank: Bank, tmp_path: Path) -> None:
    """The handshake ends it, and nothing was asked."""
    stranger = replace(bank, certificate=Authority(tmp_path, "own").client("bank", "CN=BANK000001"))

    with pytest.raises(DependencyFailed):
        api(d1.url, stranger.secret()).production_status(CARD, "c", Deadline())

    assert d1.tokens_given == 0


@pytest.mark.parametrize("ca", ["other", "system"])
def test_a_server_that_nobody_vouches_for_is_told_nothing(
    running: tuple[D1, Server], bank: Bank, tmp_path: Path, ca: str
) -> None:
    """Neither assertion nor token goes to a server whose certificate is of no trusted CA; the reason is named."""
    d1, server = running
    document = json.loads(bank.secret())
    document["serverCa"] = Authority(tmp_path, "other").certificate.read_text() if ca == "other" else None

    with pytest.raises(DependencyFailed, match="d1_token: CERTIFICATE_VERIFY_FAILED"):
        api(d1.url, json.dumps(document)).production_status(CARD, "c", Deadline())

    assert server.calls == []


def test_a_server_of_another_name_is_told_nothing(running: tuple[D1, Server], bank: Bank) -> None:
    """Its certificate is of a trusted CA, and for another address."""
    d1, server = running

    with pytest.raises(DependencyFailed, match="CERTIFICATE_VERIFY_FAILED"):
        api(d1.url.replace("127.0.0.1", "localhost"), bank.secret()).production_status(CARD, "c", Deadline())

    assert server.calls == []


def test_a_certificate_that_names_no_key_is_not_taken(bank: Bank, thales: Authority, tmp_path: Path) -> None:
    """On each Python as on Lambda's, which is strict: what passes at a developer's passes there."""
    lax = Authority(tmp_path, "lax", names_keys=False)
    secret = bank.secret(serverCa=lax.certificate.read_text())

    with (
        running_d1(bank, lax.server(), thales) as (d1, server),
        pytest.raises(DependencyFailed, match="d1_token: CERTIFICATE_VERIFY_FAILED"),
    ):
        api(d1.url, secret).production_status(CARD, "c", Deadline())

    assert server.calls == []


def test_tls_below_1_2_is_not_spoken(bank: Bank) -> None:
    """Whatever the system's settings allow."""
    document = json.loads(bank.secret())

    context = https.client_context(document["clientCertificate"], document["clientKey"], document["serverCa"])

    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_plain_http_is_never_spoken(bank: Bank) -> None:
    """An address without TLS gets no assertion."""
    with serving(lambda _: Told(200)) as server, pytest.raises(DependencyFailed, match="NotHttps"):
        api(server.url, bank.secret()).production_status(CARD, "c", Deadline())
    assert server.calls == []


def test_the_key_lies_in_no_file_for_long(bank: Bank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """OpenSSL reads it from a file of ours alone, which is gone at once."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    modes: list[int] = []
    load = ssl.SSLContext.load_cert_chain

    def looking(context: ssl.SSLContext, path: str, **arguments: Any) -> None:
        # Without one, OpenSSL asks for the password of a key at the terminal, where there is one.
        assert "password" in arguments
        modes.append(S_IMODE(Path(path).stat().st_mode))
        load(context, path, **arguments)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", looking)
    document = json.loads(bank.secret())

    https.client_context(document["clientCertificate"], document["clientKey"], None)

    assert modes == [0o600]
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_not_shown(bank: Bank) -> None:
    """A record of the product that is printed tells no key and no token."""
    access = D1Access(D1Client("BANK000001", KEY_ID, "https://d1", "https://d1"), Known(bank.secret()))
    access.https(Deadline())

    assert "PRIVATE KEY" not in repr(access._credentials)


RSA = rsa.generate_private_key(65_537, 2_048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("changed", "failure"),
    [
        ({"clientCertificate": "no PEM"}, "client_certificate: "),
        ({"clientKey": "no PEM"}, "client_certificate: "),
        ({"clientKey": pem_of(ec.generate_private_key(ec.SECP256R1()))}, "client_certificate: KEY_VALUES_MISMATCH"),
        ({"clientKey": pem_of(ec.generate_private_key(ec.SECP256R1()), "password")}, "client_certificate: "),
        ({"serverCa": "no PEM"}, "client_certificate: "),
        ({"signingKey": "no PEM"}, "d1_signing_key: "),
        ({"signingKey": RSA}, "d1_signing_key: "),
        ({"signingKey": pem_of(ec.generate_private_key(ec.SECP256R1()), "password")}, "d1_signing_key: "),
        ({"clientKey": ""}, "d1_credentials: clientKey"),
    ],
)
def test_credentials_that_cannot_be_used_are_named(d1: D1, bank: Bank, changed: dict[str, str], failure: str) -> None:
    """Which part of the secret is wrong is told, and nothing of what is in it. Nobody is asked for a password."""
    with pytest.raises(DependencyFailed) as caught:
        api(d1.url, bank.secret(**changed)).production_status(CARD, "c", Deadline())

    assert str(caught.value).startswith(failure)
    assert "PEM" not in str(caught.value)


@pytest.mark.parametrize("secret", ["", "no JSON", "[]", '{"clientCertificate": "SECRET"}', '{"clientKey": 5}'])
def test_a_secret_of_another_form_is_named(secret: str) -> None:
    """What is missing in it is told, and no value of it."""
    with pytest.raises(DependencyFailed, match=r"^d1_credentials: ") as caught:
        api("https://127.0.0.1:1", secret).production_status(CARD, "c", Deadline())
    assert "SECRET" not in str(caught.value)
