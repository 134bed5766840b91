"""What each member of our documents means. Which members there are, and of which type, is read off the code."""

from typing import Any, Final

from card_tracking.domain.alerts import OVERDUE, STATUS
from card_tracking.domain.statuses import FAILED, PENDING, RANKS, SUCCESSFUL
from card_tracking.wire.alert_message import MAX_TEXT_LENGTH as MAX_ALERT_TEXT_LENGTH
from card_tracking.wire.operation import MAX_OBJECT_LENGTH, MAX_TEXT_LENGTH
from card_tracking.wire.rejected_message import SINGLE_MESSAGES
from card_tracking.wire.rejections import OF_A_BODY, OF_AN_OPERATION

_TIME_OF_D1: Final = "ISO 8601 as D1 wrote it: with or without a fraction, in any offset"
_ANY_TYPE: Final = ["object", "array", "string", "number", "boolean", "null"]
_OUR_TIME: Final[dict[str, Any]] = {
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
}

MEANINGS: Final[dict[str, dict[str, Any]]] = {
    # A card, and an alert
    "cardId": {"description": "D1's id of the card"},
    "status": {
        "description": "`details.status`, the state of the physical card; expect others, D1 adds them without notice",
        "examples": list(RANKS),
    },
    "operationId": {"description": "D1's id of the operation; the same in all its updates"},
    "operationStatus": {
        "description": "`status` of the operation; expect others",
        "examples": [PENDING, SUCCESSFUL, FAILED],
    },
    "startTime": {"description": f"Start of the operation. {_TIME_OF_D1}"},
    "endTime": {"description": f"End of the operation. {_TIME_OF_D1}"},
    "errorCode": {"description": "D1's code of the failure"},
    "error": {"description": "D1's text, often the name of the field at fault; card numbers are masked"},
    "reason": {"description": "D1's further text; card numbers are masked"},
    "dueDate": {"description": "Day on which D1 expects to ship the card, local to the personalization centre"},
    "productionSite": {"description": "The personalization centre"},
    "inputFileName": {"description": "The file that asked for the card"},
    "issuerRequestId": {"description": "The bank's own correlation from that file"},
    "shipment": {
        "description": "`details.shipment` as D1 sent it: carrier, trackingNumber, status, message, trackingUrl, "
        "estimatedDeliveryDate, lastUpdatedAt, lastCheckpoint, and whatever D1 adds; each of them may be absent. "
        f"Of more than {MAX_OBJECT_LENGTH:,} characters it has what fits, and `truncated`",
    },
    "otherFields": {
        "description": "What D1 sent that nobody here knows yet, as it sent it; bounded as the shipment is",
    },
    "receivedAt": {"description": "When it first reached us", **_OUR_TIME},
    "milestones": {
        "description": "When each status of this operation first reached us, the earliest first",
        "additionalProperties": {"type": "string", **_OUR_TIME},
    },
    "alertId": {
        "description": "Derived from card, operation and status, of an overdue card from card and day: a repeated "
        "alert has the same one",
        "pattern": "^[0-9a-f]{32}$",
    },
    "issuerId": {"description": "The issuer of the stack"},
    "kind": {
        "description": f"`{STATUS}`: D1 reported a cause; `{OVERDUE}`: a card is overdue. The message itself has only "
        "the latter",
        "enum": [STATUS, OVERDUE],
    },
    "overdueOn": {
        "description": "The day on which the card is overdue, at the personalization centre; only where it is",
        "format": "date",
    },
    "superseded": {"description": "Whether the card was known to be further on when the failure arrived"},
    # Answers to questions
    "card": {"description": "null where D1 has told nothing of the card's production"},
    "cards": {"description": "Those asked for by `cardIds` in that order, all others in none"},
    "notFound": {"description": "The ids of which D1 has told nothing", "items": {"type": "string"}},
    "counts": {
        "description": "Cards of the file by status; on the first page only",
        "additionalProperties": {"type": "integer", "minimum": 1},
    },
    "history": {"description": "Every operation received about the card, duplicates too, the earliest first"},
    "correlationId": {"description": "`x-correlation-id` of the request that brought it; null where it had none"},
    "byReconciliation": {"description": "Whether D1 was asked for it, where no notification had come"},
    "operation": {"description": "The operation as D1 sent it, less `consumerId` and with card numbers masked"},
    "nextToken": {
        "description": "Fetches the next page of the same query; null on the last page. Any other query refuses it"
    },
    # Tokens
    "access_token": {"description": "To be brought as bearer"},
    "token_type": {"description": "Always `Bearer`"},
    "expires_in": {"description": "Seconds, as a text", "pattern": r"^\d+$"},
    "expires_at": {"description": "The same as a time", "format": "date-time"},
    "scope": {"description": "The scope that was asked for, where one was"},
}

REJECTED_MEANINGS: Final[dict[str, dict[str, Any]]] = {
    "reason": {
        "description": "Why it could not be stored; also message attribute `reason`",
        "examples": [*OF_A_BODY, *OF_AN_OPERATION],
    },
    "field": {"description": "The field at fault, if there is one"},
    "requestId": {"description": "API Gateway's id of the request that brought it"},
    "receivedAt": {"description": "When the request reached us", **_OUR_TIME},
    "byReconciliation": {"description": "true if D1 was asked for it, where no notification had come"},
    "operation": {
        "type": _ANY_TYPE,
        "description": "The operation as D1 sent it, less `consumerId` and with card numbers masked",
    },
    "operations": {
        "minItems": 1,
        "description": f"From the {SINGLE_MESSAGES + 1}st rejected operation of a body on: operations with the same "
        "reason and field, each as `operation` has it",
    },
    "body": {"description": "The body as D1 sent it, cleaned in the same way"},
    **{
        f"{name}{part}": {"description": what}
        for name in ("operation", "body")
        for part, what in (
            ("Start", f"In place of `{name}`, if it is too long for a message: the beginning of its JSON text"),
            ("Length", "Number of characters of the whole JSON text"),
            ("Sha256", "SHA-256 of the whole JSON text in UTF-8, in hexadecimal digits"),
        )
    },
}
"""Members of a message in the queue of rejected operations; the others mean there what they mean everywhere."""

LIMITS: Final = f"The status keeps {MAX_TEXT_LENGTH:,} characters of a text; the history keeps all."
ALERT_LIMITS: Final = f"An alert repeats {MAX_ALERT_TEXT_LENGTH} characters of a text."
