"""Where is this card? The reader for ``get_card_status``, and for other Lambdas that attach the layer.

It takes the layers of outputs ``CardTrackingLayerArn`` and ``DependenciesLayerArn``, and the policy of output
``CardStatusReaderPolicyArn``; ``docs/examples/where_is_my_card`` is such a Lambda. Other modules that it may need:

- ``card_tracking.domain.status``: what is answered, a ``CardStatus``. Its ``shown`` is the update that the card stands
  at, with D1's words as it wrote them; ``latest("due_date")`` and the like also return what that update left out.
- ``card_tracking.domain.statuses``: the statuses by name. D1 adds others without notice.
- ``card_tracking.wire.card_document``: ``card_answer(status)`` writes the JSON that ``get_card_status`` answers with.
- ``card_tracking.deadline``: ``Deadline(context.get_remaining_time_in_millis)`` ends every call in time. Without one a
  table that refuses is asked again for some seconds.
- ``card_tracking.errors``: all that is raised, under ``CardTrackingError``.

Examples:
    >>> reader = CardStatusReader(os.environ["STATUS_TABLE_NAME"])
    >>> status = reader.get("271b-6e47-8ec3-7f3f")
    >>> status.shown.status if status else None
    'DATA_EXCEPTION'
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from card_tracking.adapters.clients import dynamodb_client
from card_tracking.adapters.deliveries import DELIVERY_PREFIX
from card_tracking.adapters.index_search import Search, entries, find_cards, start_after
from card_tracking.adapters.page_tokens import Place, foreign_token, query_digest, read_token, write_token
from card_tracking.adapters.status_items import (
    INDEX_SHARDS,
    INPUT_FILE_INDEX,
    ISSUER_REQUEST_INDEX,
    OPEN_INDEX,
    STATUS_INDEX,
    input_file_shard,
    open_shard,
    read_statuses,
    status_shard,
)
from card_tracking.adapters.table import GETS_A_CALL, Table, partition_key, text
from card_tracking.deadline import Deadline
from card_tracking.domain.due_dates import is_due_before, is_open
from card_tracking.domain.status import CardStatus
from card_tracking.errors import InvalidQuery
from card_tracking.wire.card_document import status_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MOST_CARDS: Final = GETS_A_CALL
"""In one answer."""
MOST_BYTES: Final = 3_500_000
"""Of the statuses in one answer, as they are kept: Lambda returns 6 MB, and spaces, names and times come on top.

