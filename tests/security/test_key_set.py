"""The keys of a provider: fetched over TLS within bounds, remembered, and kept while the provider is down."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from card_tracking.adapters.https import Bounds
from card_tracking.adapters.key_set import KeySet
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyFailed
from receive_notification.provider_tokens import PublicKey, read_keys
from tests.security.certificates import Authority
from tests.security.conftest import World
from tests.security.identity_provider import EC_KEY, RSA_KEY, KeyServer, key_server, key_set, published

DEADLINE = Deadline()
MINUTE = 60
HOUR = 3_600
LARGEST = 262_144
"""Bytes of a key set, as docs/operations.md has it: 256 KB."""
NEW = key_set(published(EC_KEY, "ec"))


@pytest.fixture
def provider(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    """Run a provider whose certificate is trusted, as a public one is."""
    monkeypatch.setenv("SSL_CERT_FILE", str(world.bank.certificate))
    with key_server(world.bank.server()) as server:
        yield server


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give a clock that the test moves."""
    moment = [1_000.0]
    monkeypatch.setattr("card_tracking.adapters.key_set.time.monotonic", lambda: moment[0])
    return moment


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr("card_tracking.adapters.retries.FIRST_PAUSE_SECONDS", 0.0)


def names(keys: KeySet[PublicKey], *, unknown: bool = False) -> list[str | None]:
    """Name the keys."""
    return [key.key_id for key in keys.keys(DEADLINE, unknown=unknown)]


def of(provider: KeyServer) -> KeySet[PublicKey]:
    """Reach a provider."""
    return KeySet(provider.url, read_keys)


def failure(keys: KeySet[PublicKey], *, unknown: bool = False, deadline: Deadline = DEADLINE) -> str:
    """See it fail; answer the code of the failure."""
    with pytest.raises(DependencyFailed) as raised:
        keys.keys(deadline, unknown=unknown)
    return raised.value.code


def test_keys_are_fetched_once(provider: KeyServer, clock: list[float]) -> None:
    """They are remembered for five minutes, and then looked at anew, so that a key that was taken back ends."""
    keys = of(provider)

    assert names(keys) == ["rsa"]
    provider.answers(NEW)
    clock[0] += 5 * MINUTE - 1
    assert names(keys) == ["rsa"]
    assert len(provider.asked) == 1
    clock[0] += 2
    assert names(keys) == ["ec"]


def test_chunks_are_read_too(provider: KeyServer) -> None:
    """A provider need not say how long its answer is."""
    body = key_set(published(RSA_KEY, "rsa"))
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    provider.answers(chunks, headers={"Content-Length": "", "Transfer-Encoding": "chunked"})

    assert names(of(provider)) == ["rsa"]


def test_strangers_do_not_make_us_look(provider: KeyServer, clock: list[float]) -> None:
    """A key that is not known is looked for, but not at each try of somebody who guesses."""
    keys = of(provider)
    names(keys)
    provider.answers(NEW)

    clock[0] += 4.5
    assert names(keys, unknown=True) == ["rsa"]
    clock[0] += 1
    assert names(keys, unknown=True) == ["ec"]
    for _ in range(10):
        names(keys, unknown=True)
    assert len(provider.asked) == 2


def test_a_provider_that_is_down_at_first(provider: KeyServer, clock: list[float]) -> None:
    """Nothing can be said of any token: that is a failure, tried again at once, and then every few seconds."""
    provider.answers(b"", 503)
    keys = of(provider)

    assert failure(keys) == "503"
    assert len(provider.asked) == 2
    clock[0] += 4.5
    assert failure(keys) == failure(keys, unknown=True) == "503"
    assert len(provider.asked) == 2
    provider.answers(NEW)
    clock[0] += 1
    assert names(keys) == ["ec"]


