"""What stays in the table after a notification, and what it costs."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from card_tracking.deadline import Deadline
from card_tracking.domain.instants import now
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import Origin
from tests.samples import CARD, body, operation
from tests.unit.test_operation import SHIPMENT
from tests.wiring.faults import break_table, never
from tests.wiring.stack import Stack

DAY = 86_400


def test_status_item(stack: Stack) -> None:
    """A card's status is one item, with what its indexes need, and it never expires."""
    stack.post(operation(details={"status": "DATA_PREPARED", "inputFileName": "f.xml", "issuerRequestId": "R"}))
    [item] = stack.items("STATUS")
    assert item["pk"] == {"S": f"CARD#{CARD}"}
    assert item["status"] == {"S": "DATA_PREPARED"}
    assert item["version"] == {"N": "1"}
    assert item["statusShard"]["S"].startswith("DATA_PREPARED#")
    assert item["inputFileShard"]["S"].startswith("f.xml#")
    assert item["issuerRequestId"] == {"S": "R"}
    assert "expiresAt" not in item


def test_status_item_stays_under_a_kilobyte(stack: Stack) -> None:
    """The whole item of a card with all that D1 documents costs one write unit."""
    for status in ("CARD_PROD_REQUESTED", "DATA_PREPARED", "CARD_PROD_READY", "CARD_PROD_ONGOING", "CARD_PROD_DONE"):
        stack.post(operation(details={"status": status, "inputFileName": "BANK000001_20260302_0001.xml"}))
    shipped = {
        "status": "CARD_SHIPPED",
        "dueDate": "2026-03-06",
        "productionSite": "Pont-Audemer",
        "shipment": SHIPMENT,
    }
    stack.post(operation(status="SUCCESSFUL", endTime="2026-03-06T10:00:00.250Z", details=shipped))
    [item] = stack.items("STATUS")
    size = sum(len(name) + len(next(iter(value.values())).encode()) for name, value in item.items())
    assert size < 1_024


def test_version_counts_changes(stack: Stack) -> None:
    """Each change of the status raises its version; a duplicate and a stale update do not."""
    ready = operation(details={"status": "CARD_PROD_READY"})
    for sent in (operation(), operation(), ready, ready, operation()):
        stack.post(sent)
    [item] = stack.items("STATUS")
    assert item["version"] == {"N": "2"}


def test_index_attributes_go_with_the_operation(stack: Stack) -> None:
    """What an older operation told is taken out of the indexes when a newer one takes over."""
    stack.post(operation(details={"status": "DATA_PREPARED", "inputFileName": "f.xml", "issuerRequestId": "R"}))
    stack.post(operation(operationId="next", startTime="2026-09-14T07:00:00Z"))
    [item] = stack.items("STATUS")
    assert not {"inputFileShard", "issuerRequestId"} & set(item)
    assert stack.query(inputFileName="f.xml")["counts"] == {}


@pytest.mark.parametrize("count", [1, 40])
def test_deliveries(stack: Stack, count: int) -> None:
    """Every operation is recorded as it came, with when and by which request, and expires; duplicates too."""
    sent = [operation(number=number) for number in range(count)]
    stack.post(*sent, headers={"x-correlation-id": "corr-1"})
    stack.post(*sent)
    items = stack.items("DELIVERY#")
    assert len(items) == 2 * count
    first = min(items, key=lambda item: str(item["sk"]["S"]))
    assert json.loads(first["raw"]["S"]) == sent[0]
    assert first["correlationId"] == {"S": "corr-1"}
    received = int(first["sk"]["S"].split("#")[1]) // 1_000_000
    assert int(first["expiresAt"]["N"]) == received + 400 * DAY


def test_ordinary_notification_is_two_requests(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notification without an alert costs one read and one batch; a duplicate costs no more."""
    table = break_table(stack, monkeypatch, never)
    stack.post(operation())
    stack.post(operation())
    assert table.calls == ["batch_get_item", "batch_execute_statement"] * 2


def test_alert_comes_before_status(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cause of an alert is in the outbox before the status is stored, so that no crash between them loses it."""
    table = break_table(stack, monkeypatch, never)
    seen: list[int] = []
    real = table._real

    class Looking:
        """A table that is looked into before each batch of statements."""

        def __getattr__(self, name: str) -> object:
            if name == "batch_execute_statement":
                seen.append(len(stack.items("ALERT#")) * 10 + len(stack.items("STATUS")))
            return getattr(real, name)

    monkeypatch.setattr(stack.receive.receive.store._table, "client", Looking())
    monkeypatch.setattr(stack.receive.receive.outbox._table, "client", Looking())
    stack.post(operation(details={"status": "CARD_PROD_CANCELED"}))
    assert seen == [0, 10, 11]


def test_lost_race_is_merged_again(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A status that another delivery wrote meanwhile is read and merged again: neither update is lost."""
    table = break_table(stack, monkeypatch, never)
    real = table._real
    others = iter(["CARD_PROD_ONGOING", "CARD_PROD_DONE"])

    class Racing:
        """A table in which another delivery always comes first, twice."""

        def __getattr__(self, name: str) -> object:
            other = next(others, None) if name == "batch_execute_statement" else None
            if other is not None:
                monkeypatch.setattr(stack.receive.receive.store._table, "client", real)
                stack.post(operation(details={"status": other, "productionSite": other}))
                monkeypatch.setattr(stack.receive.receive.store._table, "client", self)
            return getattr(real, name)

    monkeypatch.setattr(stack.receive.receive.store._table, "client", Racing())
    stack.post(operation(details={"status": "CARD_PROD_READY", "dueDate": "2026-03-06"}))
    card = stack.card(CARD)
    assert card is not None
    assert (card["status"], card["dueDate"]) == ("CARD_PROD_DONE", "2026-03-06")
    assert set(card["milestones"]) == {"CARD_PROD_READY", "CARD_PROD_ONGOING", "CARD_PROD_DONE"}
    assert len(stack.items("DELIVERY#")) == 3


def test_concurrent_deliveries(stack: Stack) -> None:
    """Deliveries at once end as if they came one after the other (more of this in the tests of races).

    Through the use case: one Lambda environment never runs its handler twice at once, and Powertools relies on that.
    """
    statuses = ["CARD_PROD_REQUESTED", "DATA_PREPARED", "CARD_PROD_READY", "CARD_PROD_ONGOING"] * 2

    def receive(number: int) -> int:
        notification = read_notification(body(operation(details={"status": statuses[number]})), now())
        origin = Origin(now(), f"request-{number}", None)
        deliveries: int = stack.receive.receive(notification, origin, Deadline()).deliveries
        return deliveries

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(receive, range(len(statuses)))) == [1] * len(statuses)
    card = stack.card(CARD)
    assert card is not None
    assert card["status"] == "CARD_PROD_ONGOING"
    assert len(card["milestones"]) == 4
