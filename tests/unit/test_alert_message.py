"""An alert as people and machines get it."""

import json
import string
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_tracking.domain.alerts import Alert, overdue_alert
from card_tracking.domain.merge import merge_all
from card_tracking.domain.statuses import FAILED
from card_tracking.wire.alert_message import (
    MAX_SMS_LENGTH,
    alert_attributes,
    alert_document,
    alert_message,
    alert_subject,
    outbox_text,
    read_outbox_text,
)
from tests.properties.strategies import updates
from tests.samples import CARD, OPERATION, START, instant, update

ISSUER = "BANK000001"
RECEIVED = instant("2026-03-02T09:20:00.123Z")
SAID: dict[str, Any] = {
    "end_time": "2026-03-02T09:19:00Z",
    "error_code": "FIELD_INVALID_FORMAT",
    "error": "name",
    "reason": "Zeichen nicht erlaubt: ß",
    "due_date": "2026-03-06",
    "production_site": "Pont-Audemer",
    "input_file_name": "orders.xml",
    "issuer_request_id": "R-1",
    "received": RECEIVED,
}
FAILURE = Alert(update("DATA_EXCEPTION", FAILED, **SAID), superseded=False)
BARE = Alert(update("CARD_PROD_CANCELED", received=RECEIVED), superseded=True)
LATE = overdue_alert(
    merge_all(None, [update("DATA_PREPARED", **SAID), update("CARD_PROD_ONGOING", received=RECEIVED)]), date(2026, 3, 9)
)
PRINTABLE = set(string.printable) - set("\t\n\r\x0b\x0c")


def renderings(alert: Alert) -> dict[str, str]:
    """Render an alert for each protocol, as SNS takes them apart."""
    document = json.loads(alert_message(alert, ISSUER))
    assert set(document) == {"default", "email", "sms"}
    return {name: str(text) for name, text in document.items()}


def test_for_machines() -> None:
    """Machines get JSON with D1's names and texts, the alert's id and whether it was overcome."""
    assert json.loads(renderings(FAILURE)["default"]) == {
        "alertId": FAILURE.alert_id,
        "issuerId": ISSUER,
        "cardId": CARD,
        "status": "DATA_EXCEPTION",
        "operationId": OPERATION,
        "operationStatus": "FAILED",
        "errorCode": "FIELD_INVALID_FORMAT",
        "error": "name",
        "reason": "Zeichen nicht erlaubt: ß",
        "startTime": START,
        "endTime": "2026-03-02T09:19:00Z",
        "dueDate": "2026-03-06",
        "productionSite": "Pont-Audemer",
        "inputFileName": "orders.xml",
        "issuerRequestId": "R-1",
        "superseded": False,
        "receivedAt": "2026-03-02T09:20:00.123Z",
    }
    assert json.loads(renderings(FAILURE)["default"]) == alert_document(FAILURE, ISSUER)


def test_for_machines_without_what_was_not_said() -> None:
    """What D1 did not say is absent, not null."""
    assert set(alert_document(BARE, ISSUER)) == {
        "alertId",
        "issuerId",
        "cardId",
        "status",
        "operationId",
        "operationStatus",
        "startTime",
        "superseded",
        "receivedAt",
    }


def test_of_a_late_card_for_machines() -> None:
    """It has what an alert about a report has, and beside it its kind and the day."""
    document = json.loads(renderings(LATE)["default"])
    of_report = json.loads(renderings(Alert(LATE.update, superseded=False))["default"])
    assert document == of_report | {"alertId": LATE.alert_id, "kind": "OVERDUE", "overdueOn": "2026-03-09"}
    assert (document["status"], document["dueDate"], document["inputFileName"]) == (
        "CARD_PROD_ONGOING",
        "2026-03-06",
        "orders.xml",
    )


def test_of_a_late_card_for_people() -> None:
    """A person reads first that a card is overdue and since when, in each medium."""
    texts = renderings(LATE)
    assert texts["email"].startswith("On 2026-03-09 a card is overdue")
    assert all(fact in texts["email"] for fact in (CARD, "2026-03-06", "CARD_PROD_ONGOING", LATE.alert_id))
    assert "D1 reports" not in texts["email"]
    assert texts["sms"] == f"OVERDUE card {CARD} due 2026-03-06, CARD_PROD_ONGOING"
    assert alert_subject(LATE) == f"OVERDUE: card {CARD}"


def test_kinds_can_be_told_apart() -> None:
    """A subscription can take late cards alone, or all but them; everything else can be filtered as before."""
    of_report = alert_attributes(Alert(LATE.update, superseded=False), ISSUER)
    assert of_report["kind"] == "STATUS"
    assert alert_attributes(LATE, ISSUER) == of_report | {"kind": "OVERDUE", "alertId": LATE.alert_id}


