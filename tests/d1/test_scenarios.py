"""Each scenario sends what D1 could send, the same for the same seed, and states an end that follows from it."""

import json
import re
from collections.abc import Iterable
from random import Random
from typing import Any, Final

import pytest

from local.d1.draws import draws
from local.d1.scenarios import SCENARIOS
from local.d1.script import ANSWERED, Message, Script
from local.d1.verdict import cards_wrong
from tests.d1.product import cards_after, read

ALERT_STATUSES: Final = ("DATA_EXCEPTION", "CARD_PROD_CANCELED")
STATES: Final = {
    "CARD_PROD_REQUESTED": "PENDING",
    "DATA_PREPARED": "PENDING",
    "DATA_EXCEPTION": "FAILED",
    "CARD_PROD_READY": "PENDING",
    "CARD_PROD_ONGOING": "PENDING",
    "CARD_PROD_DONE": "PENDING",
    "CARD_SHIPPED": "SUCCESSFUL",
}
"""What the contract says of the operation's status; of a cancellation it says nothing."""
SHIPMENT: Final = {
    "carrier",
    "trackingNumber",
    "status",
    "message",
    "trackingUrl",
    "estimatedDeliveryDate",
    "lastUpdatedAt",
    "lastCheckpoint",
}
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_-]+")

scenarios: Final = pytest.mark.parametrize("name", SCENARIOS)
documented: Final = pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "hostile"])


def script_of(name: str, seed: int = 1) -> Script:
    """Write a scenario small enough for a test, and large enough for all of its kinds of cards."""
    return SCENARIOS[name].script(name, seed, min(SCENARIOS[name].cards, 60))


@documented
def test_operations_have_the_shape_of_the_contract(name: str) -> None:
    """Identifiers, times, statuses and shipment are as D1 documents them; no deprecated field is sent."""
    for operation in script_of(name).operations():
        details: dict[str, Any] = operation.get("details", {})
        assert 1 <= len(operation["operationId"]) <= 64
        assert 1 <= len(operation["cardId"]) <= 48
        assert IDENTIFIER.fullmatch(operation["operationId"])
        assert IDENTIFIER.fullmatch(operation["cardId"])
        assert operation["status"] in {"PENDING", "SUCCESSFUL", "FAILED"}
        assert operation["status"] == STATES.get(details.get("status", ""), operation["status"])
        assert TIME.fullmatch(operation["startTime"])
        if operation["status"] == "PENDING" or details.get("status") in STATES:
            assert ("endTime" in operation) == (operation["status"] != "PENDING")
        assert details.get("shipment", {}).keys() <= SHIPMENT
        assert "consumerId" not in json.dumps(operation)


@scenarios
def test_bodies_hold_what_is_said_to_be_in_them(name: str) -> None:
    """What a message lists as well-formed or rejected is what a reader finds in its body: nothing is left uncounted."""
    for message in script_of(name).messages:
        found = read(message)
        reasons = [rejection.reason for rejection in found.rejections]
        if message.answer == 204:
            assert [operation.card_id for operation in found.operations] == [
                operation["cardId"] for operation in message.operations
            ]
            assert reasons == list(message.rejected)


@scenarios
def test_a_seed_repeats_a_scenario(name: str) -> None:
    """The same seed writes the same bytes; another one has none of its cards."""
    first, again, other = script_of(name), script_of(name), script_of(name, seed=2)

    assert first == again
    assert cards_of(first).isdisjoint(cards_of(other))


def test_scenarios_of_one_seed_share_no_card() -> None:
    """All scenarios can run against one stack, one after the other or at once."""
    seen: set[str] = set()
    for name in SCENARIOS:
        cards = cards_of(script_of(name))
        assert seen.isdisjoint(cards)
        seen |= cards


@scenarios
def test_every_card_has_an_end(name: str) -> None:
    """No card is sent of which it is not stated where it ends, and each ends once."""
    script = script_of(name)
    ends = [ending.card_id for ending in script.endings]

    assert len(ends) == len(set(ends))
    assert {operation["cardId"] for operation in script.operations()} <= set(ends)


