"""What the product relies on of DynamoDB: the same tests on two engines that share no code."""

import pytest

from card_tracking.adapters.table import (
    CONDITION_FAILED,
    DUPLICATE,
    GETS_A_CALL,
    STATEMENTS_A_CALL,
    Item,
    Table,
    number,
    text,
)
from card_tracking.deadline import Deadline
from tests.proof.invocations import Invocation

TEXTS = [
    "plain",
    "",
    " ",
    'O\'Brien "quoted" \\ back',
    "line\nbreak\ttab",
    "\u0000",
    "\u00fc \u5361 \U0001f4b3",
    "x" * 100_000,
]


def key(name: str) -> Item:
    """Name an item."""
    return {"pk": text(f"CARD#{name}"), "sk": text("STATUS")}


def only(table: Table, name: str, deadline: Deadline) -> Item | None:
    """Read one item."""
    found = table.get([key(name)], deadline)
    return found[0] if found else None


def test_an_insert_is_refused_where_the_key_exists(table: Table, deadline: Deadline) -> None:
    """The second of two inserts is refused as a duplicate and changes nothing."""
    assert table.execute([table.insert({**key("a"), "said": text("first")})], deadline) == [None]
    assert table.execute([table.insert({**key("a"), "said": text("second")})], deadline) == [DUPLICATE]
    assert only(table, "a", deadline) == {**key("a"), "said": text("first")}


def test_an_update_is_taken_over_the_version_that_was_read(table: Table, deadline: Deadline) -> None:
    """Compare and swap: the version on record is replaced, and all that the update names with it."""
    table.execute([table.insert({**key("a"), "version": number(1), "status": text("x"), "kept": text("k")})], deadline)
    update = table.update(key("a"), {"version": number(2), "status": text("y")}, condition={"version": number(1)})
    assert table.execute([update], deadline) == [None]
    assert only(table, "a", deadline) == {**key("a"), "version": number(2), "status": text("y"), "kept": text("k")}


@pytest.mark.parametrize("version", [1, 3, -1, 10**15])
def test_an_update_over_any_other_version_is_refused(table: Table, deadline: Deadline, version: int) -> None:
    """A lost race is told and leaves what the winner wrote."""
    item = {**key("a"), "version": number(2), "status": text("winner")}
    table.execute([table.insert(item)], deadline)
    update = table.update(key("a"), {"status": text("loser")}, condition={"version": number(version)})
    assert table.execute([update], deadline) == [CONDITION_FAILED]
    assert only(table, "a", deadline) == item


def test_an_update_of_nothing_creates_nothing(table: Table, deadline: Deadline) -> None:
    """Without an item there is nothing to update, with a condition or without: no half item appears."""
    updates = [
        table.update(key("a"), {"status": text("x")}, condition={"version": number(1)}),
        table.update(key("b"), {"status": text("x")}),
    ]
    assert table.execute(updates, deadline) == [CONDITION_FAILED, CONDITION_FAILED]
    assert table.get([key("a"), key("b")], deadline) == []


def test_attributes_are_set_and_removed_in_one_statement(table: Table, deadline: Deadline) -> None:
    """Several of each, and a condition: the form that AWS documents, one clause an attribute."""
    table.execute([table.insert({**key("a"), "c": text("3"), "d": number(4), "version": number(1)})], deadline)
    update = table.update(
        key("a"), {"a": text("1"), "b": number(2)}, removed=("c", "d"), condition={"version": number(1)}
    )
    assert table.execute([update], deadline) == [None]
    assert only(table, "a", deadline) == {**key("a"), "a": text("1"), "b": number(2), "version": number(1)}


def test_each_statement_of_a_batch_stands_for_itself(table: Table, deadline: Deadline) -> None:
    """A refused statement is told in its place and spoils none of the others, over several calls."""
    size = 2 * STATEMENTS_A_CALL + 10
    table.execute([table.insert(key(str(one))) for one in range(0, size, 2)], deadline)
    refusals = table.execute([table.insert(key(str(one))) for one in range(size)], deadline)
    assert refusals == [DUPLICATE if one % 2 == 0 else None for one in range(size)]
    assert len(table.get([key(str(one)) for one in range(size)], deadline)) == size


@pytest.mark.parametrize("said", TEXTS, ids=repr)
def test_a_text_comes_back_as_it_went(table: Table, deadline: Deadline, said: str) -> None:
    """By statement or by put, every character of every script, and quotes, which a statement might stumble over."""
    table.execute([table.insert({**key("a"), "said": text(said)})], deadline)
    table.put([{**key("b"), "said": text(said)}], deadline)
    table.execute([table.update(key("a"), {"again": text(said)})], deadline)
    assert only(table, "a", deadline) == {**key("a"), "said": text(said), "again": text(said)}
    assert only(table, "b", deadline) == {**key("b"), "said": text(said)}


def test_names_that_dynamodb_reserves_are_no_trouble(table: Table, deadline: Deadline) -> None:
    """``status``, ``value``, ``order`` and the like are quoted."""
    reserved = {name: text(name) for name in ("status", "value", "order", "date", "name", "select", "set", "remove")}
    assert table.execute([table.insert({**key("a"), **reserved})], deadline) == [None]
    changed = dict.fromkeys(reserved, text("changed"))
    assert table.execute([table.update(key("a"), changed, condition={"status": text("status")})], deadline) == [None]
    assert only(table, "a", deadline) == {**key("a"), **changed}


def test_a_put_repeated_does_no_harm(table: Table, deadline: Deadline) -> None:
    """Sixty items, put twice, are sixty items."""
    items = [{**key(str(one)), "said": text(str(one))} for one in range(60)]
    table.put(items, deadline)
    table.put(items, deadline)
    found = table.get([key(str(one)) for one in range(60)], deadline)
    assert {item["pk"]["S"]: item for item in found} == {item["pk"]["S"]: item for item in items}
    assert len(found) == len(items)


def test_more_items_are_read_than_one_call_takes(table: Table, deadline: Deadline, invocation: Invocation) -> None:
    """Two hundred and fifty keys, half of them of nothing: those that exist come back, in three calls."""
    size = 2 * GETS_A_CALL + 50
    table.put([key(str(one)) for one in range(0, size, 2)], deadline)
    invocation.calls.clear()
    found = table.get([key(str(one)) for one in range(size)], deadline)
    assert {item["pk"]["S"] for item in found} == {f"CARD#{one}" for one in range(0, size, 2)}
    assert len(invocation.calls) == 3
    assert all(one["ConsistentRead"] for call in invocation.calls for one in call.request["RequestItems"].values())
