"""A table in memory, fast enough for a hundred thousand notifications. It refuses what DynamoDB refuses.

No claim about conditions or races rests on it: those are tested on two engines.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from local.template import load_template
from tests.proof.doubles import refusal

MAX_ITEM_BYTES: Final = 409_600
MAX_KEY_BYTES: Final = {"HASH": 2_048, "RANGE": 1_024}
MAX_ENTRIES: Final = {"BatchGetItem": 100, "BatchExecuteStatement": 25, "BatchWriteItem": 25}
_INSERTED: Final = re.compile(r"'(\w+)': \?")
_CHANGED: Final = re.compile(r'SET "(\w+)"=\?')
_REMOVED: Final = re.compile(r'REMOVE "(\w+)"')
_COMPARED: Final = re.compile(r'"(\w+)"=\?')

Item = dict[str, dict[str, str]]


@dataclass(slots=True)
class TableInMemory:
    """Takes the three calls that receiving makes."""

    items: dict[tuple[str, str], Item] = field(default_factory=dict)

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        """Get items by their keys."""
        ((name, wanted),) = request["RequestItems"].items()
        keys = [_key(key) for key in wanted["Keys"]]
        _check_batch("BatchGetItem", keys)
        return {"Responses": {name: [self.items[key] for key in keys if key in self.items]}, "UnprocessedKeys": {}}

    def batch_execute_statement(self, **request: Any) -> dict[str, Any]:
        """Execute each statement for itself."""
        statements = [_Statement.read(one["Statement"], one["Parameters"]) for one in request["Statements"]]
        _check_batch("BatchExecuteStatement", [statement.key for statement in statements])
        return {"Responses": [self._execute(statement) for statement in statements]}

    def batch_write_item(self, **request: Any) -> dict[str, Any]:
        """Put items."""
        ((_, requests),) = request["RequestItems"].items()
        items = [one["PutRequest"]["Item"] for one in requests]
        _check_batch("BatchWriteItem", [_key(item) for item in items])
        for item in items:
            self._put(item, "BatchWriteItem")
        return {"UnprocessedItems": {}}

    def _execute(self, statement: "_Statement") -> dict[str, Any]:
        known = self.items.get(statement.key)
        if statement.inserts:
            if known is not None:
                return {"Error": {"Code": "DuplicateItem"}}
            self._put(statement.values, "BatchExecuteStatement")
            return {}
        if known is None or any(known.get(name) != value for name, value in statement.condition.items()):
            return {"Error": {"Code": "ConditionalCheckFailed"}}
        kept = {name: value for name, value in known.items() if name not in statement.removed}
        self._put(kept | statement.values, "BatchExecuteStatement")
        return {}

    def _put(self, item: Item, operation: str) -> None:
        # Of a BOOL the length does not matter.
        texts = {name: str(next(iter(value.values()))) for name, value in item.items()}
        # A lone surrogate is no text to AWS: encoding it raises.
        size = sum(len(name.encode()) + len(text.encode()) for name, text in texts.items())
        too_long = any(not 1 <= len(texts[name].encode()) <= most for name, most in _KEYS if name in texts)
        if size > MAX_ITEM_BYTES or too_long:
            raise refusal("ValidationException", operation)
        self.items[_key(item)] = item


@dataclass(frozen=True, slots=True)
class _Statement:
    key: tuple[str, str]
    inserts: bool
    values: Item
    removed: list[str]
    condition: Item

    @classmethod
    def read(cls, text: str, parameters: list[dict[str, str]]) -> "_Statement":
        if text.startswith("INSERT "):
            values = dict(zip(_INSERTED.findall(text), parameters, strict=True))
            return cls(_key(values), inserts=True, values=values, removed=[], condition={})
        changes, _, where = text.partition(" WHERE ")
        names = _CHANGED.findall(changes)
        condition = dict(zip(_COMPARED.findall(where), parameters[len(names) :], strict=True))
        values = dict(zip(names, parameters, strict=False))
        return cls(
            _key(condition), inserts=False, values=values, removed=_REMOVED.findall(changes), condition=condition
        )


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _check_batch(operation: str, keys: list[tuple[str, str]]) -> None:
    if not 1 <= len(keys) <= MAX_ENTRIES[operation] or len(set(keys)) < len(keys):
        raise refusal("ValidationException", operation)


def _read_keys() -> list[tuple[str, int]]:
    """Name each text that is a key of the template's table or of an index, with the most bytes that it may have."""
    table = load_template()["Resources"]["StatusTable"]["Properties"]
    schemas = (table["KeySchema"], *(index["KeySchema"] for index in table["GlobalSecondaryIndexes"]))
    texts = {one["AttributeName"] for one in table["AttributeDefinitions"] if one["AttributeType"] == "S"}
    named = [(key["AttributeName"], MAX_KEY_BYTES[key["KeyType"]]) for schema in schemas for key in schema]
    return [(name, most) for name, most in named if name in texts]


_KEYS: Final = _read_keys()


def dump(table: TableInMemory) -> str:
    """Write all that is stored as one text, to look for what must not be there."""
    return json.dumps(list(table.items.values()), ensure_ascii=False)
