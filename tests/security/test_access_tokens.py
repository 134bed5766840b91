"""Access tokens: short-lived, for one issuer, by our keys alone; and keys that can be changed without a gap."""

import json
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Final

import jwt
import pytest

from access_tokens import ALGORITHM, LIFETIME_SECONDS, MAX_TOKEN_CHARACTERS, check_token, sign_token
from card_tracking.adapters.secret import Secret
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyBusy, DependencyFailed
from issue_token.credentials import is_known

ISSUER: Final = "BANK000001"
KEY, OLD_KEY, STRANGE_KEY = "k" * 64, "o" * 64, "s" * 64


class Versions(Secret):
    """A secret whose versions the test says: those that were read, and those that are there by now."""

    def __init__(self, read: Sequence[str], now: Sequence[str] | None = None) -> None:
        self._read_before, self._now = read, now or read

    def versions(self, deadline: Deadline, *, unknown: bool = False) -> Sequence[str]:
        """Answer without a look."""
        return self._now if unknown else self._read_before


def valid(token: str, *keys: str, now: Sequence[str] | None = None) -> bool:
    """Check a token against keys."""
    return check_token(Versions(keys or [KEY], now), ISSUER, Deadline(), token)


def forged(claims: dict[str, Any] | None = None, key: str = KEY, algorithm: str = ALGORITHM, **header: Any) -> str:
    """Write a token that differs from ours in something."""
    ours = sign_token([KEY], ISSUER, "d1")
    kid = jwt.get_unverified_header(ours)["kid"]
    content = jwt.decode(ours, options={"verify_signature": False}) | (claims or {})
    content = {name: value for name, value in content.items() if value is not None}
    return jwt.encode(content, key, algorithm=algorithm, headers={"kid": kid} | header)


def test_our_own_is_valid() -> None:
    """A token is taken by whoever has its key."""
    assert valid(sign_token([KEY], ISSUER, "d1"))


def test_it_is_short_lived() -> None:
    """It expires after a quarter of an hour."""
    claims = jwt.decode(sign_token([KEY], ISSUER, "d1"), options={"verify_signature": False})

    assert claims["exp"] - claims["iat"] == LIFETIME_SECONDS == 900


@pytest.mark.parametrize(
    "token",
    [
        "",
        "abc",
        "a.b.c",
        "é" * 10,
        "a" * (MAX_TOKEN_CHARACTERS + 1),
        forged({"exp": int(time.time()) - 1}),
        forged({"exp": None}),
        forged({"exp": "soon"}),
        forged({"iat": int(time.time()) + 3600}),
        forged({"sub": None}),
        forged({"aud": None}),
        forged({"aud": "card-tracking/BANK000002"}),
        forged({"iss": "somebody"}),
        forged(key=STRANGE_KEY),
        forged(key="", algorithm="none"),
        forged(algorithm="HS384"),
        forged(kid="unknown"),
        sign_token([STRANGE_KEY], ISSUER, "d1"),
        sign_token([KEY], "BANK000002", "d1"),
        sign_token([KEY], ISSUER, "d1")[:-2],
    ],
)
def test_nothing_else_is(token: str) -> None:
    """Expired, unsigned, signed by others or otherwise, for others, incomplete or no token at all: none is taken."""
    assert not valid(token)


@pytest.mark.parametrize("ahead", [1, 2, 29])
def test_the_issuer_s_clock_may_be_half_a_minute_ahead(ahead: int) -> None:
    """A token whose issue lies up to 30 s in the future is valid: two functions never have quite the same time."""
    assert valid(forged({"iat": int(time.time()) + ahead}))


def test_a_token_issued_40_seconds_ahead_is_refused() -> None:
    """A token that was issued more than 30 s ahead of our clock is refused."""
    assert not valid(forged({"iat": int(time.time()) + 40}))


@pytest.mark.parametrize(("age", "taken"), [(0, True), (890, True), (900, False), (905, False), (925, False)])
def test_a_token_is_refused_15_minutes_after_its_issue(age: int, taken: bool) -> None:
    """A token ends 15 minutes after its issue, whatever end it names; the leeway makes it live no longer."""
    now = int(time.time())

    assert valid(forged({"iat": now - age, "exp": now + 3600})) is taken


def test_the_leeway_makes_no_token_live_longer() -> None:
    """A token is refused once its own end has come."""
    assert not valid(forged({"exp": int(time.time())}))


def test_a_token_of_the_key_before_is_valid() -> None:
    """After a rotation tokens that are under way do not fall out of use."""
    assert valid(sign_token([OLD_KEY], ISSUER, "d1"), KEY, OLD_KEY)


def test_the_current_key_signs() -> None:
    """New tokens are not signed with the key that is about to go."""
    assert not valid(sign_token([KEY, OLD_KEY], ISSUER, "d1"), OLD_KEY)


def test_a_key_that_was_made_a_moment_ago_is_found() -> None:
    """Whoever issues tokens may have the new key before whoever checks them: the secret is looked at again."""
    assert valid(sign_token([KEY], ISSUER, "d1"), OLD_KEY, now=[KEY, OLD_KEY])


@pytest.mark.parametrize(
    ("client_id", "secret", "known"),
    [
        ("d1", "new", True),
        ("d1", "old", True),
        ("d1", "older", False),
        ("d1", "", False),
        ("", "", False),
        ("d2", "new", False),
        ("d1", "new ", False),
        ("é", "ü", False),
    ],
)
def test_two_credentials_are_valid_at_a_time(client_id: str, secret: str, known: bool) -> None:
    """D1 may go on with its old secret until it has taken over the new one; nothing else is taken."""
    current, previous = (json.dumps({"clientId": "d1", "clientSecret": one}) for one in ("new", "old"))

    assert is_known(client_id, secret, [current, previous]) is known


