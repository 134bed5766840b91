"""Access tokens: short-lived, signed, for one issuer. Whoever issues, checks or brings one does it here.

The library is imported when the first token is met: a stack that asks for none does not pay for it at its start.
"""

import time
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from card_tracking.adapters.secret import Secret
from card_tracking.deadline import Deadline

LIFETIME_SECONDS: Final = 900
LEEWAY_SECONDS: Final = 30
"""How far the clock of a token's issuer may be ahead of ours, also if the issuer is an identity provider."""
ALGORITHM: Final = "HS256"
MAX_TOKEN_CHARACTERS: Final = 4_096
REQUIRED_CLAIMS: Final = ("exp", "iat", "iss", "aud", "sub")


def sign_token(keys: Sequence[str], issuer_id: str, client_id: str) -> str:
    """Write a token for a client, signed with the current key, which comes first."""
    import jwt  # noqa: PLC0415  # see the module

    issued = int(time.time())
    claims = {
        "iss": _name(issuer_id),
        "aud": _name(issuer_id),
        "sub": client_id,
        "iat": issued,
        "exp": issued + LIFETIME_SECONDS,
    }
    return jwt.encode(claims, keys[0], algorithm=ALGORITHM, headers={"kid": _key_id(keys[0])})


def check_token(signing_key: Secret, issuer_id: str, deadline: Deadline, token: str) -> bool:
    """Return whether a token is one of ours, for this issuer, issued less than LIFETIME_SECONDS ago and not expired.

    Raises DependencyFailed or OutOfTime where the keys cannot be read: that is no fault of who brings the token.
    """
    if not token or len(token) > MAX_TOKEN_CHARACTERS:
        return False
    import jwt  # noqa: PLC0415  # see the module

    try:
        key_id = jwt.get_unverified_header(token).get("kid")
        # The token names its key, but only ever chooses among ours; the algorithm is not the token's to say.
        key = _find(signing_key.versions(deadline), key_id) or _find(
            signing_key.versions(deadline, unknown=True), key_id
        )
        if key is None:
            return False
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=_name(issuer_id),
            issuer=_name(issuer_id),
            leeway=LEEWAY_SECONDS,
            options={"require": list(REQUIRED_CLAIMS)},
        )
    except jwt.InvalidTokenError:
        return False
    # PyJWT has one leeway for all times. Ours is for clocks that are ahead: it makes no token live longer.
    return min(int(claims["exp"]), int(claims["iat"]) + LIFETIME_SECONDS) > time.time()


def _name(issuer_id: str) -> str:
    return f"card-tracking/{issuer_id}"


def _find(keys: Sequence[str], key_id: str | None) -> str | None:
    return next((key for key in keys if _key_id(key) == key_id), None)


def _key_id(key: str) -> str:
    """Name a key without telling anything of it."""
    return blake2b(key.encode(), digest_size=8, person=b"key id").hexdigest()
