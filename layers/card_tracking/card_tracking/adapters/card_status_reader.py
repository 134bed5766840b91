"""Where is this card? The reader for ``get_card_status``, and for other Lambdas that attach the layer.

Examples:
    >>> reader = CardStatusReader(os.environ["STATUS_TABLE_NAME"])
    >>> status = reader.get("271b-6e47-8ec3-7f3f")
    >>> status.shown.status if status else None
    'CARD_SHIPPED'
"""

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from card_tracking.adapters.clients import dynamodb_client
from card_tracking.adapters.deliveries import DELIVERY_PREFIX
from card_tracking.adapters.status_items import (
    INDEX_SHARDS,
    INPUT_FILE_INDEX,
    ISSUER_REQUEST_INDEX,
    STATUS_INDEX,
    STATUS_KEY,
    input_file_shard,
    read_statuses,
    status_shard,
)
from card_tracking.adapters.table import GETS_A_CALL, Item, Table, card_id_of, partition_key, text
from card_tracking.deadline import Deadline
from card_tracking.domain.status import CardStatus
from card_tracking.errors import InvalidQuery

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MOST_CARDS: Final = GETS_A_CALL
"""In one answer."""

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry]):
    """Part of an answer, and the token that fetches the next part; None where this is the last."""

    entries: Sequence[Entry]
    next_token: str | None


@dataclass(frozen=True, slots=True)
class RecordedDelivery:
    """One operation as it arrived."""

    received_at: str
    """ISO 8601 in UTC, with milliseconds."""
    correlation_id: str | None
    operation: Any
    """What D1 sent, as JSON, less ``consumerId`` and with card numbers masked."""