def test_credentials_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every part of every valid version is compared, by a comparison whose time says nothing, whatever is right."""
    compared: list[tuple[bytes, bytes]] = []

    def compare_digest(ours: bytes, theirs: bytes) -> bool:
        compared.append((ours, theirs))
        return ours == theirs

    monkeypatch.setattr("issue_token.credentials.hmac", SimpleNamespace(compare_digest=compare_digest))
    valid = [json.dumps({"clientId": "d1", "clientSecret": secret}) for secret in ("new", "old")]
    for client_id, secret in (("d1", "new"), ("d1", "old"), ("x", "new"), ("x", "y")):
        compared.clear()
        is_known(client_id, secret, valid)
        assert compared == [
            (client_id.encode(), b"d1"),
            (secret.encode(), b"new"),
            (client_id.encode(), b"d1"),
            (secret.encode(), b"old"),
        ]


class SecretsManager:
    """Answers as Secrets Manager does, and counts how often it is asked."""

    def __init__(self, **versions: str) -> None:
        self.versions = versions
        self.errors: dict[str, Exception] = {}
        """What to raise once for a version."""
        self.asked = 0

    def get_secret_value(self, SecretId: str, VersionStage: str) -> dict[str, str]:  # noqa: N803  # as AWS names them
        """Answer one version."""
        self.asked += 1
        if VersionStage in self.errors:
            raise self.errors.pop(VersionStage)
        if VersionStage not in self.versions:
            raise DependencyFailed("GetSecretValue", "ResourceNotFoundException")
        return {"SecretString": self.versions[VersionStage]}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give a clock that the test sets."""
    now = [1000.0]
    monkeypatch.setattr("card_tracking.adapters.secret.time.monotonic", lambda: now[0])
    return now


def secret_of(manager: SecretsManager) -> Secret:
    """Make a secret that is kept there."""
    make: Any = lambda: manager  # noqa: E731  # typed for what it stands for
    return Secret(make, "arn")


def test_the_current_version_comes_first() -> None:
    """Both versions are answered, the one to sign with first; one that was never rotated has no other."""
    deadline = Deadline()

    assert secret_of(SecretsManager(AWSCURRENT="new", AWSPREVIOUS="old")).versions(deadline) == ["new", "old"]
    assert secret_of(SecretsManager(AWSCURRENT="new")).versions(deadline) == ["new"]


def test_a_secret_that_cannot_be_read_is_no_empty_one() -> None:
    """Without a current version nothing is valid, and it is our failure, not the caller's."""
    with pytest.raises(DependencyFailed):
        secret_of(SecretsManager(AWSPREVIOUS="old")).versions(Deadline())


def test_a_previous_version_that_cannot_be_read_is_not_left_out() -> None:
    """Only a version that does not exist is left out: with any other error, valid credentials would be refused."""
    manager = SecretsManager(AWSCURRENT="new", AWSPREVIOUS="old")
    manager.errors["AWSPREVIOUS"] = DependencyFailed("GetSecretValue", "AccessDeniedException")

    with pytest.raises(DependencyFailed, match="AccessDeniedException"):
        secret_of(manager).versions(Deadline())


def test_a_busy_secrets_manager_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry starts anew, so that no version is there twice."""
    monkeypatch.setattr("card_tracking.adapters.retries.FIRST_PAUSE_SECONDS", 0.0)
    manager = SecretsManager(AWSCURRENT="new", AWSPREVIOUS="old")
    manager.errors["AWSPREVIOUS"] = DependencyBusy("GetSecretValue", "ThrottlingException")

    assert secret_of(manager).versions(Deadline()) == ["new", "old"]


def test_it_is_not_read_for_every_request(clock: list[float]) -> None:
    """It is remembered for a minute, and then read anew, so that what was taken back ends."""
    manager = SecretsManager(AWSCURRENT="old")
    secret, deadline = secret_of(manager), Deadline()
    secret.versions(deadline)
    asked = manager.asked
    manager.versions["AWSCURRENT"] = "new"

    clock[0] += 59
    assert secret.versions(deadline) == ["old"]
    assert manager.asked == asked
    clock[0] += 2
    assert secret.versions(deadline) == ["new"]


def test_strangers_do_not_make_us_look(clock: list[float]) -> None:
    """One that is not known is looked for at once, but not at each try of somebody who guesses."""
    manager = SecretsManager(AWSCURRENT="old")
    secret, deadline = secret_of(manager), Deadline()
    secret.versions(deadline)
    manager.versions["AWSCURRENT"] = "new"

    clock[0] += 4.5
    assert secret.versions(deadline, unknown=True) == ["old"]
    clock[0] += 1
    assert secret.versions(deadline, unknown=True) == ["new"]
    asked = manager.asked
    for _ in range(10):
        secret.versions(deadline, unknown=True)
    assert manager.asked == asked


def test_token_without_the_name_of_its_key_is_refused() -> None:
    """A token names its key; one that names none is not tried with any."""
    content = jwt.decode(forged(), options={"verify_signature": False})

    assert not valid(jwt.encode(content, KEY, algorithm=ALGORITHM))


@pytest.mark.parametrize(("length", "expected"), [(4_096, True), (4_097, False)])
def test_token_is_bounded(length: int, expected: bool) -> None:
    """A token of 4,096 characters is read, and a longer one is not."""
    # Three bytes are four characters, so lengths leave gaps of one; a member of the header shifts them.
    tokens = (forged({"padding": "x" * more}, x="y" * some) for more in range(2_700, 2_900) for some in (1, 2, 3))
    token = next(one for one in tokens if len(one) == length)

    assert valid(token) is expected
