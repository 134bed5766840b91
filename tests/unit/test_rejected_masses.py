"""Masses of malformed operations: hardly more in the queue than in the body, all of it replayable, in a moment."""

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card_tracking.deadline import RESERVE_SECONDS, Deadline
from card_tracking.errors import OutOfTime
from card_tracking.wire import rejections
from card_tracking.wire.notification import Notification, read_notification
from card_tracking.wire.rejected_message import (
    MAX_MESSAGE_BYTES,
    Origin,
    read_rejected,
    rejected_operations,
    replayable_body,
)
from tests.samples import CARD, body, instant, operation

if TYPE_CHECKING:
    from card_tracking.wire.rejections import Rejection

RECEIVED = instant("2026-03-02T09:20:00Z")
ORIGIN = Origin(RECEIVED, "4b9fdc0e-7b1c-4c55-a1c6-0d6c1a1f7e11", "c" * 128)
SQS_BYTES = 262_144
"""Limit of SQS for one message, attributes included."""
ATTRIBUTE_BYTES = 100
ENVELOPES = 80_000
"""What all messages of one body may have on top of what they hold: 400 bytes each for 100 single ones, and more."""
WIDE_BODY = 1_400_000
"""A quarter of what Lambda takes as one event."""

UNITS = [
    "0",
    "{}",
    "[]",
    '""',
    "null",
    "true",
    "1.5",
    "1e15",
    "-1e3",
    "1e-5",
    "1e309",
    "NaN",
    "-Infinity",
    "123456789012345678901234567890",
    "9" * 4_300,
    "9" * 4_301,
    '"é"',
    '"東"',
    '"😀"',
    '"\\u0000"',
    '"\\\\"',
    '"\\""',
    '"1e15 1000.0 0.00001"',
    '{"a":1000000.0,"b":[2e9,1000.05,-0.00001,0.00002,"x\\"5000.0"]}',
    '{"operationId":""}',
    '{"operationId":5}',
    json.dumps(operation(startTime="soon")),
    json.dumps(operation(cardId=None)),
    json.dumps(operation(status="x" * 251)),
]


def messages_of(text: str) -> tuple[Notification, list[str]]:
    """Read a body; return it with the messages of what is rejected."""
    notification = read_notification(text, RECEIVED)
    return notification, [message.text for message in rejected_operations(notification.rejections, ORIGIN)]


def flaws(rejected: Any) -> Counter[tuple[str, str | None, str]]:
    """Count rejections, with what was rejected."""
    return Counter((one.reason, one.field, json.dumps(one.operation)) for one in rejected)


def check(text: str) -> list[str]:
    """Check what holds of the messages of every body; return them."""
    notification, messages = messages_of(text)
    sizes = [len(message.encode()) for message in messages]
    assert max(sizes, default=0) <= MAX_MESSAGE_BYTES <= SQS_BYTES - ATTRIBUTE_BYTES
    assert sum(sizes) <= 1.5 * len(text.encode("utf-8", "surrogatepass")) + ENVELOPES
    kept: list[Rejection] = []
    for message in messages:
        document = read_rejected(message)
        again = read_notification(str(replayable_body(document)), RECEIVED)
        assert again.operations == []
        assert {(one.reason, one.field) for one in again.rejections} == {(document["reason"], document.get("field"))}
        kept += again.rejections
    assert flaws(kept) == flaws(notification.rejections)
    return messages


@pytest.mark.parametrize("count", [101, 1_000, 7_000])
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit[:40])
def test_a_mass_of_one_operation(unit: str, count: int) -> None:
    """All messages are at most half as long again as the body, each within the limit of SQS, and all replayable."""
    check(f'{{"operations":[{",".join([unit] * min(count, 1_000_000 // len(unit)))}]}}')


@pytest.mark.parametrize("unit", ["1e15", "1e-5", "1e309", "NaN", "1e3"])
def test_numbers_do_not_grow(unit: str) -> None:
    """A wide body of numbers that D1 wrote short and a parser writes long is no longer in the queue than promised."""
    text = f'{{"operations":[{",".join([unit] * (WIDE_BODY // (len(unit) + 1)))}]}}'
    _, messages = messages_of(text)
    assert sum(map(len, messages)) <= 1.5 * len(text) + ENVELOPES


