"""The answers to D1: the one table of them. Tests and documents read it from here.

D1 expects 204 with an empty body for success. What it resends is not published; 400 is taken for "never again"
(contract, "The call"). So nothing a sender puts into a body causes a 5xx, and a failure of ours always does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

RETRY_AFTER_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of the table: when it is given, and what it says. It never holds a value from a request."""

    situation: str
    status_code: int
    error_code: str | None = None
    error: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> dict[str, Any]:
        """Write the answer as API Gateway's Lambda proxy integration takes it."""
        headers = dict(self.headers)
        body = ""
        if self.error_code is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps({"errorCode": self.error_code, "error": self.error})
        return {"statusCode": self.status_code, "headers": headers, "body": body, "isBase64Encoded": False}


TAKEN: Final = Answer(
    "every operation is stored, or a duplicate, stale, unknown, not ours to track, or kept as rejected; an empty list",
    204,
)
UNREADABLE: Final = Answer(
    "the body is not JSON, not an object, or has no list of operations; a copy is kept",
    400,
    "INVALID_REQUEST",
    "The body is not a JSON object with a list of operations.",
)
UNAUTHENTICATED: Final = Answer(
    "mutual TLS is required and there is no readable client certificate; nothing is stored",
    401,
    "UNAUTHENTICATED",
    "A client certificate is required.",
)
TOKEN_REFUSED: Final = Answer(
    "an access token is required and there is none that is valid; nothing is stored",
    401,
    "INVALID_TOKEN",
    "A valid access token is required.",
    {"WWW-Authenticate": 'Bearer error="invalid_token"'},
)
FORBIDDEN: Final = Answer(
    "the client certificate is of another subject than D1's; nothing is stored",
    403,
    "FORBIDDEN",
    "This client may not send notifications.",
)
OTHER_ISSUER: Final = Answer(
    "the issuer is not the one this stack serves; nothing is stored",
    404,
    "UNKNOWN_ISSUER",
    "This address does not serve the issuer.",
)
FAILED: Final = Answer(
    "something of ours failed for at least one operation; a resend is harmless",
    503,
    "TEMPORARILY_UNAVAILABLE",
    "The notification could not be stored. Please send it again.",
    {"Retry-After": str(RETRY_AFTER_SECONDS)},
)

ALL: Final = (TAKEN, UNREADABLE, UNAUTHENTICATED, TOKEN_REFUSED, FORBIDDEN, OTHER_ISSUER, FAILED)
