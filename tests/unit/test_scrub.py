"""What may not be kept is taken out wherever it stands."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_tracking.wire import rejections
from card_tracking.wire.notification import read_notification
from card_tracking.wire.scrub import IDENTIFIERS, scrub, scrub_text
from tests.samples import TEST_CARD_NUMBER, body, instant, operation

SECRET = "u-550e8400"
MASKED = "************1111"
RECEIVED = instant("2026-03-02T09:20:00Z")


def scrubbed(value: Any) -> Any:
    """Scrub a value; both results of it must agree."""
    cleaned, text = scrub(value)
    assert json.loads(text) == cleaned
    return cleaned


@pytest.mark.parametrize(
    "value",
    [
        {"consumerId": SECRET},
        {"details": {"consumerId": SECRET}},
        {"a": [{"b": [[{"consumerId": SECRET}]]}]},
        {"consumerId": {"id": SECRET}},
        {"consumerId": [SECRET, {"consumerId": SECRET}]},
        [{"consumerId": SECRET}],
        {"error": json.dumps({"consumerId": SECRET})},
        {"error": f"bad consumerId={SECRET}, sorry"},
        {"ConsumerID": SECRET, "consumer_id": SECRET, "endConsumerId": SECRET, "consumerIds": [SECRET]},
        {"error": f'{{"consumer\\u0049d": "{SECRET}"}}'},
        {"error": json.dumps({"reason": f'{{"co\\u006esumerId": "{SECRET}"}}'})},
        {"consumer\\u0049d": SECRET},
        {"error": f"<consumerId>{SECRET}</consumerId>"},
        {"trackingUrl": f"https://carrier.example/?consumerId={SECRET}&track=1"},
        {"cardId": json.dumps({"CONSUMERID": SECRET})},
    ],
)
def test_consumer_id(value: Any) -> None:
    """The consumerId is dropped at any depth and whatever it holds, also where another text quotes it."""
    cleaned, text = scrub(value)
    assert SECRET not in text
    assert SECRET not in json.dumps(cleaned)


def test_nothing_else_goes_with_it() -> None:
    """The fields beside a consumerId stay as they are, in their order."""
    value = {"z": 1, "consumerId": SECRET, "a": {"y": "consumer", "consumerId": None, "b": [1.5, True, None]}}
    assert scrubbed(value) == {"z": 1, "a": {"y": "consumer", "b": [1.5, True, None]}}
    assert list(scrubbed(value)) == ["z", "a"]


@pytest.mark.parametrize("name", ["error", "reason", "message", "newField", "endTime", "productionSite"])
def test_card_number_in_free_text(name: str) -> None:
    """A card number is masked in every field that is not an identifier, at any depth, also in names."""
    value = {name: f"pan {TEST_CARD_NUMBER}", "inner": [{name: TEST_CARD_NUMBER}], TEST_CARD_NUMBER: 1}
    assert scrubbed(value) == {name: f"pan {MASKED}", "inner": [{name: MASKED}], MASKED: 1}


@pytest.mark.parametrize("number", [int(TEST_CARD_NUMBER), float(TEST_CARD_NUMBER)])
def test_card_number_as_number(number: float) -> None:
    """A card number that is sent as a number is masked too."""
    assert TEST_CARD_NUMBER not in json.dumps(scrubbed({"newField": number}))


@pytest.mark.parametrize("name", sorted(IDENTIFIERS))
def test_identifiers(name: str) -> None:
    """Identifiers and tracking numbers may look like card numbers and are left alone, or they would be useless."""
    value = {name: TEST_CARD_NUMBER, "details": {"shipment": {name: TEST_CARD_NUMBER}}}
    assert scrubbed(value) == value


def test_identifier_of_another_type() -> None:
    """An object under an identifier's name is no identifier."""
    assert scrubbed({"cardId": {"pan": TEST_CARD_NUMBER}}) == {"cardId": {"pan": MASKED}}
    assert scrubbed({"cardId": [TEST_CARD_NUMBER]}) == {"cardId": [MASKED]}


def test_a_number_is_no_identifier() -> None:
    """A card id sent as a number is rejected, whatever its digits: masked, it would pass for another card's."""
    notification = read_notification(body(operation(cardId=int(TEST_CARD_NUMBER))), RECEIVED)
    assert notification.operations == []
    assert [(one.reason, one.field) for one in notification.rejections] == [(rejections.FIELD_INVALID, "cardId")]


