"""The one table: how its items are keyed, and how statements and puts reach it.

Everything about a card lies under one partition key, so its history can be read in one query:

=============  =======================================  ==========================================
``pk``         ``sk``                                   item
=============  =======================================  ==========================================
``CARD#<id>``  ``STATUS``                               the latest status (``status_items``)
``CARD#<id>``  ``DELIVERY#<received>#<request>#<n>``    one operation as it arrived (``deliveries``)
``CARD#<id>``  ``ALERT#<alertId>``                      one cause of an alert (``alert_outbox``)
``CARD#<id>``  ``QUESTION``                             when D1 was last asked about it (``questions``)
=============  =======================================  ==========================================
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from zlib import crc32

from card_tracking.adapters.retries import BUSY_CODES, batches_of, insist, insist_in_batches, invoke
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyFailed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

Attribute: TypeAlias = dict[str, Any]
"""An attribute value in DynamoDB's own form, such as ``{"S": "text"}``."""
Item: TypeAlias = dict[str, Attribute]
Statement: TypeAlias = dict[str, Any]
"""A PartiQL statement with its parameters, as BatchExecuteStatement takes it."""

STATEMENTS_A_CALL: Final = 25
PUTS_A_CALL: Final = 25
GETS_A_CALL: Final = 100

DUPLICATE: Final = "DuplicateItem"
CONDITION_FAILED: Final = "ConditionalCheckFailed"
_REFUSALS: Final = frozenset({DUPLICATE, CONDITION_FAILED})


def text(value: str) -> Attribute:
    """Write a text attribute."""
    return {"S": value}


def number(value: int) -> Attribute:
    """Write a number attribute."""
    return {"N": str(value)}


def partition_key(card_id: str) -> str:
    """Name the partition of a card."""
    return f"CARD#{card_id}"


def card_id_of(partition: str) -> str:
    """Read the card's id from its partition key."""
    return partition.removeprefix("CARD#")


def shard_of(value: str, shards: int) -> int:
    """Spread values evenly and for ever alike over so many shards of an index key."""
    return crc32(value.encode()) % shards


class Table:
    """The table under its name."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Use ``client`` for the table ``name``."""
        self.client = client
        self.name = name

    def insert(self, item: Item) -> Statement:
        """Write the statement that adds an item, and is refused (DUPLICATE) where its key exists."""
        names = ", ".join(f"'{name}': ?" for name in item)
        return {"Statement": f'INSERT INTO "{self.name}" VALUE {{{names}}}', "Parameters": list(item.values())}

    def update(self, key: Item, values: Item, removed: Iterable[str] = (), condition: Item | None = None) -> Statement:
        """Write the statement that changes an item, refused (CONDITION_FAILED) where it differs from ``condition``.

        One SET and one REMOVE clause an attribute: the only form that AWS documents (PartiQL update statements).
        """
        where = {**key, **(condition or {})}
        clauses = [f'SET "{name}"=?' for name in values] + [f'REMOVE "{name}"' for name in removed]
        conditions = " AND ".join(f'"{name}"=?' for name in where)
        return {
            "Statement": f'UPDATE "{self.name}" {" ".join(clauses)} WHERE {conditions}',
            "Parameters": [*values.values(), *where.values()],
        }

    def execute(self, statements: Sequence[Statement], deadline: Deadline) -> list[str | None]:
        """Execute each statement for itself; tell for each None, or why it was refused: DUPLICATE, CONDITION_FAILED.

        Ordinary write units, 25 a call. Raises DependencyFailed for any other refusal.
        """
        refusals: list[str | None] = [None] * len(statements)

        def attempt(numbers: Sequence[int]) -> list[int]:
            batch: Any = [statements[number] for number in numbers]
            answer = invoke(self.client.batch_execute_statement, Statements=batch)
            undone = []
            for number, response in zip(numbers, answer["Responses"], strict=True):
                code = response.get("Error", {}).get("Code")
                if code in BUSY_CODES:
                    undone.append(number)
                elif code in _REFUSALS:
                    refusals[number] = code
                elif code is not None:
                    raise DependencyFailed("batch_execute_statement", code)
            return undone

        insist_in_batches(attempt, batches_of(STATEMENTS_A_CALL, range(len(statements))), deadline)
        return refusals

    def put(self, items: Sequence[Item], deadline: Deadline) -> None:
        """Put items without a condition, 25 a call."""

        def attempt(batch: Sequence[Item]) -> list[Item]:
            requests: Any = {self.name: [{"PutRequest": {"Item": item}} for item in batch]}
            answer = invoke(self.client.batch_write_item, RequestItems=requests)
            undone: Any = answer.get("UnprocessedItems", {}).get(self.name, [])
            return [request["PutRequest"]["Item"] for request in undone]

        insist_in_batches(attempt, batches_of(PUTS_A_CALL, items), deadline)

    def get(self, keys: Sequence[Item], deadline: Deadline) -> list[Item]:
        """Get the items of distinct keys that exist, in no order, consistently, 100 a call."""
        found: list[Item] = []

        def attempt(batch: Sequence[Item]) -> list[Item]:
            requests: Any = {self.name: {"Keys": list(batch), "ConsistentRead": True}}
            answer: Any = invoke(self.client.batch_get_item, RequestItems=requests)
            found.extend(answer.get("Responses", {}).get(self.name, []))
            undone: list[Item] = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
            return undone

        insist_in_batches(attempt, batches_of(GETS_A_CALL, keys), deadline)
        return found

    def query(self, deadline: Deadline, **request: Any) -> Mapping[str, Any]:
        """Run one page of a query."""
        pages: list[Mapping[str, Any]] = []

        def attempt(requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
            pages.extend(invoke(self.client.query, TableName=self.name, **one) for one in requests)
            return []

        insist(attempt, [request], deadline)
        return pages[0]
