"""What of an API Gateway event (REST API, Lambda proxy integration) a notification is read from."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from card_tracking.domain.card_numbers import mask_card_numbers

RELEASE_CHECK: Final = "release-check"
"""What the request ids of check_release begin with."""

_CORRELATION_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_CHARSET: Final = re.compile(
    # Those that senders of JSON use. Python knows others that take minutes for a body (punycode).
    r"charset\s*=\s*\"?(utf-?(?:8|16|32)(?:-?[lb]e)?|us-ascii|iso-8859-\d{1,2}|latin-?1|windows-125\d)\b",
    re.IGNORECASE,
)


def issuer_id(event: Mapping[str, Any]) -> str:
    """Return the issuer that D1 names in the path."""
    return str((event.get("pathParameters") or {}).get("issuerId", ""))


def correlation_id(event: Mapping[str, Any]) -> str | None:
    """Return D1's correlation id, for tracing only; None where there is none that is safe to log.

    A caller can write a card number there too, and it goes into every line of the log.
    """
    value = _header(event, "x-correlation-id")
    return mask_card_numbers(value) if value is not None and _CORRELATION_ID.fullmatch(value) else None


def request_id(event: Mapping[str, Any]) -> str | None:
    """Return API Gateway's own id of the request."""
    value = (event.get("requestContext") or {}).get("requestId")
    return value if isinstance(value, str) and value else None


def is_release_check(event: Mapping[str, Any]) -> bool:
    """Say whether check_release made the event: the gateway's ids of requests are not for senders to choose."""
    return (request_id(event) or "").startswith(RELEASE_CHECK)


def bearer_token(event: Mapping[str, Any]) -> str:
    """Return the access token that the caller brings; empty where there is none."""
    scheme, _, token = (_header(event, "authorization") or "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def basic_credentials(event: Mapping[str, Any]) -> tuple[str, str]:
    """Return the client id and secret of Basic authentication, in either base64 alphabet; empty where none."""
    scheme, _, encoded = (_header(event, "authorization") or "").strip().partition(" ")
    try:
        # D1 writes base64url, and leaves the padding out or not.
        bare = encoded.strip().rstrip("=").replace("-", "+").replace("_", "/")
        client_id, _, secret = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return (client_id, secret) if scheme.lower() == "basic" else ("", "")


def body_text(event: Mapping[str, Any]) -> str:
    """Return the body as text, whatever the sender says of its encoding: an unreadable byte costs one character."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body)
    try:
        content = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        # A flag that lies: the text itself may still be a notification.
        return str(body)
    return _decode(content, _header(event, "content-type") or "")


def _decode(content: bytes, content_type: str) -> str:
    charset = _CHARSET.search(content_type)
    try:
        return content.decode(charset.group(1) if charset else "utf-8", errors="replace")
    except (LookupError, UnicodeError):
        return content.decode("utf-8", errors="replace")


def _header(event: Mapping[str, Any], name: str) -> str | None:
    """Return a header whatever the case of its name; of a repeated one the last, as API Gateway does."""
    found = None
    for header, value in (event.get("headers") or {}).items():
        if header.lower() == name and isinstance(value, str):
            found = value
    return found
