"""A body as it is read: tolerance, and one bad operation among good ones."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from card_tracking.domain.instants import Instant
from card_tracking.errors import UnreadableNotification
from card_tracking.wire import rejections
from card_tracking.wire.notification import MAX_OPERATION_BYTES, copy_to_keep, read_notification
from card_tracking.wire.operation import MAX_IDENTIFIER_LENGTH, Operation
from card_tracking.wire.rejected_message import Origin, read_rejected, rejected_body
from tests.samples import CARD, OPERATION, START, body, instant, operation

RECEIVED = instant("2026-03-02T09:20:00Z")
REQUIRED = ("operationId", "operation", "status", "startTime", "cardId")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", rejections.NOT_JSON),
        ("hello", rejections.NOT_JSON),
        ('{"operations": [', rejections.NOT_JSON),
        ('{"operations": []} {}', rejections.NOT_JSON),
        ("null", rejections.NOT_AN_OBJECT),
        ("[]", rejections.NOT_AN_OBJECT),
        ('"operations"', rejections.NOT_AN_OBJECT),
        ("12", rejections.NOT_AN_OBJECT),
        ("{}", rejections.OPERATIONS_MISSING),
        ('{"Operations": []}', rejections.OPERATIONS_MISSING),
        ('{"operations": null}', rejections.OPERATIONS_NOT_A_LIST),
        ('{"operations": {}}', rejections.OPERATIONS_NOT_A_LIST),
        ('{"operations": "[]"}', rejections.OPERATIONS_NOT_A_LIST),
    ],
)
def test_unreadable(text: str, reason: str) -> None:
    """A body that is no JSON object with a list of operations is refused, with the reason as a code."""
    with pytest.raises(UnreadableNotification) as caught:
        read_notification(text, RECEIVED)
    assert caught.value.reason == str(caught.value) == reason


def test_empty_list() -> None:
    """An empty list is a notification of nothing."""
    notification = read_notification('{"operations": []}', RECEIVED)
    assert notification.operations == []
    assert list(notification.rejections) == []


def test_fields_beside_the_operations() -> None:
    """D1 may add fields beside the operations."""
    text = json.dumps({"version": 3, "operations": [operation()], "sent": {"by": "D1"}})
    assert len(read_notification(text, RECEIVED).operations) == 1


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, rejections.FIELD_INVALID),
        (7, rejections.FIELD_INVALID),
        (True, rejections.FIELD_INVALID),
        (["x"], rejections.FIELD_INVALID),
        ({"x": 1}, rejections.FIELD_INVALID),
        ("", rejections.FIELD_INVALID),
        ("x" * 3_000, rejections.TOO_LARGE),
    ],
)
def test_required_field_mistyped(name: str, value: Any, reason: str) -> None:
    """A required field of the wrong type, empty or beyond all bounds rejects its operation and names the field."""
    notification = read_notification(body(operation(**{name: value}), operation()), RECEIVED)
    assert len(notification.operations) == 1
    [rejection] = notification.rejections
    assert (rejection.reason, rejection.field) == (reason, name)
    assert rejection.operation == operation(**{name: value})


FIELD = st.text(max_size=3) | st.sampled_from(
    ["", "x" * 250, "x" * 251, "é" * 251, START, None, True, 7, 1.5, [], ["x"], {}, {"x": 1}]
)


@given(st.dictionaries(st.sampled_from([*REQUIRED, "details", "other", "operationID"]), FIELD))
def test_the_cheap_check_says_what_the_model_says(fields: dict[str, Any]) -> None:
    """The first flaw of an operation has the reason and the field that the model of an operation finds first."""
    value = {name: one for name, one in (operation() | fields).items() if one != {"x": 1}}
    expected = None
    try:
        Operation.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        reasons = {"missing": rejections.FIELD_MISSING, "string_too_long": rejections.TOO_LARGE}
        expected = (reasons.get(first["type"], rejections.FIELD_INVALID), first["loc"][0])
    found = [(one.reason, one.field) for one in read_notification(body(value), RECEIVED).rejections]
    if expected is None:
        # What the model takes, only an unreadable start can still reject.
        assert found in ([], [(rejections.START_TIME_UNREADABLE, "startTime")])
    else:
        assert found == [expected]


@pytest.mark.parametrize("name", REQUIRED)
def test_required_field_missing(name: str) -> None:
    """A missing required field rejects its operation, names the field, and leaves the others alone."""
    lacking = operation()
    del lacking[name]
    notification = read_notification(body(operation(), lacking, operation()), RECEIVED)
    assert len(notification.operations) == 2
    [rejection] = notification.rejections
    assert (rejection.reason, rejection.field, rejection.operation) == (rejections.FIELD_MISSING, name, lacking)


@pytest.mark.parametrize("start", ["yesterday", "2026-13-01T00:00:00Z", "0000-01-01T00:00:00Z", "1772452800"])
def test_unreadable_start(start: str) -> None:
    """Without a start an update has no place, so the operation is rejected."""
    [rejection] = read_notification(body(operation(startTime=start)), RECEIVED).rejections
    assert (rejection.reason, rejection.field) == (rejections.START_TIME_UNREADABLE, "startTime")


@pytest.mark.parametrize("value", [None, 5, "text", True, [], [operation()], 1.5])
def test_operation_that_is_no_object(value: Any) -> None:
    """An operation that is no object is rejected and kept as it came."""
    notification = read_notification(body(operation(), value), RECEIVED)
    assert len(notification.operations) == 1
    [rejection] = notification.rejections
    assert (rejection.reason, rejection.operation) == (rejections.OPERATION_NOT_AN_OBJECT, value)


@pytest.mark.parametrize("filling", ["x" * MAX_OPERATION_BYTES, "é" * (MAX_OPERATION_BYTES // 2)])
def test_too_large_to_store(filling: str) -> None:
    """An operation that no item can hold, counted in bytes, is rejected whole."""
    notification = read_notification(body(operation(extra=filling), operation()), RECEIVED)
    assert [rejection.reason for rejection in notification.rejections] == [rejections.TOO_LARGE]
    assert len(notification.operations) == 1


def test_longest_identifiers() -> None:
    """Identifiers several times longer than documented are taken."""
    longest = "x" * MAX_IDENTIFIER_LENGTH
    notification = read_notification(body(operation(cardId=longest, operationId=longest)), RECEIVED)
    assert notification.operations[0].card_id == longest
    assert list(notification.rejections) == []


def test_status_too_long() -> None:
    """A details.status that no index can hold rejects its operation."""
    long = operation(details={"status": "S" * (MAX_IDENTIFIER_LENGTH + 1)})
    [rejection] = read_notification(body(long), RECEIVED).rejections
    assert (rejection.reason, rejection.field) == (rejections.TOO_LARGE, "details.status")


def test_order_is_kept() -> None:
    """Operations come out in the order in which they stand in the body."""
    cards = [f"card-{number}" for number in range(30)]
    notification = read_notification(body(*[operation(cardId=card) for card in cards]), RECEIVED)
    assert [one.card_id for one in notification.operations] == cards


def test_raw_is_what_came() -> None:
    """What is recorded is what D1 sent, unknown fields and field order included."""
    sent = {"newField": {"a": [1, 2.5, None, True]}, **operation(), "text": "Zürich 東京 😀"}
    [received] = read_notification(body(sent), RECEIVED).operations
    assert json.loads(received.raw) == sent
    assert list(json.loads(received.raw)) == list(sent)


@pytest.mark.parametrize(
    "name",
    ["CREATE", "REGISTER", "ACTIVATE", "SUSPEND", "DELETE", "UPDATE_ORDER", "STANDALONE_TRACKING", "NEW", "produce"],
)
def test_other_operations(name: str) -> None:
    """Every operation other than PRODUCE is recorded and moves no card."""
    [received] = read_notification(body(operation(operation=name)), RECEIVED).operations
    assert received.operation == name
    assert received.update is None


def test_update() -> None:
    """A PRODUCE operation becomes an update with the identity, the state and the time of receipt."""
    [received] = read_notification(body(operation()), RECEIVED).operations
    update = received.update
    assert update is not None
    assert (update.card_id, update.operation_id, update.operation_status) == (CARD, OPERATION, "PENDING")
    assert (update.status, update.start_time, update.started) == ("DATA_PREPARED", START, instant(START))
    assert update.received == RECEIVED


def test_received_by_default_is_no_content() -> None:
    """Two deliveries of one update are equal although they were received at different times."""
    first, second = (read_notification(body(operation()), Instant(time)).operations[0] for time in (1, 2))
    assert first.update == second.update


def test_copy_can_be_read() -> None:
    """What is kept of an unreadable body can be read back out of a message, a lone surrogate in it or not."""
    message = rejected_body(rejections.NOT_JSON, copy_to_keep('{"city": "Z\udcfcrich"'), Origin(RECEIVED, "r", None))
    assert read_rejected(message.text)["body"] == '{"city": "Z?rich"'
