"""Notifications to measure with: each card of them is new, so nothing is found and everything is stored."""

import json
from typing import Any, Final

ISSUER_ID: Final = "BANK000001"


def operation(tag: str, number: int, status: str = "DATA_PREPARED") -> dict[str, Any]:
    """Make an operation as D1's page shows one, of a card of its own."""
    return {
        "operationId": f"01c5a05e-e197-11ec-{tag:.4}-{number:012d}",
        "operation": "PRODUCE",
        "status": "FAILED" if status == "DATA_EXCEPTION" else "PENDING",
        "startTime": "2025-01-17T06:28:02.492Z",
        "cardId": f"{tag}-{number:08d}-8ec3-7f3f",
        "details": {"status": status, "dueDate": "2025-01-21", "productionSite": "Gemenos"},
    }


def body(tag: str, operations: int, status: str = "DATA_PREPARED", first: int = 0) -> str:
    """Write a notification of so many operations."""
    return json.dumps({"operations": [operation(tag, first + number, status) for number in range(operations)]})


def event(body: str, request_id: str) -> dict[str, Any]:
    """Write the event in which API Gateway hands a notification over."""
    path = f"/notifications/d1/v2/issuers/{ISSUER_ID}/cards"
    return {
        "resource": "/notifications/d1/v2/issuers/{issuerId}/cards",
        "path": path,
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", "X-Correlation-Id": request_id},
        "multiValueHeaders": {"Content-Type": ["application/json"], "X-Correlation-Id": [request_id]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"issuerId": ISSUER_ID},
        "stageVariables": None,
        "requestContext": {
            "requestId": request_id,
            "path": path,
            "httpMethod": "POST",
            "stage": "prod",
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "body": body,
        "isBase64Encoded": False,
    }
