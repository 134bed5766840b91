"""The story of a card, from what the product itself has put down about it."""

import json
from datetime import date
from typing import Any, Final

import pytest

from card_tracking.adapters.alert_outbox import ONLY_WHILE_PENDING, PendingAlert, outbox_item
from card_tracking.adapters.deliveries import Delivery as RecordedDelivery
from card_tracking.adapters.deliveries import delivery_item
from card_tracking.domain.alerts import Alert, overdue_alert
from card_tracking.domain.instants import Instant, parse_instant
from card_tracking.domain.merge import merge_all
from card_tracking.domain.update import CardUpdate
from card_tracking.wire.card_document import card_answer, status_text
from card_tracking.wire.operation import Operation
from local.explain.records import Records, add_item
from local.explain.story import Story, document, tell
from local.explain.text import lines
from tests.samples import CARD, LATER_START, OPERATION, operation

FIRST: Final = parse_instant("2026-03-02T10:00:00.000Z")

REQUESTED: Final = operation(details={"status": "CARD_PROD_REQUESTED"})
PREPARED: Final = operation(details={"status": "DATA_PREPARED", "dueDate": "2026-03-06", "productionSite": "Tczew"})
FAILURE: Final = operation(status="FAILED", details={"status": "DATA_EXCEPTION"}, error="pan")
READY: Final = operation(details={"status": "CARD_PROD_READY"})
ORDER: Final = operation(operation="UPDATE_ORDER", operationId="order", details={})
RENEWED: Final = operation(operationId="renewal", startTime=LATER_START, details={"status": "CARD_PROD_REQUESTED"})


def at(second: int) -> Instant:
    """Name a moment after the first arrival."""
    return Instant(FIRST + second * 1_000_000)


def text_at(second: int) -> str:
    """Write it."""
    return f"2026-03-02T10:00:{second:02d}.000Z"


def updates_of(operations: tuple[dict[str, Any], ...]) -> list[CardUpdate]:
    """Read the updates as they were received, a second after each other."""
    return [
        Operation.model_validate(one).to_update(at(second))
        for second, one in enumerate(operations)
        if one["operation"] == "PRODUCE"
    ]


def recorded(*operations: dict[str, Any]) -> Records:
    """Make the records of a card, from the items that the product writes."""
    records = Records()
    for second, one in enumerate(operations):
        delivery = RecordedDelivery(CARD, one["operation"], json.dumps(one), at(second), "request", 0, f"c{second}")
        add_item(records, CARD, delivery_item(delivery, 400))
    status = merge_all(None, updates_of(operations))
    if status is not None:
        item = {"sk": {"S": "STATUS"}, "status": {"S": status.shown.status}, "card": {"S": status_text(status)}}
        add_item(records, CARD, item)
    return records


def with_alert(
    records: Records, one: dict[str, Any], second: int, published: int | None = None, *, superseded: bool = False
) -> Records:
    """Add the row of an alert that arrival number ``second`` raised, published at a second or pending."""
    alert = Alert(Operation.model_validate(one).to_update(at(second)), superseded)
    return with_row(records, alert, second, published)


def with_row(records: Records, alert: Alert, second: int, published: int | None = None) -> Records:
    """Add a row of the outbox as the product writes it: whole while it is pending, and with less once published."""
    row = outbox_item(PendingAlert(alert, at(second), at(second + 60)), 400)
    if published is not None:
        row = {name: value for name, value in row.items() if name not in ONLY_WHILE_PENDING[alert.kind]}
        row["publishedAt"] = {"S": text_at(published)}
    add_item(records, CARD, row)
    return records


def effects(story: Story) -> list[str]:
    """Name what each arrival did."""
    return [arrival.effect.name for arrival in story.arrivals]


def shown(story: Story) -> str:
    """Write it for people."""
    return "\n".join(lines(story))


def test_every_arrival_is_told_in_order() -> None:
    """With what it did, the earliest first."""
    story = tell(CARD, recorded(REQUESTED, READY, PREPARED, ORDER, READY, RENEWED, PREPARED))

    assert effects(story) == ["applied", "applied", "stale", "not tracked", "duplicate", "applied", "duplicate"]
    assert [arrival.correlation_id for arrival in story.arrivals] == [f"c{number}" for number in range(7)]
    assert story.notes == []


def test_the_arrival_that_raised_an_alert_is_named() -> None:
    """And only that one: a repetition of the cause raised nothing."""
    records = with_alert(recorded(PREPARED, FAILURE, FAILURE), FAILURE, 1, published=1)

    story = tell(CARD, records)

    assert [bool(arrival.alert_id) for arrival in story.arrivals] == [False, True, False]
    assert story.arrivals[1].alert_id == story.alerts[0].alert_id