def test_a_provider_that_is_down_later(provider: KeyServer, clock: list[float]) -> None:
    """The keys that are known serve for an hour; of another one nobody can say that it does not exist."""
    keys = of(provider)
    names(keys)
    provider.answers(b"", 503)
    clock[0] += 6 * MINUTE

    assert names(keys) == ["rsa"]
    assert failure(keys, unknown=True) == "503"
    clock[0] += HOUR - 6 * MINUTE - 1
    assert names(keys) == ["rsa"]
    clock[0] += 2
    assert failure(keys) == "503"
    provider.answers(NEW)
    clock[0] += 6
    assert names(keys) == ["ec"]


def test_nobody_there() -> None:
    """A connection that cannot be made is a failure like any other."""
    assert failure(KeySet("https://127.0.0.1:1/keys", read_keys)) == "NewConnectionError"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<html>Sign in</html>", 200, "Unreadable"),
        (b'{"keys": []}', 200, "Unreadable"),
        (b"[" * 100_000, 200, "Unreadable"),
        (b" " * (LARGEST + 1), 200, "AnswerTooLarge"),
        (b" " * LARGEST, 200, "Unreadable"),
        (b"", 404, "404"),
        (b"", 204, "204"),
    ],
    ids=["a page", "empty", "nested", "huge", "large", "not found", "no content"],
)
def test_rubbish_takes_no_place(
    provider: KeyServer, clock: list[float], content: bytes, status: int, code: str
) -> None:
    """What is no key set is a failure, asked for once; it does not take the place of the keys that are known."""
    keys = of(provider)
    names(keys)
    provider.answers(content, status)
    clock[0] += 6 * MINUTE

    assert names(keys) == ["rsa"]
    assert len(provider.asked) == 2
    assert failure(keys, unknown=True) == code


def test_a_packed_answer_is_not_unpacked(provider: KeyServer) -> None:
    """A few bytes can stand for gigabytes."""
    provider.answers(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})

    assert failure(of(provider)) == "Unreadable"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_sends_us_elsewhere(provider: KeyServer, world: World, status: int) -> None:
    """A redirect is not followed, not even to somebody with a good certificate."""
    with key_server(world.bank.server()) as elsewhere:
        provider.answers(b"", status, {"Location": elsewhere.url})

        assert failure(of(provider)) == str(status)
        assert elsewhere.asked == []


def test_a_provider_of_another_name_is_nobody(provider: KeyServer, tmp_path: Path) -> None:
    """The certificate has to be of a CA that is trusted, and for the address."""
    with key_server(Authority(tmp_path, "unknown").server()) as forged:
        assert failure(of(forged)) == "CERTIFICATE_VERIFY_FAILED"
        assert forged.asked == []
    assert failure(KeySet(provider.url.replace("127.0.0.1", "localhost"), read_keys)) == "CERTIFICATE_VERIFY_FAILED"


def test_a_slow_provider_is_given_up(provider: KeyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that trickles in is given up, although no single drop is late."""
    monkeypatch.setattr("card_tracking.adapters.key_set.BOUNDS", Bounds(0.2, 0.2, LARGEST))
    provider.answers(key_set(published(RSA_KEY, "rsa")), pause=0.15)

    assert failure(of(provider)) == "ReadTimeoutError"


def test_nothing_is_begun_that_cannot_end(provider: KeyServer) -> None:
    """A look takes 1.9 s at most: with less time left for the response to D1, the provider is not asked."""
    reserve = 2_000
    assert failure(of(provider), deadline=Deadline(lambda: reserve + 1_899)) == "OutOfTime"
    assert provider.asked == []
    assert of(provider).keys(Deadline(lambda: reserve + 1_901))


@pytest.mark.parametrize("url", ["http://127.0.0.1/keys", "file:///etc/passwd", "ftp://127.0.0.1/keys", ""])
def test_only_https(url: str) -> None:
    """Keys that could be changed on their way are no keys."""
    with pytest.raises(ValueError, match="https"):
        KeySet(url, read_keys)