@pytest.mark.parametrize("length", range(1_976, 1_984))
def test_a_message_is_measured_as_it_is_written(length: int) -> None:
    """What fits into a message only without the rest of it, or without its escapes, is divided."""
    check(body(*["x" * length] * 200))
    text = body(*["\uffff" * (length // 9)] * 350)
    assert max(len(message.encode()) for message in messages_of(text)[1]) <= MAX_MESSAGE_BYTES


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(UNITS), min_size=1, max_size=5),
    st.integers(1, 1_000),
    st.lists(st.integers(0, 150_000), max_size=3),
)
def test_any_mass(units: list[str], count: int, large: list[int]) -> None:
    """Whatever a mass is made of, with operations almost as long as a message between the others."""
    many = units * count + [f'"{"x" * length}"' for length in large] + units
    check(f'{{"operations":[{",".join(many)}]}}')


def test_large_operations_among_small_ones() -> None:
    """Operations of almost the length of a message neither cut nor isolate the small ones beside them."""
    several = ['"' + "x" * 190_000 + '"', *["0"] * 1_000] * 25
    messages = check(f'{{"operations":[{",".join(several)}]}}')
    assert len(messages) < 100 + 25 * 15


def test_good_operations_among_a_mass() -> None:
    """A mass of malformed operations costs the good ones beside them nothing, and keeps their order."""
    empty: list[Any] = [{}] * 50
    several = [one for number in range(200) for one in [*empty, operation(cardId=f"card-{number}")]]
    notification, _ = messages_of(body(*several))
    assert [one.card_id for one in notification.operations] == [f"card-{number}" for number in range(200)]
    assert len(notification.rejections) == 10_000


@pytest.mark.parametrize("place", [0, 999, 1_000, 2_500])
def test_what_may_not_be_kept_is_found_in_a_mass(place: int) -> None:
    """One consumerId and one card number among thousands of clean operations are taken out, wherever they stand."""
    several: list[Any] = [{"cardId": CARD, "number": number} for number in range(3_000)]
    several[place] |= {"consumerId": "secret", "note": "pan 4111111111111111"}
    notification, messages = messages_of(body(*several))
    assert "secret" not in repr(notification) + "".join(messages)
    assert "4111111111111111" not in repr(notification) + "".join(messages)
    kept = [one.operation for one in notification.rejections]
    assert kept[place] == {"cardId": CARD, "number": place, "note": "pan ************1111"}
    assert kept[:place] + kept[place + 1 :] == several[:place] + several[place + 1 :]


@pytest.mark.parametrize("unit", ["0", "{}", "[]", '""', '{"cardId":"a"}', '"consumer"', '{"consumerId":1}', "NaN"])
def test_a_wide_body_is_taken_in_a_moment(unit: str) -> None:
    """A quarter of the malformed operations that Lambda takes in a body are read and packed in a tenth of its time."""
    count = WIDE_BODY // (len(unit) + 1)
    began = time.process_time()
    notification, messages = messages_of(f'{{"operations":[{",".join([unit] * count)}]}}')
    assert time.process_time() - began < 2.8
    assert len(notification.rejections) == count
    assert len(messages) < 125


class Clock:
    """A clock that moves with each look at it."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def milliseconds_left(self) -> int:
        """Return more than the reserve for so many looks, then less."""
        self.looks -= 1
        return int(RESERVE_SECONDS * 1000) + (1 if self.looks >= 0 else -1)


@pytest.mark.parametrize("unit", [{}, operation()], ids=["malformed", "good"])
def test_reading_ends_with_the_time(unit: dict[str, Any]) -> None:
    """Reading looks at the time left once in a thousand operations, and gives up if there is none."""
    text = body(*[unit] * 3_500)
    clock = Clock(4)
    read_notification(text, RECEIVED, Deadline(clock.milliseconds_left))
    assert clock.looks == 0
    with pytest.raises(OutOfTime):
        read_notification(text, RECEIVED, Deadline(Clock(3).milliseconds_left))


def test_an_identifier_that_the_scrubbing_made_too_long() -> None:
    """An operation is rejected if an identifier is too long to be stored once it is without a consumerId."""
    identifier = "consumerId=1&".ljust(250, "x")
    [rejection] = read_notification(body(operation(operationId=identifier)), RECEIVED).rejections
    assert (rejection.reason, rejection.field) == (rejections.TOO_LARGE, "operationId")
