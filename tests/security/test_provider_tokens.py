"""Tokens of an identity provider: D1's are taken, and no forgery, no stranger's and no other client's."""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from card_tracking.adapters.key_set import KeySet
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyFailed
from receive_notification.provider_tokens import (
    MAX_TOKEN_CHARACTERS,
    PublicKey,
    check_provider_token,
    read_keys,
)
from tests.security.identity_provider import (
    EC_KEY,
    ED_KEY,
    PROVIDER,
    RSA_KEY,
    STRANGE_KEY,
    Json,
    by_hand,
    claims,
    key_set,
    public_pem,
    published,
    signed,
    token,
)

ALL: Final = key_set(published(RSA_KEY, "rsa"), published(EC_KEY, "ec"), published(ED_KEY, "ed"))
WEAK_KEY: Final = rsa.generate_private_key(65537, 1024)  # noqa: S505  # that is the point
OTHER_CURVE: Final = ec.generate_private_key(ec.SECP384R1())
SECRET: Final = "s" * 64
A_DAY: Final = 86_400
"""Longer than all tests take: these tokens are made when they are collected."""


class Published(KeySet[PublicKey]):
    """A key set that needs no look."""

    def __init__(self, content: bytes, now: bytes | None = None) -> None:
        self._before, self._now = read_keys(content), read_keys(now or content)

    def keys(self, deadline: Deadline, *, unknown: bool = False) -> Sequence[PublicKey]:
        """Answer what was read, or what is there by now."""
        return self._now if unknown else self._before


def taken(token: str, content: bytes = ALL, now: bytes | None = None) -> bool:
    """Check a token against a key set."""
    return check_provider_token(PROVIDER, Published(content, now), Deadline(), token)


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"),
    [(RSA_KEY, "RS256", "rsa"), (RSA_KEY, "PS256", "rsa"), (EC_KEY, "ES256", "ec"), (ED_KEY, "EdDSA", "ed")],
)
def test_d1_is_let_in(key: Any, algorithm: str, kid: str) -> None:
    """A token that the provider made for D1 and this stack is taken, with each algorithm that is allowed."""
    assert taken(token(key, algorithm, kid))


def test_one_audience_among_others_is_enough() -> None:
    """A provider may name several audiences."""
    assert taken(token(aud=["https://elsewhere", PROVIDER.audience]))


def test_clocks_differ_a_little() -> None:
    """A token that expired, or begins, within half a minute of our clock is taken."""
    now = int(time.time())

    assert taken(token(exp=now - 20))
    assert taken(token(nbf=now + 29, iat=now + 29))
    assert not taken(token(iat=now + 40))


def hmac_with_public_key() -> str:
    """Sign with what everybody can have, and say that it is a shared secret."""
    header = {"alg": "HS256", "typ": "JWT", "kid": "rsa"}
    return by_hand(header, claims(), lambda text: hmac.digest(public_pem(RSA_KEY), text, hashlib.sha256))


def changed_after_signing() -> str:
    """Put other claims between header and signature."""
    header, _, signature = token(client_id="somebody").split(".")
    _, content, _ = token().split(".")
    return f"{header}.{content}.{signature}"


