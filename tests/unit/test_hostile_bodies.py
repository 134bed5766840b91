"""Bodies that are meant to break something: nothing but UnreadableNotification ever comes out."""

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_tracking.domain.merge import merge_all
from card_tracking.errors import UnreadableNotification
from card_tracking.wire import rejections
from card_tracking.wire.card_document import read_status, status_text
from card_tracking.wire.notification import Notification, read_notification
from card_tracking.wire.rejected_message import Origin, read_rejected, rejected_operations
from tests.hostile import ODD_AND_YET_STORED, with_number
from tests.samples import CARD, body, instant, operation

RECEIVED = instant("2026-03-02T09:20:00Z")
ORIGIN = Origin(RECEIVED, "request", None)
SENDABLE = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""What SQS takes in a message."""
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from(
    ["operationId", "operation", "status", "startTime", "cardId", "endTime", "error", "errorCode", "details"]
)


def store_and_read_back(notification: Notification) -> None:
    """Do with what was read all that is done before it reaches AWS: it must be text that can be written again."""
    for received in notification.operations:
        received.raw.encode()
        json.loads(received.raw)
        if received.update is not None:
            status = merge_all(None, [received.update, received.update])
            assert status is not None
            assert read_status(received.card_id, status.shown.status, status_text(status)) == status
    for message in rejected_operations(notification.rejections, ORIGIN):
        assert SENDABLE.fullmatch(message.text)
        assert read_rejected(message.text)


@pytest.mark.parametrize("text", ODD_AND_YET_STORED)
def test_odd_and_yet_stored(text: str) -> None:
    """One odd value costs at most itself: both operations are read, and what was read can be written again."""
    notification = read_notification(text, RECEIVED)
    assert len(notification.operations) == 2
    assert list(notification.rejections) == []
    store_and_read_back(notification)


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5_000])
def test_numbers_beyond_json(odd: str) -> None:
    """What is no number to other JSON readers is kept as text, so that nobody fails on reading our answers."""
    raw = read_notification(with_number(odd), RECEIVED).operations[0].raw
    assert isinstance(json.loads(raw)["x"], str)


@pytest.mark.parametrize("depth", [199, 250, 1_000, 10_000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting(depth: int, opening: str, closing: str) -> None:
    """Nesting beyond all sense is unreadable, not a crash."""
    nested = f"{opening * depth}1{closing * depth}"
    with pytest.raises(UnreadableNotification):
        read_notification(with_number(nested), RECEIVED)


def test_deepest_that_is_read() -> None:
    """What is just not too deep survives everything that happens to it afterwards, a second content included."""
    deep = [json.loads(with_number("[" * 190 + "]" * 190))["operations"][0] | {"error": error} for error in "ab"]
    notification = read_notification(body(*deep), RECEIVED)
    status = merge_all(None, [one.update for one in notification.operations if one.update is not None])
    assert status is not None
    assert len(status.seen_digests) == 1
    assert read_status(CARD, "DATA_PREPARED", status_text(status)) == status


@pytest.mark.parametrize("value", [None, [], {}, 7, "x"])
def test_twenty_thousand_operations(value: Any) -> None:
    """An absurd number of malformed operations is taken in a moment, and leaves in few messages."""
    started = time.process_time()
    notification = read_notification(body(*[value] * 20_000), RECEIVED)
    messages = rejected_operations(notification.rejections, ORIGIN)
    assert len(notification.rejections) == 20_000
    assert len(messages) < 150
    assert time.process_time() - started < 5


def test_one_string_of_5_mb() -> None:
    """An operation of 5 MB is rejected, the others are read."""
    notification = read_notification(body(operation(x="y" * 5_000_000), operation()), RECEIVED)
    assert [one.reason for one in notification.rejections] == [rejections.TOO_LARGE]
    assert len(notification.operations) == 1
    store_and_read_back(notification)


def test_400_kb_of_unknown_fields() -> None:
    """An operation that no item can hold for its fields is rejected, the others are read."""
    fields = {f"field{number}": "x" * 30 for number in range(8_000)}
    notification = read_notification(body(operation(**fields), operation()), RECEIVED)
    assert [one.reason for one in notification.rejections] == [rejections.TOO_LARGE]
    assert len(notification.operations) == 1


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())))
def test_any_text(text: str) -> None:
    """No text breaks the reader."""
    try:
        notification = read_notification(text, RECEIVED)
    except UnreadableNotification:
        notification = Notification()
    store_and_read_back(notification)


@given(st.lists(ANY_JSON, max_size=5))
def test_any_operations(operations: list[Any]) -> None:
    """Whatever stands in the list is either read or rejected, and nothing is lost."""
    notification = read_notification(json.dumps({"operations": operations}), RECEIVED)
    assert len(notification.operations) + len(notification.rejections) == len(operations)
    store_and_read_back(notification)


@given(st.dictionaries(NAMES, ANY_JSON, max_size=3), st.dictionaries(st.text(), ANY_JSON, max_size=3), ANY_JSON)
def test_any_fields(fields: dict[str, Any], details: dict[str, Any], shipment: Any) -> None:
    """Whatever the fields of an operation hold, it is read or rejected, and can be stored."""
    said = operation(details={"status": "CARD_SHIPPED", "shipment": shipment} | details) | fields
    notification = read_notification(body(said, operation()), RECEIVED)
    assert len(notification.operations) + len(notification.rejections) == 2
    store_and_read_back(notification)