@pytest.mark.parametrize("name", ["error", TEST_CARD_NUMBER])
def test_card_number_in_json_within_json(name: str) -> None:
    """Digits that are written as escapes are digits to whoever reads the text that holds them."""
    digits = "".join(f"\\u003{digit}" for digit in TEST_CARD_NUMBER)
    (cleaned,) = scrubbed({name: f"pan {digits}"}).values()
    assert cleaned == f"pan {MASKED}"


def test_escapes_that_hide_nothing() -> None:
    """A text with escapes in it is kept as it came where nothing is hidden behind them."""
    value = {"error": "\\u0041 and \\\\u0031", "reason": "\x00"}
    assert scrubbed(value) == value


def test_clean_value_is_untouched() -> None:
    """Where there is nothing to take out, the very same object goes on."""
    value = operation()
    assert scrub(value)[0] is value


@pytest.mark.parametrize(
    "sent",
    [
        operation(consumerId=SECRET, details={"status": "DATA_PREPARED", "consumerId": SECRET}),
        operation(consumerId=SECRET, cardId=5),
        operation(consumerId=SECRET, startTime="soon"),
        operation(consumerId=SECRET, new=["x" * 400_000]),
        operation(operation="UPDATE_ORDER", consumerId=SECRET),
        [{"consumerId": SECRET}],
    ],
)
def test_nowhere_in_what_is_read(sent: Any) -> None:
    """Neither the update, nor the record, nor a rejection of an operation holds a consumerId."""
    assert SECRET not in repr(read_notification(body(sent), RECEIVED))


@pytest.mark.parametrize(
    "text",
    [
        f'{{"operations": [{{"consumerId": "{SECRET}", ',
        f'{{"consumerId" : "{SECRET}',
        f'[{{"consumerId":"a \\" {SECRET}"}}]',
        f"{{'consumerId': '{SECRET}'}}",
        f"consumerId={SECRET}&cardId=1",
        f"<x>consumerId: {SECRET}</x>",
        f'{{"consumerId": 1{SECRET}}}',
        json.dumps(json.dumps({"operations": [{"consumerId": SECRET}]})),
        json.dumps(json.dumps(json.dumps({"operations": [{"consumerId": SECRET}]}))),
        f'{{"consumerId": {{ "id": "{SECRET}" }} }}',
        f'{{"consumerId": [ "x", "{SECRET}" ]',
        f'{{"\\u0063onsumerId": "{SECRET}"',
        f"consumerId: '{SECRET} and {SECRET}'",
    ],
)
def test_text_that_is_no_json(text: str) -> None:
    """A body that cannot be read is kept without the consumerId, as far as its shape tells where that is."""
    assert SECRET not in scrub_text(text)


def test_text_keeps_the_rest() -> None:
    """What stands beside a consumerId in an unreadable body is kept, with card numbers masked."""
    text = f'{{"cardId": "c-1", "consumerId": "{SECRET}", "error": "{TEST_CARD_NUMBER}", "x": '
    assert scrub_text(text) == f'{{"cardId": "c-1", "consumerId": null, "error": "{MASKED}", "x": '


@given(st.text(alphabet="consumerId{}[]\":,= \\'\n1a", max_size=80))
def test_any_text(text: str) -> None:
    """No text breaks the cleaning of it, and a clean one is returned as it is."""
    assert scrub_text(text) == text or "consumerid" in text.lower() or "\\u00" in text


@pytest.mark.parametrize(
    "unit",
    [
        "consumerId",
        '"consumerId":',
        '"consumerId":"',
        "consumerId: ",
        "4111 ",
        "consumerId:'",
        "1",
        "4111-1111-",
        "\\",
        '\\"',
        'consumerId:\\"',
    ],
)
def test_time_grows_with_the_text_and_not_with_its_square(unit: str) -> None:
    """A body that is made to look like what is sought is cleaned as fast, for its length, as a short one."""

    def seconds(length: int) -> float:
        began = time.process_time()
        scrub_text(unit * (length // len(unit)))
        scrub_text('consumerId:\\"' + unit * (length // len(unit)))
        return time.process_time() - began

    # Sixteen times as long; its square would take 256 times as long.
    assert min(seconds(320_000) for _ in range(2)) < 80 * max(seconds(20_000) for _ in range(3))