FORGERIES: Final = {
    "nothing": "",
    "no token": "abc",
    "rubbish": "a.b.c",
    "not ascii": "é.é.é",
    "too long": token(groups="g" * MAX_TOKEN_CHARACTERS),
    "alg none": by_hand({"alg": "none", "kid": "rsa"}, claims(), lambda _: b""),
    "alg None": by_hand({"alg": "None", "kid": "rsa"}, claims(), lambda _: b""),
    "alg missing": by_hand({"kid": "rsa"}, claims(), lambda _: b""),
    "alg a list": by_hand({"alg": ["RS256"], "kid": "rsa"}, claims(), lambda _: b""),
    "HS256 with the public key": hmac_with_public_key(),
    "HS256 with a secret": token(SECRET, "HS256"),
    "RS384, which is not allowed": token(RSA_KEY, "RS384"),
    "ES256 under the name of an RSA key": token(EC_KEY, "ES256", "rsa"),
    "RS256 under the name of a curve's key": token(RSA_KEY, "RS256", "ec"),
    "a stranger's key under a known name": token(STRANGE_KEY),
    "a stranger's key in the header": signed(
        claims(), STRANGE_KEY, "RS256", {"kid": "rsa", "jwk": published(STRANGE_KEY, "rsa")}
    ),
    "a stranger's address of keys": signed(
        claims(), STRANGE_KEY, "RS256", {"kid": "new", "jku": "https://stranger.example/keys"}
    ),
    "an extension that has to be understood": signed(
        claims(), RSA_KEY, "RS256", {"kid": "rsa", "crit": ["bank"], "bank": 1}
    ),
    "unknown key": token(kid="unknown"),
    "no key named, of several": token(kid=None),
    "key named by a number": by_hand({"alg": "RS256", "kid": 1}, claims(), lambda _: b"x"),
    "changed after signing": changed_after_signing(),
    "without signature": token().rpartition(".")[0] + ".",
    "cut": token()[:-8],
    "other issuer": token(iss="https://login.other.example"),
    "issuer with a slash more": token(iss=f"{PROVIDER.issuer}/"),
    "issuers": token(iss=[PROVIDER.issuer]),
    "no issuer": token(iss=None),
    "other audience": token(aud="api://payments"),
    "no audience": token(aud=None),
    "expired": token(exp=int(time.time()) - 35),
    "no expiry": token(exp=None),
    "expiry that is no number": token(exp="soon"),
    "not yet valid": token(nbf=int(time.time()) + A_DAY),
    "issued in the future": token(iat=int(time.time()) + A_DAY),
    "another client of the provider": token(client_id="payments-app"),
    "no client": token(client_id=None),
    "clients": token(client_id=[PROVIDER.client_id]),
    "D1's name in another claim": token(client_id=None, azp=PROVIDER.client_id),
    "D1 as the subject alone": token(client_id="payments-app", sub=PROVIDER.client_id),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_nobody_else_is(forgery: str) -> None:
    """Forged, changed, for others, of others, too early, too late, incomplete or no token at all: none is taken."""
    assert not taken(FORGERIES[forgery])


def test_the_only_key_needs_no_name() -> None:
    """A provider with one key may leave its name out of key and token."""
    assert taken(token(kid=None), key_set(published(RSA_KEY, None)))
    assert taken(token(kid=None), key_set(published(RSA_KEY, "rsa")))
    assert not taken(token(STRANGE_KEY, kid=None), key_set(published(RSA_KEY, None)))


def test_a_named_key_has_to_have_that_name() -> None:
    """A token that names a key is not tried with one that has no name."""
    assert not taken(token(), key_set(published(RSA_KEY, None)))


def test_a_key_of_a_moment_ago_is_found() -> None:
    """The provider signs with a new key before we have looked: the set is looked at again."""
    assert taken(token(EC_KEY, "ES256", "ec"), key_set(published(RSA_KEY, "rsa")), now=ALL)


def test_a_key_is_used_as_the_provider_says() -> None:
    """A key that is published for one algorithm is not used with another, though its kind would allow it."""
    only_pss = key_set(published(RSA_KEY, "rsa", alg="PS256", use="sig"))

    assert taken(token(RSA_KEY, "PS256"), only_pss)
    assert not taken(token(RSA_KEY, "RS256"), only_pss)


@pytest.mark.parametrize(
    "unusable",
    [
        {"kty": "oct", "kid": "rsa", "k": "c2VjcmV0"},
        {"kty": "oct", "kid": "rsa", "k": "c2VjcmV0", "alg": "RS256"},
        published(RSA_KEY, "rsa", use="enc"),
        published(RSA_KEY, "rsa", alg="HS256"),
        published(RSA_KEY, "rsa", alg="RS512"),
        published(RSA_KEY, "rsa", alg=["RS256"]),
        published(RSA_KEY, "rsa", n="!"),
        published(RSA_KEY, "rsa", n=7),
        published(OTHER_CURVE, "ec"),
        published(EC_KEY, "ec", x=published(ED_KEY, None)["x"]),
        published(EC_KEY, "ec", crv=["P-256"]),
        {"kty": "new"},
        {"kty": {}},
        {},
        "key",
        None,
    ],
)
def test_keys_that_sign_no_tokens_are_passed_over(unusable: Any) -> None:
    """A shared secret, a key for encryption, an unknown kind or a broken one spoils nothing beside it."""
    (key,) = read_keys(key_set(unusable, published(EC_KEY, "good")))

    assert key.key_id == "good"
    with pytest.raises(ValueError, match="no keys"):
        read_keys(key_set(unusable))


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff", b"[]", b"null", b'{"keys": {}}', b'{"keys": []}', b"{}"])
def test_rubbish_is_no_key_set(content: bytes) -> None:
    """What is not a key set is refused as a whole, so that it cannot take the place of one."""
    with pytest.raises(ValueError):  # noqa: PT011  # whichever of them
        read_keys(content)


def test_a_weak_key_opens_nothing() -> None:
    """RSA under 2,048 bits can be broken."""
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        weak = token(WEAK_KEY)

    assert not taken(weak, key_set(published(WEAK_KEY, "rsa")))


def test_a_secret_in_the_set_signs_nothing() -> None:
    """Were a shared secret ever published, nobody could come in by it."""
    entry: Json = {"kty": "oct", "kid": "oct", "k": jwt.utils.base64url_encode(SECRET.encode()).decode()}

    assert not taken(token(SECRET, "HS256", "oct"), key_set(published(RSA_KEY, "rsa"), entry))


class Unreachable(KeySet[PublicKey]):
    """A provider that is down."""

    def __init__(self) -> None:
        pass

    def keys(self, deadline: Deadline, *, unknown: bool = False) -> Sequence[PublicKey]:
        """Fail."""
        raise DependencyFailed("fetch_key_set", "NewConnectionError")


def test_a_provider_that_is_down_refuses_nobody() -> None:
    """It is no fault of D1's, so it is raised and not answered; what is no token is refused without a look."""
    with pytest.raises(DependencyFailed):
        check_provider_token(PROVIDER, Unreachable(), Deadline(), token())
    assert not check_provider_token(PROVIDER, Unreachable(), Deadline(), "")
    assert not check_provider_token(PROVIDER, Unreachable(), Deadline(), json.dumps({"no": "token"}))