An ordinary card has less than a kilobyte. A history needs no such bound: the table reads at most 1 MB a page.
"""

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
    by_reconciliation: bool = False
    """Whether it was asked for, where no notification had come."""


class CardStatusReader:
    """Answers questions from the table.

    Every method raises DependencyFailed where the table does not answer, OutOfTime where the deadline is too near, and
    InvalidQuery where a question makes no sense: a limit that is not 1 to MOST_CARDS, a token of another question.
    ``next_token`` is that of the page before; follow it until it is None. It is bound to the query: the same method of
    a reader of the same table, with the same arguments. The limit may change from page to page.
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        """Read the table of output ``StatusTableName``; make one reader when the function starts, not one a call.

        ``client`` is for those who have a client of their own, with its own time-outs and retries.
        """
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
        """Return what was received about a card, all operations and all duplicates, the earliest first; consistently.

        Of a card whose deliveries have all expired (parameter ``RetentionDays``) there is none, and still a status.
        """
        _check_limit(limit)
        query = query_digest(self._table.name, "history", card_id)
        after = read_token(next_token, query, ["sk"]).after
        if after and not after["sk"].startswith(DELIVERY_PREFIX):
            # DynamoDB refuses to begin outside of what is asked for.
            raise foreign_token()
        page = self._table.query(
            deadline or Deadline(),
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": text(partition_key(card_id)), ":prefix": text(DELIVERY_PREFIX)},
            Limit=limit,
            ConsistentRead=True,
            **start_after({"pk": partition_key(card_id), **after} if after else None),
        )
        deliveries = [
            RecordedDelivery(
                item["receivedAt"]["S"],
                item.get("correlationId", {}).get("S"),
                json.loads(item["raw"]["S"]),
                "byReconciliation" in item,
            )
            for item in page["Items"]
        ]
        last = page.get("LastEvaluatedKey")
        return Page(deliveries, write_token(query, Place(after={"sk": last["sk"]["S"]})) if last else None)

    def with_status(
        self, status: str, limit: int = 100, next_token: str | None = None, deadline: Deadline | None = None
    ) -> Page[CardStatus]:
        """Return cards that have a status, in no order. A page may be shorter than the limit and not be the last."""
        shards = [status_shard(status, shard) for shard in range(INDEX_SHARDS)]
        page = self._page(Search(STATUS_INDEX, "statusShard", shards), limit, next_token, deadline)
        # The index trails the table a little; a card that has moved on is no answer.
        return Page([card for card in page.entries if card.shown.status == status], page.next_token)

    def open_cards(
        self,
        due_before: date | None = None,
        limit: int = 100,
        next_token: str | None = None,
        deadline: Deadline | None = None,
    ) -> Page[CardStatus]:
        """Return cards that are still in production (``domain.due_dates.is_open``), in no order.

        With ``due_before`` only those that were to be shipped before that day; ``WorkingCalendar.overdue_before`` tells
        the day that makes them the overdue ones. A page may be shorter than the limit and not be the last.
        """
        before = None if due_before is None else due_before.isoformat()
        shards = [open_shard(shard) for shard in range(INDEX_SHARDS)]
        page = self._page(Search(OPEN_INDEX, "openShard", shards, "dueDate", before), limit, next_token, deadline)
        found = [
            card for card in page.entries if (is_open(card) if due_before is None else is_due_before(card, due_before))
        ]
        return Page(found, page.next_token)

    def of_input_file(
        self, input_file_name: str, limit: int = 100, next_token: str | None = None, deadline: Deadline | None = None
    ) -> Page[CardStatus]:
        """Return cards that an input file asked for, in no order. The index trails the table a little."""
        return self._page(_of_input_file(input_file_name), limit, next_token, deadline)

    def count_input_file(self, input_file_name: str, deadline: Deadline | None = None) -> dict[str, int]:
        """Count the cards of an input file by status. Reads the whole of the file's index: about 10 MB for 100,000."""
        found = entries(self._table, _of_input_file(input_file_name), deadline or Deadline())
        return dict(sorted(Counter(entry["status"]["S"] for entry in found).items()))

    def of_issuer_request(
        self, issuer_request_id: str, limit: int = 100, next_token: str | None = None, deadline: Deadline | None = None
    ) -> Page[CardStatus]:
        """Return cards that carry an identifier of the bank's own, in no order. The index trails the table a little."""
        search = Search(ISSUER_REQUEST_INDEX, "issuerRequestId", [issuer_request_id])
        return self._page(search, limit, next_token, deadline)

    def _page(self, search: Search, limit: int, next_token: str | None, deadline: Deadline | None) -> Page[CardStatus]:
        _check_limit(limit)
        deadline = deadline or Deadline()
        card_ids, token = find_cards(self._table, search, limit, next_token, deadline)
        found = self.get_many(card_ids, deadline)
        fitting = those_that_fit(found)
        if len(fitting) < len(found):
            # The token of a page that ends there is the index's to give: ask for so many only.
            return self._page(search, card_ids.index(fitting[-1].shown.card_id) + 1, next_token, deadline)
        return Page(fitting, token)


def those_that_fit(found: Mapping[str, CardStatus]) -> list[CardStatus]:
    """Return the first of the statuses, as many as one answer holds; at least one where there is one."""
    fitting: list[CardStatus] = []
    room = MOST_BYTES
    for status in found.values():
        room -= len(status_text(status).encode())
        if room < 0 and fitting:
            break
        fitting.append(status)
    return fitting


def _of_input_file(input_file_name: str) -> Search:
    shards = [input_file_shard(input_file_name, shard) for shard in range(INDEX_SHARDS)]
    return Search(INPUT_FILE_INDEX, "inputFileShard", shards)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MOST_CARDS:
        raise InvalidQuery(f"limit must be 1 to {MOST_CARDS}")
