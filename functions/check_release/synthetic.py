"""A notification of no consequence, as it comes from the gateway when D1 sends it.

There is no back door for it: it takes the way of every notification, and whoever may invoke the function directly can
make one. It is about a card that no bank has, and names no card status, so it can raise no alert.
"""

import json
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from receive_notification.request import RELEASE_CHECK

CARD_ID: Final = RELEASE_CHECK


def new_operation() -> dict[str, Any]:
    """Make an operation that is newer than those of earlier checks, so that it shows."""
    now = datetime.now(UTC)
    return {
        # The time first: operations that start in the same second are ordered by their ids.
        "operationId": f"{RELEASE_CHECK}-{now:%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}",
        "operation": "PRODUCE",
        "status": "PENDING",
        "startTime": now.isoformat(timespec="milliseconds"),
        "cardId": CARD_ID,
    }


def request_event(operation: dict[str, Any], issuer_id: str, subject: str, token: str | None) -> dict[str, Any]:
    """Write the event of API Gateway for a body with one operation, with D1's certificate subject and a token."""
    headers = {"content-type": "application/json", "x-correlation-id": operation["operationId"]}
    return {
        "httpMethod": "POST",
        "headers": headers | ({"authorization": f"Bearer {token}"} if token else {}),
        "pathParameters": {"issuerId": issuer_id},
        "requestContext": {
            "requestId": f"{RELEASE_CHECK}-{uuid4()}",
            "identity": _identity(subject) if subject else {},
        },
        "body": json.dumps({"operations": [operation]}),
        "isBase64Encoded": False,
    }


def stranger_token() -> str:
    """Write a token such as nobody's provider signed, so that its key is looked for and not found."""
    import jwt  # noqa: PLC0415  # only where tokens are a provider's
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415  # as above

    headers = {"kid": f"{RELEASE_CHECK}-{uuid4()}"}
    return jwt.encode({}, Ed25519PrivateKey.generate(), algorithm="EdDSA", headers=headers)


def _identity(subject: str) -> dict[str, Any]:
    # Without a date: the days that D1's own certificate has left are not to be told by this one.
    return {"clientCert": {"subjectDN": subject}}
