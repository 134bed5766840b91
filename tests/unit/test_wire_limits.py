"""The limits of the wire, each on both sides: what is kept whole, what is cut, and what is rejected."""

import json
from typing import Any, Final

import pytest

from card_tracking.domain.alerts import Alert
from card_tracking.domain.update import CardUpdate
from card_tracking.wire import rejections
from card_tracking.wire.alert_message import alert_attributes, alert_document, alert_message, alert_subject
from card_tracking.wire.notification import Notification, read_notification
from tests.samples import CARD, TEST_CARD_NUMBER, body, instant, operation, update

RECEIVED: Final = instant("2026-03-02T09:20:00.123Z")
SMS_CHARACTERS: Final = 140
"""An SMS has 160 septets, and the provider adds a sender or a link."""
SUBJECT_CHARACTERS: Final = 99
"""SNS refuses a subject of 100 characters."""
ATTRIBUTE_CHARACTERS: Final = 256
ALERT_TEXT_CHARACTERS: Final = 300
STATUS_TEXT_CHARACTERS: Final = 1_000
OTHER_FIELDS_BYTES: Final = 8_000
IDENTIFIER_CHARACTERS: Final = 250
OPERATION_BYTES: Final = 350_000
INTEGER_DIGITS: Final = 100


def read(*operations: Any) -> Notification:
    """Read a notification of these operations."""
    return read_notification(body(*operations), RECEIVED)


def update_of(**fields: Any) -> CardUpdate:
    """Read the update of one operation."""
    (one,) = read(operation(**fields)).updates
    return one


def rejection_of(**fields: Any) -> tuple[str, str | None]:
    """Return the reason and the field of the rejection of one operation."""
    (one,) = read(operation(**fields)).rejections
    return one.reason, one.field


def alert(**fields: Any) -> Alert:
    """Return an alert."""
    return Alert(update("DATA_EXCEPTION", received=RECEIVED, **fields), superseded=False)


# --- Alerts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 50, 139, 140, 141, 160, 500])
def test_sms_is_one_message(length: int) -> None:
    """An SMS is cut where it would become two messages, and nowhere before."""
    whole = f"DATA_EXCEPTION card {CARD} {'x' * length}"
    sms = json.loads(alert_message(alert(error="x" * length), "BANK000001"))["sms"]

    assert sms == whole[:SMS_CHARACTERS]


@pytest.mark.parametrize("length", [1, 73, 74, 75, 76, 200])
def test_subject_is_one_that_sns_accepts(length: int) -> None:
    """A subject has 99 characters at most."""
    one = Alert(update("X" * length, received=RECEIVED), superseded=False)

    assert alert_subject(one) == f"{'X' * length}: card {CARD}"[:SUBJECT_CHARACTERS]


@pytest.mark.parametrize("length", [255, 256, 257])
def test_attribute_is_cut(length: int) -> None:
    """An attribute repeats 256 characters of a text at most."""
    attributes = alert_attributes(alert(error_code="x" * length), "BANK000001")

    assert attributes["errorCode"] == "x" * min(length, ATTRIBUTE_CHARACTERS)


@pytest.mark.parametrize("length", [299, 300, 301, 1_000])
def test_text_of_an_alert_is_cut(length: int) -> None:
    """An alert repeats 300 characters of a text at most; the status has more."""
    document = alert_document(alert(reason="x" * length), "BANK000001")

    assert document["reason"] == "x" * min(length, ALERT_TEXT_CHARACTERS)


def test_alert_repeats_every_text() -> None:
    """Machines get every text of D1 that an alert can have."""
    fields = dict.fromkeys(
        ("error_code", "error", "reason", "end_time", "due_date", "production_site", "input_file_name"), "x"
    )
    document = alert_document(alert(**fields, issuer_request_id="x"), "BANK000001")

    assert [name for name, value in document.items() if value == "x"] == [
        "errorCode",
        "error",
        "reason",
        "endTime",
        "dueDate",
        "productionSite",
        "inputFileName",
        "issuerRequestId",
    ]
    assert document["receivedAt"] == "2026-03-02T09:20:00.123Z"


# --- Operations ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["operationId", "operation", "status", "startTime", "cardId"])
def test_identifier_is_bounded(name: str) -> None:
    """A required field has 1 to 250 characters; a longer one is no key of the table, and rejected as too large."""
    assert rejection_of(**{name: "x" * (IDENTIFIER_CHARACTERS + 1)}) == (rejections.TOO_LARGE, name)
    assert rejection_of(**{name: ""}) == (rejections.FIELD_INVALID, name)
    if name != "startTime":
        assert not read(operation(**{name: "x" * IDENTIFIER_CHARACTERS})).rejections


