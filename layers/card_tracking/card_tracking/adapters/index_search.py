"""Cards found by an index of the table: shard after shard, page after page, each with a token for the next one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from card_tracking.adapters.page_tokens import Place, foreign_token, query_digest, read_token, write_token
from card_tracking.adapters.status_items import STATUS_KEY
from card_tracking.adapters.table import Item, Table, card_id_of, text
from card_tracking.deadline import Deadline


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

    def digest(self, table_name: str) -> str:
        """Return what binds a token to this search of a table."""
        return query_digest(table_name, self.index, self.hash_keys, self.range_name, self.before)


def find_cards(
    table: Table, search: Search, limit: int, next_token: str | None, deadline: Deadline
) -> tuple[list[str], str | None]:
    """Return the ids of cards, and the token of the next page; None where this is the last.

    One shard is read after the other until the page is full; the token remembers the shard and the last entry of it.
    Raises InvalidQuery if the token is not one of this search.
    """
    query = search.digest(table.name)
    place = read_token(next_token, query, search.entry_names, len(search.hash_keys))
    if search.before is not None and place.after.get(search.range_name, "") >= search.before:
        # DynamoDB refuses to begin outside of what is asked for.
        raise foreign_token()
    shard, after = place.shard, place.after
    card_ids: list[str] = []
    while shard < len(search.hash_keys) and len(card_ids) < limit:
        key = search.hash_keys[shard]
        start = start_after({**after, search.hash_name: key, "sk": STATUS_KEY} if after else None)
        page = _index_page(table, search, key, deadline, Limit=limit - len(card_ids), **start)
        card_ids += [card_id_of(item["pk"]["S"]) for item in page["Items"]]
        last = page.get("LastEvaluatedKey")
        after = {name: last[name]["S"] for name in search.entry_names} if last else {}
        if not after:
            shard += 1
    if shard == len(search.hash_keys):
        return card_ids, None
    return card_ids, write_token(query, Place(shard, after))


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
