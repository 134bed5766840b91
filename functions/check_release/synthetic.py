"""A notification of no consequence, as it comes from the gateway when D1 sends it.

There is no back door for it: it takes the way of every notification, and whoever may invoke the function directly can
make one. It is about a card that no bank has, and names no card status, so it can raise no alert.
"""

import json
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

CARD_ID: Final = "release-check"


def new_operation() -> dict[str, Any]:
    """Make an operation that is newer than those of earlier checks, so that it shows."""
    return {
        "operationId": f"release-check-{uuid4()}",
        "operation": "PRODUCE",
        "status": "PENDING",
        "startTime": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "cardId": CARD_ID,
    }


def request_event(operation: dict[str, Any], issuer_id: str, subject: str, token: str | None) -> dict[str, Any]:
    """Write the event of API Gateway for a body with one operation, with D1's certificate subject and a token."""
    headers = {"content-type": "application/json", "x-correlation-id": operation["operationId"]}
    return {
        "httpMethod": "POST",
        "headers": headers | ({"authorization": f"Bearer {token}"} if token else {}),
        "pathParameters": {"issuerId": issuer_id},
        "requestContext": {"requestId": str(uuid4()), "identity": _identity(subject) if subject else {}},
        "body": json.dumps({"operations": [operation]}),
        "isBase64Encoded": False,
    }


def _identity(subject: str) -> dict[str, Any]:
    # Without a date: the days that D1's own certificate has left are not to be told by this one.
    return {"clientCert": {"subjectDN": subject}}
