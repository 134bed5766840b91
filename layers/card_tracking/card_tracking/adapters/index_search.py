"""Cards found by an index of the table: shard after shard, page after page, each with a token for the next one."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from card_tracking.adapters.status_items import STATUS_KEY
from card_tracking.adapters.table import Item, Table, card_id_of, text
from card_tracking.deadline import Deadline
from card_tracking.errors import InvalidQuery


@dataclass(frozen=True, slots=True)
class Search:
    """Which entries of an index answer a question."""

    index: str
    hash_name: str
    hash_keys: Sequence[str]
    """One for each shard."""
    range_name: str = "pk"
    before: str | None = None
    """Only entries whose range key sorts before this; None for all."""

    @property
    def entry_names(self) -> list[str]:
        """What names an entry within its shard: the table's key, and the index's own where that is another."""
        return list(dict.fromkeys(("pk", self.range_name)))


def find_cards(
    table: Table, search: Search, limit: int, next_token: str | None, deadline: Deadline
) -> tuple[list[str], str | None]:
    """Return the ids of cards, and the token of the next page; None where this is the last.

    One shard is read after the other until the page is full; the token remembers the shard and the last entry of it.
    Raises InvalidQuery where the token is not one of this question.
    """
    shard, after = _read_place(search, next_token)
    card_ids: list[str] = []
    while shard < len(search.hash_keys) and len(card_ids) < limit:
        key = search.hash_keys[shard]
        start = start_after(after | {search.hash_name: key, "sk": STATUS_KEY} if after else None)
        page = _index_page(table, search, key, deadline, Limit=limit - len(card_ids), **start)
        card_ids += [card_id_of(item["pk"]["S"]) for item in page["Items"]]
        last = page.get("LastEvaluatedKey")
        after = {name: last[name]["S"] for name in search.entry_names} if last else {}
        if not after:
            shard += 1
    if shard == len(search.hash_keys):
        return card_ids, None
    return card_ids, write_token(shard=shard, **(after or dict.fromkeys(search.entry_names, "")))


def entries(table: Table, search: Search, deadline: Deadline) -> Iterator[Item]:
    """Yield every entry that answers a question, as the index holds it."""
    for key in search.hash_keys:
        start: dict[str, Any] = {}
        while True:
            page = _index_page(table, search, key, deadline, **start)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def start_after(key: Mapping[str, str] | None) -> dict[str, Any]:
    """Write the part of a query that lets it begin after an item; of nothing, where it begins at the beginning."""
    return {"ExclusiveStartKey": {name: text(value) for name, value in key.items()}} if key else {}


def write_token(**place: Any) -> str:
    """Write a place as a token, opaque to those who get it."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def read_token(token: str, **types: type) -> list[Any]:
    """Read the values of a place from a token of ``write_token``. Raises InvalidQuery for any other token."""
    try:
        place = json.loads(base64.urlsafe_b64decode(token.encode()))
        values = [place[name] for name in types]
    except (ValueError, KeyError, TypeError):
        values = []
    if not values or not all(isinstance(value, one) for value, one in zip(values, types.values(), strict=True)):
        raise _foreign_token()
    return values


def _read_place(search: Search, token: str | None) -> tuple[int, dict[str, str]]:
    """Read where a page begins: in which shard, and after which entry of it; of nothing, at its beginning."""
    if not token:
        return 0, {}
    names = search.entry_names
    shard, *last = read_token(token, shard=int, **dict.fromkeys(names, str))
    after = dict(zip(names, last, strict=True)) if all(last) else {}
    is_beyond = search.before is not None and after.get(search.range_name, "") >= search.before
    if not 0 <= shard < len(search.hash_keys) or is_beyond:
        raise _foreign_token()
    return shard, after


def _index_page(table: Table, search: Search, key: str, deadline: Deadline, **request: Any) -> Mapping[str, Any]:
    condition, names, values = "#hash = :hash", {"#hash": search.hash_name}, {":hash": text(key)}
    if search.before is not None:
        condition += " AND #range < :before"
        names["#range"] = search.range_name
        values[":before"] = text(search.before)
    return table.query(
        deadline,
        IndexName=search.index,
        KeyConditionExpression=condition,
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=values,
        **request,
    )


def _foreign_token() -> InvalidQuery:
    return InvalidQuery("nextToken is not one that an earlier answer to this question gave")
