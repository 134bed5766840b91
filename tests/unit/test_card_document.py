"""A status as it is stored and answered: what is written is what is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import merge_all
from card_tracking.domain.status import CardStatus
from card_tracking.domain.statuses import FAILED, SUCCESSFUL
from card_tracking.domain.update import CardUpdate
from card_tracking.wire.card_document import card_answer, read_status, read_update, status_text, stored_update
from tests.properties.strategies import updates
from tests.samples import CARD, OPERATION, START, instant, update
from tests.unit.test_merge import LIFE, merged
from tests.unit.test_operation import SHIPMENT

RECEIVED = instant("2026-03-02T09:20:00.123Z")


def read_back(status: CardStatus) -> CardStatus:
    """Write a status and read it."""
    return read_status(status.shown.card_id, status.shown.status, status_text(status))


@given(st.lists(updates(), min_size=1, max_size=8))
def test_status_round_trip(several: list[CardUpdate]) -> None:
    """Whatever updates made it, a status read from the table is the one that was written, times of receipt included."""
    status = merge_all(None, several)
    assert status is not None
    again = read_back(status)
    assert again == status
    assert again.shown.received == status.shown.received
    assert again.position == status.position


@given(updates())
def test_update_round_trip(one: CardUpdate) -> None:
    """An update read from its document is the one that was written."""
    assert read_update(json.loads(json.dumps(stored_update(one))), one.received) == one


@pytest.mark.parametrize("name", ["0", "10", "55", "?", "?10", "", "DATA_PREPARED ", "place"])
def test_unknown_status_of_any_name(name: str) -> None:
    """A status that D1 invents is read back under its own name, even where we use that text for ourselves."""
    status = merged(update("DATA_PREPARED"), update(name, FAILED), update("CARD_SHIPPED", SUCCESSFUL))
    assert read_back(status) == status


def test_kept_under_an_unknown_status() -> None:
    """Place, facts and digests survive the table: an unknown status is replaced and stays away as it should."""
    status = read_back(merged(update("CARD_PROD_READY", due_date="2026-03-06"), update("ON_HOLD"), update("HOLD_2")))
    assert status.position.progress.rank == 30
    assert status.latest("due_date") == "2026-03-06"
    assert merge_all(status, [update("ON_HOLD")]) is status
    assert merge_all(status, [update("CARD_PROD_READY", due_date="2026-03-06")]) is status


def test_fields_renewed_under_a_hold() -> None:
    """A sticky field that was renewed while a hold shows survives the table, although the hold came with another."""
    hold = update("CARD_ON_HOLD", due_date="2026-03-08")
    status = merged(update("CARD_PROD_READY"), hold, update("CARD_PROD_READY", due_date="2026-03-26"))
    assert read_back(status).latest("due_date") == "2026-03-26"
    assert read_back(status) == status


def test_time_of_a_cut_shipment() -> None:
    """The time that orders shipments survives the table even if the shipment was stored without it."""
    shipped = update("CARD_SHIPPED", SUCCESSFUL, shipped="2026-03-07T08:00:00Z", shipment={"truncated": True})
    assert read_back(merged(shipped)).position == shipped.position


def test_start_in_two_seconds() -> None:
    """The latest second of an operation survives the table if the update shown has an earlier one."""
    early, late = "2026-03-02T09:15:00Z", "2026-03-02T09:15:02Z"
    status = merged(update("CARD_PROD_READY", start=early), update("DATA_PREPARED", start=late))
    assert read_back(status).position.started == instant(late)


def test_stays_small() -> None:
    """With all that D1 documents the text stays far enough under the kilobyte at which a write costs double."""
    fields: dict[str, Any] = {
        "due_date": "2026-03-06",
        "production_site": "Pont-Audemer",
        "input_file_name": "BANK000001_20260302_0001.xml",
        "issuer_request_id": "REQ-2026-03-02-000123",
        "end_time": "2026-03-06T10:00:00.250Z",
        "shipment": SHIPMENT,
        "shipment_updated": instant(SHIPMENT["lastUpdatedAt"]),  # type: ignore[arg-type]  # the sample is loosely typed
    }
    last = update("CARD_SHIPPED", SUCCESSFUL, received=RECEIVED, **fields)
    status = merged(*[update(one.status, one.operation_status, received=RECEIVED) for one in LIFE], last)
    assert len(status_text(status).encode()) + len(CARD) + 80 < 1_024


def test_text_is_utf8() -> None:
    """Texts in any script are stored as they are: escapes would double the bytes that are paid for."""
    assert "東京" in status_text(merged(update("DATA_PREPARED", production_site="東京")))


def test_answer() -> None:
    """An answer has D1's names and texts, and our times in UTC."""
    early, late = Instant(RECEIVED), Instant(RECEIVED + 60_000_000)
    status = merged(
        update("CARD_SHIPPED", SUCCESSFUL, received=early, shipment=SHIPMENT, end_time="2026-03-06T12:00:00+02:00"),
        update("DATA_PREPARED", received=late, due_date="2026-03-06"),
    )
    assert card_answer(status) == {
        "cardId": CARD,
        "status": "CARD_SHIPPED",
        "operationId": OPERATION,
        "operationStatus": "SUCCESSFUL",
        "startTime": START,
        "endTime": "2026-03-06T12:00:00+02:00",
        "dueDate": "2026-03-06",
        "shipment": SHIPMENT,
        "receivedAt": "2026-03-02T09:20:00.123Z",
        "milestones": {"CARD_SHIPPED": "2026-03-02T09:20:00.123Z", "DATA_PREPARED": "2026-03-02T09:21:00.123Z"},
    }


def test_answer_of_a_failure() -> None:
    """The answer says why a card failed, and what else came with it."""
    status = merged(
        update("DATA_EXCEPTION", FAILED, error_code="E1", error="name", reason="r", other_fields={"new": [1]})
    )
    answer = card_answer(status)
    assert (answer["errorCode"], answer["error"], answer["reason"]) == ("E1", "name", "r")
    assert answer["otherFields"] == {"new": [1]}


def test_milestones_are_in_order_of_time() -> None:
    """Who reads the milestones reads them in the order of their times, whatever order they came in."""
    status = merged(*[update(one.status, one.operation_status, received=Instant(-n)) for n, one in enumerate(LIFE[:5])])
    assert list(card_answer(status)["milestones"]) == [one.status for one in reversed(LIFE[:5])]  # type: ignore[arg-type]  # a mapping
