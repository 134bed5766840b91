"""How an operation maps to an update: every field of D1's page, tolerantly."""

from typing import Any

import pytest

from card_tracking.domain.instants import NEVER
from card_tracking.domain.update import CardUpdate
from card_tracking.wire.notification import read_notification
from card_tracking.wire.operation import MAX_OBJECT_LENGTH, MAX_TEXT_LENGTH
from tests.samples import body, instant, operation

SHIPMENT = {
    "carrier": "DHL",
    "trackingNumber": "00340434161094042557",
    "status": "IN_TRANSIT",
    "message": "On its way",
    "trackingUrl": "https://carrier.example/track?id=00340434161094042557",
    "estimatedDeliveryDate": "2026-03-09T00:00:00Z",
    "lastUpdatedAt": "2026-03-07T13:55:00Z",
    "lastCheckpoint": {
        "checkpointTime": "2026-03-07T13:50:00Z",
        "city": "Lyon",
        "countryName": "France",
        "message": "Arrived at facility",
    },
}


def read(**fields: Any) -> CardUpdate:
    """Read an operation with these fields."""
    [received] = read_notification(body(operation(**fields)), NEVER).operations
    assert received.update is not None
    return received.update


def test_every_field() -> None:
    """Each documented field is kept, as D1 wrote it."""
    update = read(
        status="SUCCESSFUL",
        endTime="2026-03-06T10:00:00Z",
        errorCode="FIELD_INVALID_FORMAT",
        error="name",
        details={
            "status": "CARD_SHIPPED",
            "reason": "none",
            "dueDate": "2026-03-06",
            "productionSite": "Pont-Audemer",
            "inputFileName": "orders.xml",
            "issuerRequestId": "R-1",
            "shipment": SHIPMENT,
        },
    )
    assert update.operation_status == "SUCCESSFUL"
    assert update.status == "CARD_SHIPPED"
    assert update.end_time == "2026-03-06T10:00:00Z"
    assert (update.error_code, update.error, update.reason) == ("FIELD_INVALID_FORMAT", "name", "none")
    assert (update.due_date, update.production_site) == ("2026-03-06", "Pont-Audemer")
    assert (update.input_file_name, update.issuer_request_id) == ("orders.xml", "R-1")
    assert update.shipment == SHIPMENT
    assert update.shipment_updated == instant("2026-03-07T13:55:00Z")
    assert update.other_fields is None


@pytest.mark.parametrize(
    ("name", "attribute"), [("inputFileName", "input_file_name"), ("issuerRequestId", "issuer_request_id")]
)
def test_either_place(name: str, attribute: str) -> None:
    """Two fields are documented both on the operation and in its details: both places are read, details first."""
    assert getattr(read(**{name: "outer"}), attribute) == "outer"
    assert getattr(read(details={"status": "S", name: "inner"}), attribute) == "inner"
    both = read(**{name: "outer"}, details={"status": "S", name: "inner"})
    assert getattr(both, attribute) == "inner"
    assert both.other_fields is None


@pytest.mark.parametrize("details", [None, {}, {"status": None}, {"status": ""}])
def test_no_status(details: Any) -> None:
    """An operation whose details or state are absent is taken, without a named state."""
    assert read(details=details).status == "UNKNOWN"


def test_details_absent() -> None:
    """Details are required by one page of D1's and not by its schema: their absence is tolerated."""
    bare = operation()
    del bare["details"]
    [received] = read_notification(body(bare), NEVER).operations
    assert received.update is not None
    assert received.update.status == "UNKNOWN"


@pytest.mark.parametrize("details", ["text", 5, [1], True])
def test_details_of_another_type(details: Any) -> None:
    """Details that are no object are kept as an unknown field."""
    update = read(details=details)
    assert update.status == "UNKNOWN"
    assert update.other_fields == {"details": details}


@pytest.mark.parametrize("status", [5, ["DATA_PREPARED"], {"a": 1}, False])
def test_status_of_another_type(status: Any) -> None:
    """A state that is no text is kept as an unknown field."""
    update = read(details={"status": status})
    assert update.status == "UNKNOWN"
    assert update.other_fields == {"status": status}


def test_unknown_fields() -> None:
    """Unknown fields, on the operation and in its details, are kept."""
    update = read(batch={"id": 4}, details={"status": "DATA_PREPARED", "priority": [1, None]})
    assert update.other_fields == {"batch": {"id": 4}, "priority": [1, None]}


@pytest.mark.parametrize(
    "name", ["model_config", "to_update", "__class__", "operation_id", "card_id", "details2", "self"]
)
def test_names_with_a_meaning_to_us(name: str) -> None:
    """A field that happens to be called like a part of our own model is an unknown field like any other."""
    update = read(**{name: "x"})
    assert update.other_fields == {name: "x"}
    assert update == read(other="x") or update.card_id == read().card_id


@pytest.mark.parametrize(
    ("value", "text"), [(5, "5"), (True, "true"), ([1, "a"], '[1,"a"]'), ({"a": None}, '{"a":null}')]
)
def test_text_of_another_type(value: Any, text: str) -> None:
    """An optional text of another type is kept as its JSON, not refused."""
    update = read(error=value, endTime=value, details={"status": "S", "dueDate": value, "reason": value})
    assert (update.error, update.end_time, update.due_date, update.reason) == (text, text, text, text)


@pytest.mark.parametrize("value", [None, ""])
def test_empty_text(value: Any) -> None:
    """An empty optional text is an absent one."""
    update = read(error=value, errorCode=value, inputFileName=value, details={"status": "S", "productionSite": value})
    assert (update.error, update.error_code, update.input_file_name, update.production_site) == (None,) * 4


def test_long_text() -> None:
    """Of a long text the status keeps the beginning; the history has all of it."""
    [received] = read_notification(body(operation(error="é" * 5_000)), NEVER).operations
    assert received.update is not None
    assert received.update.error == "é" * MAX_TEXT_LENGTH
    assert "é" * 5_000 in received.raw


@pytest.mark.parametrize("shipment", ["sent", 5, ["a"], True])
def test_shipment_of_another_type(shipment: Any) -> None:
    """A shipment that is no object is kept as an unknown field."""
    update = read(details={"status": "CARD_SHIPPED", "shipment": shipment})
    assert update.shipment is None
    assert update.shipment_updated == NEVER
    assert update.other_fields == {"shipment": shipment}


@pytest.mark.parametrize("shipment", [None, {}])
def test_empty_shipment(shipment: Any) -> None:
    """An empty shipment is an absent one."""
    assert read(details={"status": "CARD_SHIPPED", "shipment": shipment}).shipment is None


@pytest.mark.parametrize("time", [None, 5, "", "soon", ["2026-03-07T13:55:00Z"], {}])
def test_unreadable_progress(time: Any) -> None:
    """A shipment whose time of update cannot be read stands below every one whose time can."""
    assert read(details={"status": "CARD_SHIPPED", "shipment": {"lastUpdatedAt": time}}).shipment_updated == NEVER


def test_large_objects_are_cut() -> None:
    """Of a large object the status keeps the values that fit and says so; short facts survive beside a long one."""
    shipment = {"message": "x" * 20_000, "carrier": "DHL", "lastUpdatedAt": "2026-03-07T13:55:00Z"}
    update = read(details={"status": "CARD_SHIPPED", "shipment": shipment}, unknown="y" * 20_000, small=1)
    assert update.shipment == {"truncated": True, "carrier": "DHL", "lastUpdatedAt": "2026-03-07T13:55:00Z"}
    assert update.other_fields == {"truncated": True, "small": 1}
    assert MAX_OBJECT_LENGTH < 20_000
