"""Whatever D1 answers is bounded and translated once."""

import json
import ssl
import threading
import time
from dataclasses import replace
from email.utils import formatdate
from types import SimpleNamespace

import pytest

from card_tracking.adapters import d1_access
from card_tracking.adapters.d1_access import D1Access, D1Client
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyBusy, DependencyFailed, OutOfTime
from tests.d1.server import Server, Told, serving
from tests.reconcile.asking import Known, api, ask
from tests.reconcile.d1_on_demand import D1, KEY_ID, TOKEN_PATH, Bank
from tests.samples import CARD, operation
from tests.security.certificates import Authority


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


@pytest.mark.parametrize(
    ("status", "busy"),
    [(400, False), (403, False), (410, False), (302, False), (201, False), (204, False), (408, True), (500, True)],
)
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


def test_an_answer_without_end(d1: D1, bank: Bank) -> None:
    """It is given up where it is longer than any answer about a card: a million bytes."""
    d1.faults = [Told(200, "x" * 1_000_001), Told(200, "x" * 1_000_000)]

    with pytest.raises(DependencyFailed, match="AnswerTooLarge") as caught:
        ask(d1, bank)

    assert not isinstance(caught.value, DependencyBusy)
    assert ask(d1, bank) == "x" * 1_000_000


def test_what_is_left_of_an_answer(d1: D1, bank: Bank) -> None:
    """The rest of one that was given up is not the beginning of the next."""
    asking = api(d1.url, bank.secret())
    d1.cards[CARD] = [operation()]
    d1.faults = [Told(200, "x" * 3_000_000)]
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

    with pytest.raises(DependencyBusy, match="ReadTimeoutError"):
        ask(d1, bank)


def test_headers_drop_by_drop_are_given_up(d1: D1, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exchange ends in time although no single byte of the headers is late."""
    monkeypatch.setattr(d1_access, "BOUNDS", replace(d1_access.BOUNDS, connect_seconds=1.0, read_seconds=1.0))
    asking = api(d1.url, bank.secret())
    asking.production_status(CARD, "c", Deadline())
    d1.faults = [Told(200, "{}", drip_head=0.3)]
    started = time.monotonic()

    with pytest.raises(DependencyBusy, match="production_status: ReadTimeoutError"):
        asking.production_status(CARD, "c", Deadline())

    assert time.monotonic() - started < 2 + 3


@pytest.mark.parametrize(("seconds", "in_time"), [(8.5, True), (9.5, False)])
def test_an_exchange_takes_nine_seconds_at_most(
    d1: D1, bank: Bank, monkeypatch: pytest.MonkeyPatch, seconds: float, in_time: bool
) -> None:
    """An answer that is there only after nine seconds is not read."""
    clock = [1_000.0]
    monkeypatch.setattr("card_tracking.adapters.https.time", SimpleNamespace(monotonic=lambda: clock[0]))
    asking = api(d1.url, bank.secret())
    asking.production_status(CARD, "c", Deadline())

    class Later(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            """Let time pass while D1 thinks."""
            clock[0] += seconds
            return True

    d1.faults = [Told(200, "{}", wait=Later())]

    if in_time:
        assert asking.production_status(CARD, "c", Deadline()) == "{}"
    else:
        with pytest.raises(DependencyBusy, match="production_status: ReadTimeoutError"):
            asking.production_status(CARD, "c", Deadline())


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


@pytest.mark.parametrize("address", ["https://[", f"https://{'d' * 64}.test"])
def test_an_address_that_is_none(bank: Bank, address: str) -> None:
    """It is not tried again: only another parameter helps. What is told of it is no part of it."""
    with pytest.raises(DependencyFailed, match=r"^d1_token: LocationParseError$") as caught:
        api(address, bank.secret()).production_status(CARD, "c", Deadline())

    assert not isinstance(caught.value, DependencyBusy)


def test_connections_are_kept(running: tuple[D1, Server], bank: Bank) -> None:
    """A handshake for each card would cost more than all else."""
    d1, server = running
    asking = api(d1.url, bank.secret())

    for _ in range(3):
        asking.production_status(CARD, "c", Deadline())

    assert len({call.port for call in server.calls}) == 1


def test_nothing_is_begun_that_cannot_end(running: tuple[D1, Server], bank: Bank) -> None:
    """With less than the nine seconds that an exchange may take, beside the reserve of two, none is begun."""
    d1, server = running

    with pytest.raises(OutOfTime):
        api(d1.url, bank.secret()).production_status(CARD, "c", Deadline(lambda: 10_999))

    assert server.calls == []
    assert api(d1.url, bank.secret()).production_status(CARD, "c", Deadline(lambda: 11_001)) is None


def test_how_long_a_connection_may_take(bank: Bank) -> None:
    """Three seconds to connect, and six from one byte to the next."""
    access = D1Access(D1Client("BANK000001", KEY_ID, "https://d1", "https://d1"), Known(bank.secret()))
    timeout = access.https(Deadline())._make_pool().connection_pool_kw["timeout"]

    assert (timeout.connect_timeout, timeout.read_timeout) == (3, 6)
