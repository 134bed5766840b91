"""How large items get: writes are billed by the kilobyte, and a status is written with every step of a card."""

import json
from typing import Any, Final

import pytest

from card_tracking.adapters.alert_outbox import PendingAlert, outbox_item
from card_tracking.adapters.deliveries import Delivery, delivery_item
from card_tracking.adapters.status_items import StatusChange, write_statement
from card_tracking.adapters.table import Table
from card_tracking.domain.alerts import Alert
from card_tracking.domain.merge import merge
from card_tracking.domain.status import CardStatus
from card_tracking.domain.update import CardUpdate
from card_tracking.wire.notification import read_notification
from tests.performance.conftest import RECEIVED

KILOBYTE: Final = 1_024
SHIPMENT: Final = {
    "carrier": "Chronopost International",
    "trackingNumber": "XR045567890FR",
    "trackingUrl": "https://www.chronopost.example/tracking?listeNumerosLT=XR045567890FR",
    "status": "InTransit",
    "message": "Your parcel is on its way to the delivery site.",
    "estimatedDeliveryDate": "2025-02-03",
    "lastUpdatedAt": "2025-01-31T08:00:00.000Z",
    "lastCheckpoint": {"city": "Roissy-en-France", "countryCode": "FR", "time": "2025-01-31T07:58:12.000Z"},
}
STAGES: Final[list[dict[str, Any]]] = [
    {"status": "PENDING", "details": {"status": "CARD_PROD_REQUESTED"}},
    {"status": "PENDING", "details": {"status": "DATA_PREPARED"}},
    {"status": "FAILED", "details": {"status": "DATA_EXCEPTION"}, "errorCode": "FIELD_INVALID_FORMAT", "error": "pan"},
    {"status": "PENDING", "details": {"status": "CARD_PROD_READY"}},
    {"status": "PENDING", "details": {"status": "CARD_PROD_ONGOING"}},
    {"status": "FAILED", "details": {"status": "CARD_PROD_EXCEPTION", "reason": "Chip personalization failed twice"}},
    {"status": "SUCCESSFUL", "details": {"status": "CARD_PROD_DONE"}},
    {"status": "SUCCESSFUL", "details": {"status": "CARD_SHIPPED", "shipment": SHIPMENT}},
]
REQUEST: Final = {
    "inputFileName": "BANK000001_PERSO_20250117_062802_000123.xml",
    "issuerRequestId": "9f0c2b1e-5d0f-4e0c-8b11-6a2b8c110d5f",
}


def said(stage: dict[str, Any], **more: str) -> dict[str, Any]:
    """Write an operation at a stage of its life, as long as D1 writes it."""
    details = {"dueDate": "2025-01-21", "productionSite": "Gemenos"} | stage["details"]
    operation = {
        "operationId": "01c5a05e-e197-11ec-8fea-0242ac120002",
        "operation": "PRODUCE",
        "startTime": "2025-01-17T06:28:02.492Z",
        "endTime": "2025-01-21T09:28:12.492Z",
        "cardId": "b1f2c3d4-271b-6e47-8ec3-7f3f09ab12cd",
    }
    return operation | stage | {"details": details} | more


def read(operation: dict[str, Any]) -> CardUpdate:
    """Read an operation as the function does."""
    update = read_notification(json.dumps({"operations": [operation]}), RECEIVED).operations[0].update
    assert update is not None
    return update


def size_of(item: dict[str, Any]) -> int:
    """Add an item up as DynamoDB does: names and texts in UTF-8, a number by its digits."""
    return sum(len(name.encode()) + _size_of_value(*next(iter(value.items()))) for name, value in item.items())


def _size_of_value(kind: str, value: Any) -> int:
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return len(value) // 2 + 2
        case _:
            return 1


def status_item(status: CardStatus) -> dict[str, Any]:
    """Write a status as the item that it is stored as."""
    statement = write_statement(Table(None, "Cards"), StatusChange(status, None))  # type: ignore[arg-type]  # not called
    names = [part.split("'")[1] for part in statement["Statement"].split("{")[1].split(", ")]
    return dict(zip(names, statement["Parameters"], strict=True))


@pytest.mark.parametrize(
    ("request_fields", "stages"),
    [({}, STAGES), (REQUEST, STAGES[:-1])],
    ids=["bare, to its shipment", "with file and request, to its end"],
)
def test_a_status_stays_under_a_kilobyte(request_fields: dict[str, str], stages: list[dict[str, Any]]) -> None:
    """A status is one write unit in every stage of a card that goes through all of them, milestones and all.

    But for a shipment that tells everything of a card whose file and request are known, too: that one is two.
    """
    status: CardStatus | None = None
    sizes = {}
    for stage in stages:
        status = merge(status, read(said(stage, **request_fields)))
        sizes[stage["details"]["status"]] = size_of(status_item(status))
    assert status is not None
    assert len(status.milestones) == len(stages)
    assert max(sizes.values()) < KILOBYTE, sizes


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: str(stage["details"]["status"]))
def test_a_delivery_stays_under_a_kilobyte(stage: dict[str, Any]) -> None:
    """A delivery is one write unit, too."""
    raw = json.dumps(said(stage), separators=(",", ":"))
    request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    delivery = Delivery("b1f2c3d4-271b-6e47-8ec3-7f3f09ab12cd", "PRODUCE", raw, RECEIVED, request_id, 0, request_id)
    assert size_of(delivery_item(delivery, 400)) < KILOBYTE


@pytest.mark.parametrize("stage", STAGES[:-1], ids=lambda stage: str(stage["details"]["status"]))
def test_an_alert_stays_under_a_kilobyte(stage: dict[str, Any]) -> None:
    """So is a row of the outbox, with everything that the alert tells; not that of a whole shipment, which is two."""
    row = PendingAlert(Alert(read(said(stage, **REQUEST)), superseded=False), RECEIVED, RECEIVED)
    assert size_of(outbox_item(row, 400)) < KILOBYTE