def test_when_an_alert_went_is_told() -> None:
    """How long after it was raised; and of one that has not gone, who will see to it when."""
    gone = with_alert(recorded(FAILURE), FAILURE, 0, published=3)
    pending = with_alert(recorded(FAILURE), FAILURE, 0)

    assert "published at 2026-03-02T10:00:03.000Z, 3.000 s later" in shown(tell(CARD, gone))
    assert "NOT PUBLISHED YET: the relay publishes it after 2026-03-02T10:01:00.000Z" in shown(tell(CARD, pending))


def test_why_the_status_is_what_it_is() -> None:
    """The highest of the newest production, and where the rest of what it tells is from."""
    story = tell(CARD, recorded(REQUESTED, PREPARED, FAILURE))

    assert story.why == (
        f"DATA_EXCEPTION, because it is the furthest status that operation {OPERATION} has reached; 3 arrivals of that "
        "operation are on record. Kept from other updates: dueDate from DATA_PREPARED, productionSite from "
        "DATA_PREPARED."
    )


def test_why_a_renewed_card_is_where_it_is() -> None:
    """The production that counts is the newest one."""
    story = tell(CARD, recorded(READY, RENEWED))

    assert "the furthest status that operation renewal, the newest of 2, has reached" in story.why


def test_why_a_shipment_is_where_it_is() -> None:
    """Of several news of a shipment the latest counts."""
    shipped = operation(
        status="SUCCESSFUL",
        details={"status": "CARD_SHIPPED", "shipment": {"lastUpdatedAt": "2026-03-07T10:00:00Z"}},
    )

    assert "has reached, with the latest news of the shipment" in tell(CARD, recorded(shipped)).why


def test_why_an_unknown_status_shows() -> None:
    """Until what, is said."""
    on_hold = operation(details={"status": "CARD_PROD_ON_HOLD"})

    after = tell(CARD, recorded(PREPARED, on_hold)).why
    alone = tell(CARD, recorded(on_hold)).why

    assert "this unknown status shows until a known status further than DATA_PREPARED arrives" in after
    assert "this unknown status shows until a known status arrives" in alone


def test_a_fact_of_an_unknown_failure_is_not_told_as_a_cancellation() -> None:
    """The two share a place in the order, and the stored fact names only that."""
    destroyed = operation(status="FAILED", details={"status": "CARD_DESTROYED", "productionSite": "Tczew"})
    shipped = operation(status="SUCCESSFUL", details={"status": "CARD_SHIPPED"})

    assert tell(CARD, recorded(destroyed, shipped)).why.endswith("productionSite from an unknown status.")


def test_nothing_is_told_of_nobody() -> None:
    """A card of which nothing is known has a short story."""
    story = tell(CARD, Records())

    assert story.why == "D1 has told nothing of this card's production that could be stored."
    assert document(story)["card"] is None
    assert "Arrivals: 0" in shown(story)


def test_what_was_rejected_is_part_of_the_story() -> None:
    """At its time, with the reason: operations of the card, and whole bodies that name it."""
    rejected: list[dict[str, Any]] = [
        {"reason": "FIELD_INVALID", "field": "status", "operation": READY | {"status": 1}, "receivedAt": text_at(1)},
        {"reason": "NOT_JSON", "body": f'{{"cardId": "{CARD}"', "receivedAt": text_at(2)},
        {"reason": "FIELD_MISSING", "field": "startTime", "operation": {"cardId": "other"}, "receivedAt": text_at(2)},
        {
            "reason": "FIELD_MISSING",
            "field": "operationId",
            "receivedAt": text_at(3),
            "operations": [{"cardId": "other"}, {"cardId": CARD}],
        },
        {"reason": "OPERATION_NOT_AN_OBJECT", "receivedAt": text_at(3), "operations": ["x", None]},
    ]

    story = tell(CARD, recorded(REQUESTED), rejected)

    assert effects(story) == ["applied", "rejected", "rejected", "rejected"]
    assert [arrival.effect.why.split(".")[0] for arrival in story.arrivals[1:]] == [
        "FIELD_INVALID: status",
        "NOT_JSON",
        "FIELD_MISSING: operationId",
    ]


def test_expired_deliveries_are_noticed() -> None:
    """Where the deliveries on record do not lead to the status in the table, it says so instead of inventing."""
    records = recorded(PREPARED, READY)
    del records.deliveries[1]

    story = tell(CARD, records)

    assert "give DATA_PREPARED and the table says CARD_PROD_READY" in story.notes[0]
    records.deliveries.clear()
    assert "give nothing" in tell(CARD, records).notes[0]


