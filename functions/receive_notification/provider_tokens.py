"""Access tokens of the issuer's own identity provider: which of them are D1's.

Whoever has an account there holds tokens with a good signature. D1 is the one client that the template names, with a
token made for this stack. The library is imported when the first token is met, as in ``access_tokens``.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from access_tokens import LEEWAY_SECONDS
from card_tracking.adapters.key_set import KeySet
from card_tracking.deadline import Deadline
from receive_notification.settings import TokenProvider

if TYPE_CHECKING:
    from jwt.algorithms import AllowedPublicKeys

MAX_TOKEN_CHARACTERS: Final = 8_192
REQUIRED_CLAIMS: Final = ("exp", "iss", "aud")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of the provider, and what it may be used with."""

    key_id: str | None
    key: "AllowedPublicKeys"
    algorithms: Sequence[str]


def check_provider_token(provider: TokenProvider, key_set: KeySet[PublicKey], deadline: Deadline, token: str) -> bool:
    """Say whether a token is the provider's, for this stack, for D1, and valid now.

    Raises DependencyFailed where the keys cannot be had: that is no fault of who brings the token.
    """
    if not token or len(token) > MAX_TOKEN_CHARACTERS:
        return False
    import jwt  # noqa: PLC0415  # see the module

    try:
        key_id = jwt.get_unverified_header(token).get("kid")
        key = _find(key_set.keys(deadline), key_id) or _find(key_set.keys(deadline, unknown=True), key_id)
        if key is None:
            return False
        claims = jwt.decode(
            token,
            key.key,
            algorithms=key.algorithms,
            audience=provider.audience,
            issuer=provider.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": list(REQUIRED_CLAIMS), "enforce_minimum_key_length": True},
        )
    except jwt.PyJWTError:
        return False
    return bool(claims.get(provider.client_claim) == provider.client_id)


def read_keys(content: bytes) -> Sequence[PublicKey]:
    """Read a key set (RFC 7517), leaving out what signs no tokens. Raises ValueError where nothing is left."""
    document = json.loads(content)
    entries = document.get("keys") if isinstance(document, dict) else None
    found = [_read_key(entry) for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    keys = [key for key in found if key is not None]
    if not keys:
        raise ValueError("no keys that sign tokens")
    return keys


def _read_key(entry: dict[str, Any]) -> PublicKey | None:
    import jwt  # noqa: PLC0415  # see the module

    # A key of a kind is used with these, and a token only ever chooses among them: never with a shared secret.
    match entry:
        case {"kty": "RSA"}:
            algorithms = ["RS256", "PS256"]
        case {"kty": "EC", "crv": "P-256"}:
            algorithms = ["ES256"]
        case {"kty": "OKP", "crv": "Ed25519"}:
            algorithms = ["EdDSA"]
        case _:
            return None
    if "alg" in entry:
        algorithms = [algorithm for algorithm in algorithms if algorithm == entry["alg"]]
    if not algorithms or entry.get("use", "sig") != "sig":
        return None
    try:
        return PublicKey(entry.get("kid"), jwt.PyJWK(entry, algorithms[0]).key, algorithms)
    except jwt.PyJWTError:
        return None


def _find(keys: Sequence[PublicKey], key_id: str | None) -> PublicKey | None:
    """Find the key that a token names; one that names none is meant for the only one."""
    if key_id is None:
        return keys[0] if len(keys) == 1 else None
    return next((key for key in keys if key.key_id == key_id), None)