def test_for_email() -> None:
    """A person reads in an e-mail what happened to which card and why, a line for each fact that is known."""
    text = renderings(FAILURE)["email"]
    for fact in (
        CARD,
        ISSUER,
        OPERATION,
        "DATA_EXCEPTION",
        "FAILED",
        "FIELD_INVALID_FORMAT",
        "name",
        "orders.xml",
        "ß",
    ):
        assert fact in text
    assert FAILURE.alert_id in text
    assert "latest" in text
    assert "Error code" not in renderings(BARE)["email"]
    assert "further on" in renderings(BARE)["email"]


def test_for_sms() -> None:
    """An SMS is one line that names status, card and error."""
    line = renderings(FAILURE)["sms"]
    assert line == f"DATA_EXCEPTION card {CARD} FIELD_INVALID_FORMAT name"
    assert renderings(BARE)["sms"] == f"CARD_PROD_CANCELED card {CARD} (superseded)"


def test_attributes() -> None:
    """Subscriptions filter by what the attributes say; one without a value is left out, since SNS refuses it."""
    assert alert_attributes(FAILURE, ISSUER) == {
        "kind": "STATUS",
        "status": "DATA_EXCEPTION",
        "issuerId": ISSUER,
        "errorCode": "FIELD_INVALID_FORMAT",
        "productionSite": "Pont-Audemer",
        "alertId": FAILURE.alert_id,
        "superseded": "false",
    }
    assert set(alert_attributes(BARE, ISSUER)) == {"kind", "status", "issuerId", "alertId", "superseded"}
    assert alert_attributes(BARE, ISSUER)["superseded"] == "true"


def test_attribute_of_nothing_printable() -> None:
    """An attribute of which nothing can be written is left out too."""
    alert = Alert(
        update("DATA_EXCEPTION", error_code="\n\t", production_site="東京", received=RECEIVED), superseded=False
    )
    assert set(alert_attributes(alert, ISSUER)) == {"kind", "status", "issuerId", "alertId", "superseded"}


def test_subject() -> None:
    """The subject names status and card, and no free text."""
    assert alert_subject(FAILURE) == f"DATA_EXCEPTION: card {CARD}"


@given(updates(), st.text(), st.text(max_size=300), st.booleans(), st.sampled_from([None, "2026-03-09"]))
def test_what_sns_takes(one: Any, text: str, card_id: str, superseded: bool, overdue_on: str | None) -> None:
    """Whatever D1 wrote: one ASCII line under 100 as subject, one line by SMS, no empty attribute, ASCII."""
    said: dict[str, Any] = {
        "error": text,
        "error_code": text,
        "production_site": text,
        "reason": text * 50,
        "received": RECEIVED,
    }
    alert = Alert(update(one.status, card_id=card_id, **said), superseded, overdue_on)
    subject = alert_subject(alert)
    assert 0 < len(subject) < 100
    assert set(subject) <= PRINTABLE
    assert subject[0] != " "
    assert all(value and set(value) <= PRINTABLE for value in alert_attributes(alert, ISSUER).values())
    sms = renderings(alert)["sms"]
    assert len(sms) <= MAX_SMS_LENGTH
    assert set(sms) <= PRINTABLE
    assert alert_message(alert, ISSUER).isascii()


@pytest.mark.parametrize(
    "text", ["line\nbreak", "line\r\nbreak", "bell\x07", "NUL\x00", "line\u2028break", "x" * 50_000]
)
def test_free_text_in_an_email(text: str) -> None:
    """A text of D1's stays on its line and within bounds: it cannot pretend to be another line of the alert."""
    plain = Alert(update("DATA_EXCEPTION", reason="x", received=RECEIVED), superseded=False)
    email = renderings(Alert(update("DATA_EXCEPTION", reason=text, received=RECEIVED), superseded=False))["email"]
    assert email.count("\n") == renderings(plain)["email"].count("\n")
    assert not set(email) & set("\r\x07\x00\u2028")
    assert len(email) < 2_000


def test_size() -> None:
    """The largest alert that can come is far within what one message to SNS may hold."""
    longest = dict.fromkeys(
        ("error", "error_code", "reason", "due_date", "production_site", "input_file_name", "end_time"), "😀" * 1000
    )
    alert = Alert(update("DATA_EXCEPTION", card_id="\U0001f600" * 250, received=RECEIVED, **longest), superseded=True)
    assert len(alert_message(alert, ISSUER)) < 200_000


@given(updates(), st.booleans())
def test_outbox_round_trip(one: Any, superseded: bool) -> None:
    """An alert read from the outbox is the one that was written, with its id and its time of receipt."""
    alert = Alert(one, superseded)
    again = read_outbox_text(outbox_text(alert))
    assert again == alert
    assert again.alert_id == alert.alert_id
    assert again.update.received == one.received


def test_outbox_round_trip_of_a_late_card() -> None:
    """So is one about a late card; that of a report is written as it was before there was another kind."""
    assert read_outbox_text(outbox_text(LATE)) == LATE
    assert read_outbox_text(outbox_text(LATE)).alert_id == LATE.alert_id
    report = json.loads(outbox_text(replace(LATE, overdue_on=None)))
    assert report == {name: value for name, value in json.loads(outbox_text(LATE)).items() if name != "overdueOn"}