class CardStatusReader:
    """Answers questions from the table.

    Every method raises DependencyFailed where the table does not answer, OutOfTime where the deadline is too near, and
    InvalidQuery where a question makes no sense.
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        """Read the table; make one reader when the function starts, not one a call."""
        self._table = Table(client or dynamodb_client(), table_name)

    def get(self, card_id: str, deadline: Deadline | None = None) -> CardStatus | None:
        """Return the latest status of a card, consistently; None where D1 has told nothing of its production."""
        return self.get_many([card_id], deadline).get(card_id)

    def get_many(self, card_ids: Sequence[str], deadline: Deadline | None = None) -> dict[str, CardStatus]:
        """Return the latest statuses of up to MOST_CARDS cards, in the order asked; those without one are left out."""
        if len(card_ids) > MOST_CARDS:
            raise InvalidQuery(f"at most {MOST_CARDS} cards can be asked for at once")
        asked = dict.fromkeys(card_ids)
        stored = read_statuses(self._table, asked, deadline or Deadline())
        return {card_id: stored[card_id].status for card_id in asked if card_id in stored}

    def history(
        self, card_id: str, limit: int = 100, next_token: str | None = None, deadline: Deadline | None = None
    ) -> Page[RecordedDelivery]:
        """Return what was received about a card, all operations and all duplicates, the earliest first."""
        _check_limit(limit)
        after = _read_token(next_token, sk=str)[0] if next_token else None
        page = self._table.query(
            deadline or Deadline(),
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": text(partition_key(card_id)), ":prefix": text(DELIVERY_PREFIX)},
            Limit=limit,
            ConsistentRead=True,
            **_start_after({"pk": partition_key(card_id), "sk": after} if after else None),
        )
        deliveries = [
            RecordedDelivery(
                item["receivedAt"]["S"], item.get("correlationId", {}).get("S"), json.loads(item["raw"]["S"])
            )
            for item in page["Items"]
        ]
        last = page.get("LastEvaluatedKey")
        return Page(deliveries, _write_token(sk=last["sk"]["S"]) if last else None)

    def with_status(
        self, status: str, limit: int = 100, next_token: str | None = None, deadline: Deadline | None = None
    ) -> Page[CardStatus]:
        """Return cards that have a status, in no order. A page may be shorter than the limit and not be the last."""
        page = self._sharded(
            STATUS_INDEX, "statusShard", lambda shard: status_shard(status, shard), limit, next_token, deadline
        )
        # The index trails the table a little; a card that has moved on is no answer.
        return Page([card for card in page.entries if card.shown.status == status], page.next_token)

    def of_input_file(
        self, input_file_name: str, limit: int = 100, next_token: str | None = None, deadline: Deadline | None = None
    ) -> Page[CardStatus]:
        """Return cards that an input file asked for, in no order."""
        return self._sharded(
            INPUT_FILE_INDEX,
            "inputFileShard",
            lambda shard: input_file_shard(input_file_name, shard),
            limit,
            next_token,
            deadline,
        )

    def count_input_file(self, input_file_name: str, deadline: Deadline | None = None) -> dict[str, int]:
        """Count the cards of an input file by status. Reads the whole of the file's index: about 10 MB for 100,000."""
        counts: Counter[str] = Counter()
        for shard in range(INDEX_SHARDS):
            key = input_file_shard(input_file_name, shard)
            for item in self._all_of(INPUT_FILE_INDEX, "inputFileShard", key, deadline or Deadline()):
                counts[item["status"]["S"]] += 1
        return dict(sorted(counts.items()))

    def of_issuer_request(
        self, issuer_request_id: str, limit: int = 100, next_token: str | None = None, deadline: Deadline | None = None
    ) -> Page[CardStatus]:
        """Return cards that carry a correlation identifier of the bank's own, in no order."""
        return self._sharded(
            ISSUER_REQUEST_INDEX, "issuerRequestId", lambda _: issuer_request_id, limit, next_token, deadline, shards=1
        )

    def _sharded(
        self,
        index: str,
        key_name: str,
        shard_key: Callable[[int], str],
        limit: int,
        next_token: str | None,
        deadline: Deadline | None,
        shards: int = INDEX_SHARDS,
    ) -> Page[CardStatus]:
        """Read one index shard after the other until the page is full; the token remembers shard and last card."""
        _check_limit(limit)
        deadline = deadline or Deadline()
        shard, after = _read_token(next_token, shard=int, pk=str) if next_token else (0, "")
        card_ids: list[str] = []
        while shard < shards and len(card_ids) < limit:
            key = shard_key(shard)
            start = _start_after({key_name: key, "pk": after, "sk": STATUS_KEY} if after else None)
            page = self._index_page(index, key_name, key, deadline, Limit=limit - len(card_ids), **start)
            card_ids += [card_id_of(item["pk"]["S"]) for item in page["Items"]]
            last = page.get("LastEvaluatedKey")
            after = last["pk"]["S"] if last else ""
            if not after:
                shard += 1
        token = _write_token(shard=shard, pk=after) if shard < shards else None
        return Page(list(self.get_many(card_ids, deadline).values()), token)

    def _index_page(self, index: str, key_name: str, key: str, deadline: Deadline, **request: Any) -> Mapping[str, Any]:
        return self._table.query(
            deadline,
            IndexName=index,
            KeyConditionExpression="#key = :key",
            ExpressionAttributeNames={"#key": key_name},
            ExpressionAttributeValues={":key": text(key)},
            **request,
        )

    def _all_of(self, index: str, key_name: str, key: str, deadline: Deadline) -> Iterator[Item]:
        start: dict[str, Any] = {}
        while True:
            page = self._index_page(index, key_name, key, deadline, **start)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _start_after(key: dict[str, str] | None) -> dict[str, Any]:
    return {"ExclusiveStartKey": {name: text(value) for name, value in key.items()}} if key else {}


def _write_token(**place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_token(token: str, **types: type) -> list[Any]:
    """Read the places in a token that _write_token wrote; any other token is the asker's mistake."""
    try:
        place = json.loads(base64.urlsafe_b64decode(token.encode()))
        values = [place[name] for name in types]
    except (ValueError, KeyError, TypeError):
        values = []
    if not values or not all(isinstance(value, one) for value, one in zip(values, types.values(), strict=True)):
        raise InvalidQuery("nextToken is not one that an earlier answer to this question gave")
    return values


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MOST_CARDS:
        raise InvalidQuery(f"limit must be 1 to {MOST_CARDS}")