def test_a_delivery_that_cannot_be_read_spoils_nothing() -> None:
    """An old recording that this version does not understand is told as such."""
    records = recorded(PREPARED)
    records.deliveries.append(type(records.deliveries[0])(at(1), None, {"operation": "PRODUCE"}))

    assert effects(tell(CARD, records)) == ["applied", "unreadable"]


@pytest.mark.parametrize("name", ["PRODUCE", "UPDATE_ORDER"])
def test_what_was_asked_for_is_told_as_such(name: str) -> None:
    """Who reads the story sees which deliveries are D1's own, and which came by reconciliation."""
    records = Records()
    for second, asked in enumerate((False, True)):
        raw = json.dumps(operation(operation=name))
        delivery = RecordedDelivery(CARD, name, raw, at(second), "request", 0, by_reconciliation=asked)
        add_item(records, CARD, delivery_item(delivery, 400))

    story = tell(CARD, records)

    assert [one["byReconciliation"] for one in document(story)["arrivals"]] == [False, True]
    assert "\n".join(lines(story)).count("D1 was asked for it") == 1


def test_machines_get_all_of_it() -> None:
    """The card as a query answers it, every arrival with what D1 sent, every alert."""
    records = with_alert(recorded(PREPARED, FAILURE), FAILURE, 1)

    told = json.loads(json.dumps(document(tell(CARD, records))))

    assert records.status is not None
    assert told["card"] == card_answer(records.status)
    assert told["arrivals"][1] == {
        "receivedAt": text_at(1),
        "effect": "applied",
        "why": "Further than DATA_PREPARED, the furthest until then.",
        "status": "DATA_EXCEPTION",
        "alertId": told["alerts"][0]["alertId"],
        "correlationId": "c1",
        "byReconciliation": False,
        "operation": FAILURE,
    }
    assert told["alerts"][0] == {
        "alertId": told["arrivals"][1]["alertId"],
        "kind": "STATUS",
        "overdueOn": None,
        "status": "DATA_EXCEPTION",
        "operationId": OPERATION,
        "superseded": False,
        "raisedAt": text_at(1),
        "publishedAt": None,
        "leaseEndsAt": "2026-03-02T10:01:01.000Z",
    }


@pytest.mark.parametrize("published", [None, 3])
def test_an_alert_is_told_alike_before_and_after_it_is_published(published: int | None) -> None:
    """A published row has lost the alert's text. The story tells the same of it, but for when it was published."""
    records = with_alert(recorded(PREPARED, FAILURE, READY), FAILURE, 1, published, superseded=True)

    story = tell(CARD, records)

    (told,) = document(story)["alerts"]
    assert told == {
        "alertId": story.arrivals[1].alert_id,
        "kind": "STATUS",
        "overdueOn": None,
        "status": "DATA_EXCEPTION",
        "operationId": OPERATION,
        "superseded": True,
        "raisedAt": text_at(1),
        "publishedAt": text_at(3) if published else None,
        "leaseEndsAt": None if published else "2026-03-02T10:01:01.000Z",
    }
    assert f"{text_at(1)}  DATA_EXCEPTION of operation {OPERATION}\n" in shown(story)
    assert "(superseded: the card was known to be further on)" in shown(story)


@pytest.mark.parametrize("published", [None, 59])
def test_an_alert_about_a_late_card_was_raised_by_no_arrival(published: int | None) -> None:
    """Nothing came, that is what it is about; it is told with the day and the date that has passed."""
    records = recorded(PREPARED, READY)
    assert records.status is not None
    late = overdue_alert(records.status, date(2026, 3, 9))

    story = tell(CARD, with_row(records, late, 58, published))

    assert [arrival.alert_id for arrival in story.arrivals] == [None, None]
    assert "Overdue on 2026-03-09 (due 2026-03-06): CARD_PROD_READY" in shown(story)
    (told,) = document(story)["alerts"]
    assert (told["kind"], told["overdueOn"], told["alertId"]) == ("OVERDUE", "2026-03-09", late.alert_id)


def test_a_terminal_gets_nothing_that_it_would_obey() -> None:
    """What came from outside may hold control characters."""
    hostile = operation(details={"status": "\u001b[2J\u202ekciuq"}, operationId="\u0007")

    told = shown(tell(CARD, recorded(REQUESTED, hostile)))

    assert all(character.isprintable() for character in told.replace("\n", ""))


def test_operations_are_named_where_there_are_several() -> None:
    """A person must be able to tell the productions of a card apart."""
    assert "operation renewal" in shown(tell(CARD, recorded(READY, RENEWED))).split("Arrivals")[1]
    assert OPERATION not in shown(tell(CARD, recorded(READY, READY))).split("Arrivals")[1]