@scenarios
@pytest.mark.parametrize("seed", range(5))
def test_the_end_follows(name: str, seed: int) -> None:
    """The product's rule comes to the end that the scenario states, which was stated without it."""
    script = script_of(name, seed)

    assert cards_wrong(script, cards_after(script.messages)) == []


@scenarios
@pytest.mark.parametrize("seed", range(5))
def test_the_end_follows_in_every_order_that_can_come(name: str, seed: int) -> None:
    """Messages race unless they share a lane, and some are sent again: the stated end holds all the same."""
    script = script_of(name, seed)

    assert cards_wrong(script, cards_after(raced(script.messages, draws(seed)))) == []


def test_what_the_scenarios_are_about() -> None:
    """The last word on each kind of card, and how many causes there are."""
    ends = {
        name: [ending.answer and ending.answer["status"] for ending in script_of(name).endings] for name in SCENARIOS
    }
    causes = {name: len(script_of(name).causes(ALERT_STATUSES)) for name in SCENARIOS}

    assert ends["lifecycle"] == ["CARD_SHIPPED"]
    assert ends["failure"] == ["DATA_EXCEPTION"]
    assert ends["cancel"] == ["CARD_PROD_CANCELED"] * 3
    assert ends["shipment"] == ["CARD_SHIPPED"]
    assert set(ends["bulk"]) == {"CARD_PROD_READY", "DATA_EXCEPTION"}
    assert set(ends["reordered"]) == {"CARD_SHIPPED"}
    assert ends["two-operations"] == ["CARD_PROD_READY"] * 4
    assert ends["unknown-status"] == [
        "CARD_PROD_ON_HOLD",
        "CARD_PROD_READY",
        "CARD_PROD_ON_HOLD",
        "CARD_RETURNED",
        "CARD_DESTROYED",
    ]
    assert ends["contradiction"] == ["CARD_SHIPPED"] * 4
    assert ends["malformed"].count(None) == 14
    assert [causes[name] for name in ("lifecycle", "failure", "cancel", "two-operations", "contradiction")] == [
        0,
        1,
        3,
        4,
        3,
    ]
    assert causes["storm"] == 60
    assert causes["malformed"] == 0


def test_an_order_batch_is_a_working_day() -> None:
    """A thousand cards, about six updates each, spread over the day in its order; some fail, some are canceled."""
    script = SCENARIOS["order-batch"].script("order-batch", 1)
    operations = list(script.operations())
    times = [message.at for message in script.messages if message.at is not None]
    ends = {ending.answer["status"] for ending in script.endings if ending.answer}

    assert len(script.endings) == 1_000
    assert 5_000 < len(operations) < 7_000
    assert len(times) == len(script.messages)
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= 1
    assert ends == {"CARD_SHIPPED", "DATA_EXCEPTION", "CARD_PROD_CANCELED"}
    assert max(len(message.operations) for message in script.messages) <= 50


def test_causes_follow_the_stack() -> None:
    """A stack that alerts on more statuses is asked for more."""
    script = script_of("lifecycle")

    assert len(script.causes({"CARD_SHIPPED"})) == 1


def test_ends_name_only_what_a_query_answers() -> None:
    """An end is stated under the names that are compared, so nothing in it is passed over."""
    for name in SCENARIOS:
        for ending in script_of(name).endings:
            assert set(ending.answer or {}) <= set(ANSWERED)


def cards_of(script: Script) -> set[str]:
    """Name the cards of a script."""
    return {ending.card_id for ending in script.endings}


def raced(messages: Iterable[Message], draw: Random) -> list[Message]:
    """Put messages in an order that can come: lanes keep theirs, all else mixes, and some come twice."""
    lanes: dict[str, list[Message]] = {}
    for number, message in enumerate(messages):
        copies = [message] * draw.choice((1, 1, 2))
        lanes.setdefault(message.lane or f"#{number}", []).extend(copies)
    order = [lane for lane, waiting in lanes.items() for _ in waiting]
    draw.shuffle(order)
    return [lanes[lane].pop(0) for lane in order]
