"""The answers to D1 when it asks for a token (contract, "The call"): 200 with a token, or 400 with an OAuth error."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from access_tokens import LIFETIME_SECONDS
from receive_notification.answers import RETRY_AFTER_SECONDS

INVALID_REQUEST: Final = "invalid_request"
UNSUPPORTED_GRANT_TYPE: Final = "unsupported_grant_type"
INVALID_CLIENT: Final = "invalid_client"

REFUSALS: Final[Mapping[str, str]] = {
    INVALID_REQUEST: "the form cannot be read, or has no `grant_type`",
    UNSUPPORTED_GRANT_TYPE: "`grant_type` is another than `client_credentials`",
    INVALID_CLIENT: "the client id and secret are not D1's",
}
"""Each reason to answer 400 (RFC 6749, 5.2), and when it is given; documents read it from here."""


def token(access_token: str, scope: str | None) -> dict[str, Any]:
    """Hand out a token. ``expires_in`` is a text, as D1 has it."""
    expires = datetime.now(UTC) + timedelta(seconds=LIFETIME_SECONDS)
    document = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": str(LIFETIME_SECONDS),
        "expires_at": expires.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    return _response(200, document | ({"scope": scope} if scope else {}))


def error(code: str) -> dict[str, Any]:
    """Refuse, by one of REFUSALS."""
    return _response(400, {"error": code})


def unavailable() -> dict[str, Any]:
    """Say that something of ours failed."""
    return _response(503, {"error": "temporarily_unavailable"}, {"Retry-After": str(RETRY_AFTER_SECONDS)})


def _response(status_code: int, document: dict[str, str], headers: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "statusCode": status_code,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"}
        | (headers or {}),
        "body": json.dumps(document),
        "isBase64Encoded": False,
    }
