"""An alert as its readers get it: JSON for machines, a readable text for e-mail, one line for SMS."""

import json
import re
from typing import TYPE_CHECKING, Any, Final

from card_tracking.domain.alerts import OVERDUE, Alert
from card_tracking.domain.card_numbers import presentable_identifier
from card_tracking.domain.instants import Instant, format_instant
from card_tracking.domain.update import CardUpdate, Json
from card_tracking.wire.card_document import read_update, stored_update, update_document

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TEXT_LENGTH: Final = 300
"""What an alert repeats of a text; the status and the history have more."""
MAX_SUBJECT_LENGTH: Final = 99
MAX_SMS_LENGTH: Final = 140
MAX_ATTRIBUTE_LENGTH: Final = 256

_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]+")
_MACHINE_FIELDS: Final = (
    "cardId",
    "status",
    "operationId",
    "operationStatus",
    "errorCode",
    "error",
    "reason",
    "startTime",
    "endTime",
    "dueDate",
    "productionSite",
    "inputFileName",
    "issuerRequestId",
)


def alert_document(alert: Alert, issuer_id: str) -> dict[str, Json]:
    """Write an alert for machines: D1's names and texts, and ours for what only we know.

    Only one about a late card names its kind: the others are as they were before there was another kind.
    """
    said = update_document(alert.update)
    late: dict[str, Json] = {} if alert.overdue_on is None else {"kind": OVERDUE, "overdueOn": alert.overdue_on}
    return {
        "alertId": alert.alert_id,
        "issuerId": issuer_id,
        **late,
        **{name: _clip(said[name]) for name in _MACHINE_FIELDS if name in said},
        "superseded": alert.superseded,
        "receivedAt": format_instant(alert.update.received),
    }


def alert_attributes(alert: Alert, issuer_id: str) -> dict[str, str]:
    """Write the message attributes that subscriptions filter by; one without a value is left out."""
    update = alert.update
    attributes = {
        "kind": alert.kind,
        "status": update.status,
        "issuerId": issuer_id,
        "errorCode": update.error_code,
        "productionSite": update.production_site,
        "alertId": alert.alert_id,
        "superseded": "true" if alert.superseded else "false",
    }
    plain = {name: _plain(value, MAX_ATTRIBUTE_LENGTH) for name, value in attributes.items() if value}
    return {name: value for name, value in plain.items() if value}


def alert_subject(alert: Alert) -> str:
    """Write an e-mail subject as SNS takes it: ASCII, one line, under 100 characters. It holds no free text."""
    return _plain(f"{_headline(alert)}: card {presentable_identifier(alert.update.card_id)}", MAX_SUBJECT_LENGTH)


def alert_message(alert: Alert, issuer_id: str) -> str:
    """Write the message for every protocol (``MessageStructure=json``); those not named get the JSON for machines."""
    return json.dumps(
        {
            "default": json.dumps(alert_document(alert, issuer_id)),
            "email": _email_text(alert, issuer_id),
            "sms": _sms_line(alert),
        }
    )


def outbox_text(alert: Alert) -> str:
    """Write an alert as the outbox keeps it."""
    document = {**stored_update(alert.update), "received": alert.update.received, "superseded": alert.superseded}
    if alert.overdue_on is not None:
        document["overdueOn"] = alert.overdue_on
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def read_outbox_text(text: str) -> Alert:
    """Read an alert from ``outbox_text``'s form."""
    document: Mapping[str, Any] = json.loads(text)
    update = read_update(document, Instant(document["received"]))
    return Alert(update, document["superseded"], document.get("overdueOn"))


def _headline(alert: Alert) -> str:
    return alert.update.status if alert.overdue_on is None else OVERDUE


def _email_text(alert: Alert, issuer_id: str) -> str:
    facts = _facts(alert.update, issuer_id)
    lines = [f"{label + ':':<18}{_one_line(value)}" for label, value in facts if value]
    if alert.overdue_on is not None:
        event = f"On {alert.overdue_on} a card is overdue: it is still in production."
        news = "It is told again on every working day until the card is shipped, canceled or otherwise ended."
    else:
        event = f"D1 reports {alert.update.status} for a card in production."
        news = (
            "The card is known to be further on by now: this report came late or was overcome."
            if alert.superseded
            else "This is the latest that D1 has reported of this card."
        )
    return "\n".join([event, "", *lines, "", news, f"Alert {alert.alert_id}"])


def _facts(update: CardUpdate, issuer_id: str) -> list[tuple[str, str | None]]:
    return [
        ("Card", update.card_id),
        ("Issuer", issuer_id),
        ("Status", f"{update.status} (operation {update.operation_status})"),
        ("Error code", update.error_code),
        ("Error", update.error),
        ("Reason", update.reason),
        ("Operation", update.operation_id),
        ("Started", update.start_time),
        ("Ended", update.end_time),
        ("Due date", update.due_date),
        ("Production site", update.production_site),
        ("Input file", update.input_file_name),
        ("Issuer request", update.issuer_request_id),
        ("Received", format_instant(update.received)),
    ]


def _sms_line(alert: Alert) -> str:
    update = alert.update
    late = f"due {update.due_date}, {update.status}" if alert.overdue_on is not None else None
    parts = [_headline(alert), f"card {update.card_id}", late, update.error_code, update.error]
    line = " ".join(part for part in parts if part)
    return _plain(line + " (superseded)" if alert.superseded else line, MAX_SMS_LENGTH)


def _plain(text: str, length: int) -> str:
    """Keep to printable ASCII on one line: SNS refuses line breaks and control characters in a subject."""
    return _UNPRINTABLE.sub(" ", text)[:length].strip()


def _one_line(text: str) -> str:
    """Keep to one line of a text message, in any script."""
    printable = text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)
    return str(_clip(" ".join(printable.split())))


def _clip(value: Any) -> Any:
    return value[:MAX_TEXT_LENGTH] if isinstance(value, str) else value
