"""What the documents are read off: the most and the least that there can be to write, and true examples."""

import json
from dataclasses import MISSING, fields
from datetime import date
from functools import cache
from typing import Any, Final, get_type_hints

from card_tracking.adapters.card_status_reader import Page, RecordedDelivery
from card_tracking.domain.alerts import Alert, detect_alerts, overdue_alert
from card_tracking.domain.instants import Instant, parse_instant
from card_tracking.domain.merge import merge, merge_all
from card_tracking.domain.status import CardStatus
from card_tracking.domain.statuses import CARD_PROD_CANCELED, DATA_EXCEPTION
from card_tracking.domain.update import CardUpdate
from card_tracking.wire import rejections
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import (
    MAX_MESSAGE_BYTES,
    SINGLE_MESSAGES,
    Origin,
    rejected_body,
    rejected_operations,
)
from card_tracking.wire.rejections import Rejections
from local.engine import ROOT

ISSUER_ID: Final = "BANK000001"
OVERDUE_ON: Final = date(2026, 3, 9)
RECEIVED: Final = parse_instant("2026-03-05T16:40:13.507Z")

_OF_TYPE: Final[dict[Any, Any]] = {str: "text", str | None: "text", Instant: Instant(0)}


def most() -> CardUpdate:
    """Make an update that says everything an update can say."""
    return CardUpdate(
        **{name: _OF_TYPE.get(kind, {"any": "thing"}) for name, kind in get_type_hints(CardUpdate).items()}
    )


def least() -> CardUpdate:
    """Make an update that says no more than every update does."""
    needed = {one.name for one in fields(CardUpdate) if one.default is MISSING}
    kinds = get_type_hints(CardUpdate)
    return CardUpdate(**{name: _OF_TYPE[kinds[name]] for name in needed}, received=Instant(0))


def statuses() -> list[CardStatus]:
    """Make the status with the most, and that with the least to tell."""
    return [merge(None, update) for update in (most(), least())]


def alerts() -> list[Alert]:
    """Make the alert with the most, and that with the least to tell, and one about an overdue card."""
    return [Alert(most(), superseded=True), Alert(least(), superseded=False), overdue_alert(statuses()[0], OVERDUE_ON)]


def rejected_messages() -> list[dict[str, Any]]:
    """Make a message of the queue of rejected operations in each form, with the most and the least that it can hold."""
    most_of_all = Origin(RECEIVED, "request", "correlation", by_reconciliation=True)
    least_of_all = Origin(RECEIVED, "request", None)
    flaw, no_field = (rejections.FIELD_MISSING, "cardId"), (rejections.OPERATION_NOT_AN_OBJECT, None)
    several = Rejections({flaw: [{}] * (SINGLE_MESSAGES + 2), no_field: [None, None]})
    too_long = "x" * MAX_MESSAGE_BYTES
    messages = [
        *rejected_operations(several, most_of_all),
        *rejected_operations(Rejections({flaw: [too_long]}), least_of_all),
        rejected_body(rejections.NOT_JSON, "", least_of_all),
        rejected_body(rejections.NOT_JSON, too_long, most_of_all),
    ]
    return [json.loads(message.text) for message in messages]


def histories() -> list[Page[RecordedDelivery]]:
    """Make a page of deliveries with the most, and one with the least to tell."""
    deliveries = [RecordedDelivery("", "correlation", {}), RecordedDelivery("", None, {})]
    return [Page(deliveries, "token"), Page(deliveries, None)]


@cache
def notification(case: str) -> dict[str, Any]:
    """Read the last body of a case of the corpus."""
    document = json.loads((ROOT / "events" / f"{case}.json").read_text())
    body: dict[str, Any] = document.get("requests", [document.get("request")])[-1]["body"]
    return body


def status_of(case: str) -> CardStatus:
    """Take a case of the corpus about one card as the product takes it."""
    return merge_all(None, _updates(case))


def alert_of(case: str) -> Alert:
    """Take a case of the corpus about one failure as the product takes it."""
    updates = _updates(case)
    status = merge_all(None, updates)
    (alert,) = detect_alerts(updates, {status.shown.card_id: status}, {DATA_EXCEPTION, CARD_PROD_CANCELED})
    return alert


def alert_of_overdue_card(case: str) -> Alert:
    """Take a case of the corpus about a card in production, and let its due date pass."""
    return overdue_alert(status_of(case), OVERDUE_ON)


def _updates(case: str) -> list[CardUpdate]:
    operations = read_notification(json.dumps(notification(case)), RECEIVED).operations
    return [operation.update for operation in operations if operation.update is not None]
