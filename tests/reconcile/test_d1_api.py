"""D1 is asked as its documentation says, by mutual TLS, and whatever it answers is bounded and translated once."""

import json
import ssl
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from card_tracking.adapters import d1_access, https
from card_tracking.adapters.d1_access import D1Access, D1Client
from card_tracking.adapters.d1_api import D1Api
from card_tracking.adapters.secret import Secret
from card_tracking.deadline import RESERVE_SECONDS, Deadline
from card_tracking.errors import DependencyBusy, DependencyFailed, OutOfTime
from tests.d1.server import Server, Told, serving
from tests.reconcile.d1_on_demand import D1, KEY_ID, TOKEN_PATH, Bank, pem_of
from tests.samples import CARD, operation
from tests.security.certificates import Authority


class Known(Secret):
    """A secret whose value the test says."""

    def __init__(self, value: str) -> None:
        self.value = value

    def versions(self, deadline: Deadline, *, unknown: bool = False) -> Sequence[str]:
        """Answer without a look."""
        return [self.value]


def api(url: str, secret: str | Secret) -> D1Api:
    """Reach D1 with a secret."""
    client = D1Client("BANK000001", KEY_ID, url + TOKEN_PATH, url)
    return D1Api(D1Access(client, secret if isinstance(secret, Secret) else Known(secret)), url, "BANK000001")


def ask(d1: D1, bank: Bank, card_id: str = CARD) -> str | None:
    """Ask about one card."""
    return api(d1.url, bank.secret()).production_status(card_id, "correlation-1", Deadline())


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


@pytest.mark.parametrize(
    "told",
    [
        Told(200, "no JSON"),
        Told(200, "{}"),
        Told(200, '{"access_token": 5}'),
        Told(200, '{"access_token": "a\\r\\nx: y"}'),
        Told(200, '{"access_token": "", "expires_in": 900}'),
        Told(200, '{"access_token": "SECRET", "expires_in": "soon"}'),
        Told(400, '{"error": "invalid_grant", "error_description": "SECRET"}'),
    ],
)
def test_no_token_is_told(bank: Bank, told: Told, thales: Authority) -> None:
    """Where D1 gives none that can be used, that is the failure, and nothing of its answer is repeated."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bank.server_ca.server().pem)
    with serving(lambda _: told, context) as server, pytest.raises(DependencyFailed, match=r"^d1_token: ") as caught:
        api(server.url, bank.secret()).production_status(CARD, "c", Deadline())
    assert "SECRET" not in str(caught.value)
    assert [call.path for call in server.calls] == [TOKEN_PATH]


@pytest.mark.parametrize(("status", "busy"), [(400, False), (403, False), (302, False), (204, False), (408, True)])
def test_answers_that_are_none(d1: D1, bank: Bank, status: int, busy: bool) -> None:
    """Of any other status than 200 and 404 nothing is read; no redirect is followed."""
    d1.faults = [Told(status, headers={"Location": d1.url + "/elsewhere"})]

    with pytest.raises(DependencyFailed, match=f"production_status: {status}") as caught:
        ask(d1, bank)

    assert isinstance(caught.value, DependencyBusy) is busy
    assert d1.asked == [CARD]


@pytest.mark.parametrize(
    ("header", "at_least", "at_most"),
    [
        ({}, 0, 0),
        ({"Retry-After": "7"}, 7, 7),
        ({"Retry-After": formatdate(time.time() + 3_600, usegmt=True)}, 3_000, 3_600),
        ({"Retry-After": "soon"}, 0, 0),
        ({"Retry-After": "9" * 5_000}, 0, 0),
        ({"Retry-After": "-5"}, 0, 0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_how_long_d1_asks_to_be_left_alone(
    d1: D1, bank: Bank, status: int, header: dict[str, str], at_least: float, at_most: float
) -> None:
    """Both forms of Retry-After are read; any other says nothing."""
    d1.faults = [Told(status, headers=header)]

    with pytest.raises(DependencyBusy) as caught:
        ask(d1, bank)

    assert at_least <= caught.value.retry_after_seconds <= at_most


def test_an_answer_without_end(d1: D1, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up where it is longer than any answer about a card."""
    monkeypatch.setattr(d1_access, "BOUNDS", replace(d1_access.BOUNDS, most_bytes=1_000))
    d1.faults = [Told(200, "x" * 1_001), Told(200, "x" * 1_000)]

    with pytest.raises(DependencyFailed, match="AnswerTooLarge") as caught:
        ask(d1, bank)

    assert not isinstance(caught.value, DependencyBusy)
    assert ask(d1, bank) == "x" * 1_000


