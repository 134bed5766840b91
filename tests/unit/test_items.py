"""Items of the table: keys, shards, index keys and expiry are a stored format, which every release must read."""

from typing import Any

import pytest

from card_tracking.adapters.deliveries import Delivery, delivery_item
from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.adapters.status_items import StatusChange, write_statement
from card_tracking.adapters.table import Table, shard_of
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import merge_all
from tests.samples import CARD, instant, update
from tests.unit.recorder import Recorder

MAX_INDEX_KEY_BYTES = 1_000
RECEIVED = instant("2026-03-02T09:20:00.123456Z")


def stored(**fields: Any) -> dict[str, Any]:
    """Return the attributes that are stored of a card's first update, by name."""
    table = Table(Recorder(), "Cards")  # type: ignore[arg-type]  # a double
    status = merge_all(None, [update("DATA_PREPARED", **fields)])
    statement = write_statement(table, StatusChange(status, None))
    names = [part.split("'")[1] for part in statement["Statement"].split(", ")]
    return dict(zip(names, (next(iter(one.values())) for one in statement["Parameters"]), strict=True))


def delivery(**fields: Any) -> dict[str, Any]:
    """Return the item of a delivery."""
    return delivery_item(arrival(**fields), 400)


def arrival(**fields: Any) -> Delivery:
    """Return a delivery."""
    said: dict[str, Any] = {
        "card_id": CARD,
        "operation": "PRODUCE",
        "raw": "{}",
        "received": RECEIVED,
        "request_id": "request-1",
        "number": 10,
    }
    return Delivery(**said | fields)


def test_delivery_is_keyed_by_time_request_and_number() -> None:
    """The key sorts deliveries by their time of receipt, and those of a request by their place in it."""
    assert delivery()["pk"] == {"S": f"CARD#{CARD}"}
    assert delivery()["sk"] == {"S": "DELIVERY#1772443200123456#request-1#00010"}
    assert delivery(received=Instant(5), number=0)["sk"] == {"S": "DELIVERY#0000000000000005#request-1#00000"}
    keys = [delivery(number=number)["sk"]["S"] for number in (0, 2, 9, 10, 11, 99, 100, 20_000)]
    assert keys == sorted(keys)


def test_delivery_expires_after_its_days() -> None:
    """DynamoDB reads the expiry as seconds."""
    assert delivery()["expiresAt"] == {"N": str(1_772_443_200 + 400 * 86_400)}


def test_delivery_says_where_it_came_from() -> None:
    """A delivery keeps D1's correlation id, and says if D1 was asked for it; otherwise both are absent."""
    asked = delivery(correlation_id="correlation-1", by_reconciliation=True)

    assert asked["correlationId"] == {"S": "correlation-1"}
    assert asked["byReconciliation"] == {"BOOL": True}
    assert not {"correlationId", "byReconciliation"} & delivery().keys()


@pytest.mark.parametrize(("card_id", "shard"), [("3f0a-91c2-77de-0b14", 8), ("card-1", 4), ("card-2", 14), ("x", 3)])
def test_shard_of_a_card_stays_the_same(card_id: str, shard: int) -> None:
    """The shard of a card is stored in index keys, so every release must find the same one."""
    assert stored(card_id=card_id)["statusShard"] == f"DATA_PREPARED#{shard:02d}"
    assert stored(card_id=card_id)["openShard"] == f"{shard:02d}"


def test_cards_are_spread_evenly() -> None:
    """Each of the sixteen shards takes its share of the cards: a partition takes 1,000 writes a second."""
    counts = [0] * 16
    for number in range(16_000):
        counts[shard_of(f"271b-6e47-{number:08d}", 16)] += 1

    assert max(counts) < 1_200
    assert min(counts) > 800


@pytest.mark.parametrize("name", ["input_file_name", "issuer_request_id"])
@pytest.mark.parametrize(
    ("value", "is_indexed"),
    [
        ("x" * MAX_INDEX_KEY_BYTES, True),
        ("x" * (MAX_INDEX_KEY_BYTES + 1), False),
        ("é" * (MAX_INDEX_KEY_BYTES // 2), True),
        ("é" * (MAX_INDEX_KEY_BYTES // 2 + 1), False),
        (None, False),
    ],
    ids=["longest", "too long", "longest in two bytes", "too long in two bytes", "none"],
)
def test_index_key_is_measured_in_bytes(name: str, value: str | None, is_indexed: bool) -> None:
    """DynamoDB limits index keys in bytes, which its emulators do not; what is longer is stored and not indexed."""
    attribute = {"input_file_name": "inputFileShard", "issuer_request_id": "issuerRequestId"}[name]
    attributes = stored(**{name: value})

    assert (attribute in attributes) is is_indexed
    assert value is None or value in attributes["card"]


def test_card_without_a_due_date_sorts_after_all_dates() -> None:
    """An open card without a due date is found among the open ones, and never before a date."""
    assert stored()["dueDate"] > "9999-12-31"
    assert stored(due_date="2026-03-06")["dueDate"] == "2026-03-06"


@pytest.mark.parametrize(
    ("deliveries", "calls"),
    [
        (24, [("batch_execute_statement", 25)]),
        (25, [("batch_execute_statement", 1), ("batch_write_item", 25)]),
        (26, [("batch_execute_statement", 1), ("batch_write_item", 1), ("batch_write_item", 25)]),
    ],
)
def test_statuses_are_written_before_deliveries(deliveries: int, calls: list[tuple[str, int]]) -> None:
    """25 writes share one call. Of more, the statuses come first: a resend of a large body then gets further."""

    class Accepting(Recorder):
        """A table that accepts everything."""

        def batch_execute_statement(self, Statements: list[Any]) -> Any:  # noqa: N803  # boto3's name
            """Accept each statement."""
            self.requests.append(("batch_execute_statement", {"entries": Statements}))
            return {"Responses": [{} for _ in Statements]}

        def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> Any:  # noqa: N803  # boto3's name
            """Accept each put."""
            self.requests.append(("batch_write_item", {"entries": RequestItems["Cards"]}))
            return {}

    client = Accepting()
    store = NotificationStore(Table(client, "Cards"), 400)  # type: ignore[arg-type]  # a double
    change = StatusChange(merge_all(None, [update("DATA_PREPARED")]), None)

    assert store.write([change], [arrival(number=number) for number in range(deliveries)], Deadline()) == []
    first, *others = [(name, len(request["entries"])) for name, request in client.requests]
    assert [first, *sorted(others)] == calls