def test_identifier_may_be_in_any_script() -> None:
    """At four bytes a character the longest identifier is still within a sort key of 1,024 bytes."""
    (one,) = read(operation(cardId="\U0001f600" * IDENTIFIER_CHARACTERS)).operations

    assert len(one.card_id.encode()) == 1_000


def test_status_is_bounded() -> None:
    """A card status is part of an index key, so it is bounded as identifiers are."""
    assert update_of(details={"status": "X" * IDENTIFIER_CHARACTERS}).status == "X" * IDENTIFIER_CHARACTERS
    assert rejection_of(details={"status": "X" * (IDENTIFIER_CHARACTERS + 1)}) == (
        rejections.TOO_LARGE,
        "details.status",
    )


@pytest.mark.parametrize("length", [999, 1_000, 1_001])
@pytest.mark.parametrize("letter", ["x", "é"])
def test_text_of_a_status_is_cut(length: int, letter: str) -> None:
    """The status keeps 1,000 characters of a text; the history keeps all of it."""
    (one,) = read(operation(error=letter * length)).operations

    assert one.update
    assert one.update.error == letter * min(length, STATUS_TEXT_CHARACTERS)
    assert letter * length in one.raw


@pytest.mark.parametrize("letter", ["x", "é"])
def test_other_fields_are_cut(letter: str) -> None:
    """Fields that nobody knows are kept as 8,000 bytes of JSON; beyond that they are left out, with a mark."""
    most = (OTHER_FIELDS_BYTES - len('{"new":""}')) // len(letter.encode())

    assert update_of(new=letter * most).other_fields == {"new": letter * most}
    assert update_of(new=letter * (most + 1)).other_fields == {"truncated": True}


@pytest.mark.parametrize("letter", ["x", "é", "€"])
def test_operation_is_measured_in_bytes(letter: str) -> None:
    """An operation is as large as an item of the table can hold, in bytes."""
    room = OPERATION_BYTES - len(json.dumps(operation(note=""), separators=(",", ":")))
    most = room // len(letter.encode())

    assert not read(operation(note=letter * most)).rejections
    assert rejection_of(note=letter * (most + 1)) == (rejections.TOO_LARGE, None)


def test_numbers_are_bounded() -> None:
    """A number of a hundred digits stays a number beside what strict readers refuse; a longer one becomes a text."""
    kept, text = "9" * INTEGER_DIGITS, "9" * (INTEGER_DIGITS + 1)
    # NaN sends the body to the tolerant reader.
    said = body(operation(odd="@", kept="#", text="+")).replace('"@"', "NaN").replace('"#"', kept)
    (one,) = read_notification(said.replace('"+"', text), RECEIVED).updates

    assert one.other_fields == {"odd": "NaN", "kept": int(kept), "text": text}


# --- Which of two --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "attribute"), [("inputFileName", "input_file_name"), ("issuerRequestId", "issuer_request_id")]
)
def test_details_win_over_the_operation(name: str, attribute: str) -> None:
    """Both places are documented for these names; the one inside the details is the more specific."""
    inside = {"status": "DATA_PREPARED", name: "inside"}

    assert getattr(update_of(**{name: "outside"}, details=inside), attribute) == "inside"
    assert getattr(update_of(**{name: "outside"}), attribute) == "outside"
    assert getattr(update_of(**{name: "outside"}, details={**inside, name: ""}), attribute) == "outside"
    assert getattr(update_of(details=inside), attribute) == "inside"


def test_first_field_at_fault_is_named() -> None:
    """Of several fields at fault the rejection names the first in the order of the contract."""
    (one,) = read({"cardId": CARD, "status": 5}).rejections

    assert (one.reason, one.field) == (rejections.FIELD_MISSING, "operationId")


def test_byte_order_mark_is_no_content() -> None:
    """A body may begin with a byte order mark."""
    assert len(read_notification("\ufeff" + body(operation()), RECEIVED).operations) == 1


def test_other_operations_change_nothing() -> None:
    """Only PRODUCE has an update; every other operation is recorded."""
    (one,) = read(operation(operation="SUSPEND")).operations

    assert one.update is None


def test_subject_masks_a_card_number() -> None:
    """People read the subject in their inbox, so a card id that is a card number is masked in it."""
    assert alert_subject(alert(card_id=TEST_CARD_NUMBER)) == "DATA_EXCEPTION: card ************1111"