def test_what_is_left_of_an_answer(d1: D1, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of one that was given up is not the beginning of the next."""
    monkeypatch.setattr(d1_access, "BOUNDS", replace(d1_access.BOUNDS, most_bytes=1_000))
    asking = api(d1.url, bank.secret())
    d1.cards[CARD] = [operation()]
    d1.faults = [Told(200, "x" * 1_000_000)]
    with pytest.raises(DependencyFailed, match="AnswerTooLarge"):
        asking.production_status(CARD, "c", Deadline())

    assert json.loads(asking.production_status(CARD, "c", Deadline()) or "") == {"operations": [operation()]}


def test_nothing_is_unpacked(d1: D1, bank: Bank) -> None:
    """A packed answer, which nobody asked for, is bounded as it comes: what it would unpack to never is there."""
    d1.faults = [Told(200, "packed", headers={"Content-Encoding": "gzip"})]

    assert ask(d1, bank) == "packed"


def test_a_slow_answer(d1: D1, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up, may be asked for again, and never arrives as the answer to the next question."""
    monkeypatch.setattr(d1_access, "BOUNDS", replace(d1_access.BOUNDS, read_seconds=1.0))
    d1.cards[CARD] = [operation()]
    late = threading.Event()
    asking = api(d1.url, bank.secret())
    d1.faults = [Told(200, "late", wait=late)]

    with pytest.raises(DependencyBusy, match="ReadTimeoutError"):
        asking.production_status(CARD, "c", Deadline())
    late.set()

    assert "late" not in str(asking.production_status(CARD, "c", Deadline()))


def test_an_answer_drop_by_drop(d1: D1, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up as well, although no single drop is late."""
    monkeypatch.setattr(d1_access, "BOUNDS", replace(d1_access.BOUNDS, connect_seconds=1.0, read_seconds=1.0))
    d1.faults = [Told(200, "x" * 1_000, drip=0.05)]

    with pytest.raises(DependencyBusy, match="AnswerTooSlow"):
        ask(d1, bank)


def test_a_connection_that_ends(d1: D1, bank: Bank) -> None:
    """It may be asked again."""
    d1.faults = [Told(hang_up=True)]

    with pytest.raises(DependencyBusy):
        ask(d1, bank)


def test_nobody_there(bank: Bank) -> None:
    """It may be asked again."""
    with serving(lambda _: Told()) as gone:
        address = gone.url.replace("http:", "https:")

    with pytest.raises(DependencyBusy, match="d1_token: NewConnectionError"):
        api(address, bank.secret()).production_status(CARD, "c", Deadline())


def test_connections_are_kept(running: tuple[D1, Server], bank: Bank) -> None:
    """A handshake for each card would cost more than all else."""
    d1, server = running
    asking = api(d1.url, bank.secret())

    for _ in range(3):
        asking.production_status(CARD, "c", Deadline())

    assert len({call.port for call in server.calls}) == 1


def test_nothing_is_begun_that_cannot_end(running: tuple[D1, Server], bank: Bank) -> None:
    """With less time than an exchange may take, none is begun."""
    d1, server = running
    left = int((RESERVE_SECONDS + d1_access.BOUNDS.exchange_seconds) * 1000) - 1

    with pytest.raises(OutOfTime):
        api(d1.url, bank.secret()).production_status(CARD, "c", Deadline(lambda: left))

    assert server.calls == []
