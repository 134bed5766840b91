"""Which updates alert, and as what."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from card_tracking.domain.alerts import (
    OVERDUE,
    STATUS,
    Alert,
    Cause,
    OverdueDay,
    cause_of,
    detect_alerts,
    failures_without_alert,
    is_known,
    overdue_alert,
)
from card_tracking.domain.instants import Instant
from card_tracking.domain.status import CardStatus
from card_tracking.domain.statuses import FAILED, PENDING, SUCCESSFUL
from card_tracking.domain.update import CardUpdate
from tests.samples import CARD, LATER_START, OPERATION, update
from tests.unit.test_merge import merged

DEFAULT = {"DATA_EXCEPTION", "CARD_PROD_CANCELED"}
FAILURE = update("DATA_EXCEPTION", FAILED)


def statuses(*updates: CardUpdate) -> dict[str, CardStatus]:
    """Give the status of CARD after these updates."""
    return {CARD: merged(*updates)}


def test_alert_id_is_for_ever() -> None:
    """An alert's id is derived from its cause alone and never changes: consumers fold repetitions by it."""
    cause = Cause("card-1", "operation-1", "DATA_EXCEPTION")
    assert cause.alert_id == "a53c646c4cf303b0af1c33976c83c204"
    assert Alert(update("DATA_EXCEPTION", error="x"), superseded=True).alert_id == cause_of(FAILURE).alert_id


@pytest.mark.parametrize(
    "other",
    [Cause("card-2", "op", "S"), Cause("card-1", "op2", "S"), Cause("card-1", "op", "T"), Cause("card-1o", "p", "S")],
)
def test_every_cause_has_its_own_id(other: Cause) -> None:
    """Card, operation and status each make another cause, however their texts are divided."""
    assert other.alert_id != Cause("card-1", "op", "S").alert_id


def test_id_of_a_late_day() -> None:
    """A card has one id a day, for ever, whatever is known of it on that day; no report of D1 can have the same."""
    assert OverdueDay("card-1", "2026-03-09").alert_id == "64dee180e93b6b3726ac02470c9c1681"
    day = date(2026, 3, 9)
    renewed = update("DATA_PREPARED", operation_id="second", start=LATER_START)
    first, second = overdue_alert(merged(FAILURE), day), overdue_alert(merged(FAILURE, renewed), day)
    assert first.alert_id == second.alert_id == OverdueDay(CARD, "2026-03-09").alert_id
    assert first.alert_id != overdue_alert(merged(FAILURE), date(2026, 3, 10)).alert_id
    assert first.alert_id not in {Cause(CARD, "2026-03-09", "").alert_id, Cause(CARD, "", "2026-03-09").alert_id}


def test_alert_about_a_late_card() -> None:
    """It tells the latest report with all facts that are known, also those that the report left out."""
    prepared = update("DATA_PREPARED", due_date="2026-03-06", production_site="Pont-Audemer", input_file_name="f.xml")
    ready = update("CARD_PROD_READY", received=Instant(5))
    alert = overdue_alert(merged(prepared, ready), date(2026, 3, 9))
    assert (alert.kind, alert.overdue_on, alert.superseded) == (OVERDUE, "2026-03-09", False)
    assert alert.update == replace(
        ready, due_date="2026-03-06", production_site="Pont-Audemer", input_file_name="f.xml"
    )
    assert alert.update.received == 5
    assert Alert(ready, superseded=False).kind == STATUS


def test_cause() -> None:
    """A cause is the card, the operation and the state of the card."""
    assert cause_of(FAILURE) == (CARD, OPERATION, "DATA_EXCEPTION")


@pytest.mark.parametrize("operation_status", [PENDING, SUCCESSFUL, FAILED, "WHATEVER"])
@pytest.mark.parametrize("status", sorted(DEFAULT))
def test_alerts_whatever_the_operation_says(status: str, operation_status: str) -> None:
    """What the card's state says alerts, whatever the operation's state is: D1 does not document it for all."""
    one = update(status, operation_status)
    assert detect_alerts([one], statuses(one), DEFAULT) == [Alert(one, superseded=False)]


def test_no_alert() -> None:
    """Other states do not alert, even where the operation failed."""
    other = update("CARD_PROD_EXCEPTION", FAILED)
    assert detect_alerts([other, update("DATA_PREPARED")], statuses(other), DEFAULT) == []
    assert len(detect_alerts([other], statuses(other), DEFAULT | {"CARD_PROD_EXCEPTION"})) == 1


def test_once_per_cause_in_a_body() -> None:
    """Repetitions of a cause in one body are one alert, of the first report, whatever they say beside it."""
    again = update("DATA_EXCEPTION", FAILED, error="other words")
    assert detect_alerts([FAILURE, again, FAILURE], statuses(FAILURE), DEFAULT) == [Alert(FAILURE, superseded=False)]


def test_every_cause_in_their_order() -> None:
    """Different causes in one body are an alert each, in the order in which they were told."""
    canceled = update("CARD_PROD_CANCELED")
    alerts = detect_alerts([canceled, FAILURE], statuses(FAILURE, canceled), DEFAULT)
    assert [alert.update for alert in alerts] == [canceled, FAILURE]


@pytest.mark.parametrize(
    ("known", "superseded"),
    [
        ([FAILURE], False),
        ([FAILURE, update("DATA_PREPARED")], False),
        ([FAILURE, update("CARD_PROD_READY")], True),
        ([FAILURE, update("CARD_PROD_REQUESTED", start=LATER_START, operation_id="B")], True),
        ([FAILURE, update("ON_HOLD")], False),
        ([FAILURE, update("DATA_EXCEPTION", FAILED, error="told later")], False),
    ],
)
def test_superseded(known: list[CardUpdate], superseded: bool) -> None:
    """A failure that is known to be overcome still alerts, and says that it was overcome; no other says so."""
    assert detect_alerts([FAILURE], statuses(*known), DEFAULT) == [Alert(FAILURE, superseded)]


def test_canceled_and_shipped() -> None:
    """A cancellation that arrives after the shipment alerts as superseded."""
    canceled, shipped = update("CARD_PROD_CANCELED"), update("CARD_SHIPPED", SUCCESSFUL)
    assert detect_alerts([canceled], statuses(shipped, canceled), DEFAULT) == [Alert(canceled, superseded=True)]


def test_unknown_status_that_does_not_show() -> None:
    """An alerting status without a place of its own is superseded where something else shows."""
    hold = update("ON_HOLD")
    assert detect_alerts([hold], statuses(hold), {"ON_HOLD"}) == [Alert(hold, superseded=False)]
    ended = statuses(update("CARD_SHIPPED", SUCCESSFUL), hold)
    assert detect_alerts([hold], ended, {"ON_HOLD"}) == [Alert(hold, superseded=True)]


def test_known() -> None:
    """A cause is known by the milestone of its operation; whether one of another operation was told, it cannot tell."""
    alert = Alert(FAILURE, superseded=False)
    renewal = update("DATA_EXCEPTION", FAILED, start=LATER_START, operation_id="B")
    assert is_known(alert, merged(FAILURE, update("CARD_PROD_READY")))
    assert not is_known(alert, merged(update("CARD_PROD_READY")))
    assert not is_known(alert, merged(FAILURE, renewal))


NAMELESS = update("UNKNOWN", FAILED, error_code="E1")
PERSONALIZATION = update("CARD_PROD_EXCEPTION", FAILED)
NEWER = update("DATA_PREPARED", start=LATER_START, operation_id="B")


@pytest.mark.parametrize(
    ("known", "reported", "first"),
    [
        # Of a card of which nothing is known, or of an operation of which nothing is known.
        ([], [NAMELESS], [NAMELESS]),
        ([], [PERSONALIZATION], [PERSONALIZATION]),
        ([update("DATA_PREPARED")], [update("LOST", FAILED, operation_id="B", start=LATER_START)], "all"),
        ([NAMELESS], [update("UNKNOWN", FAILED, operation_id="B", start=LATER_START)], "all"),
        # Whether it shows or not.
        ([update("CARD_PROD_READY")], [NAMELESS], [NAMELESS]),
        ([update("CARD_SHIPPED", SUCCESSFUL)], [PERSONALIZATION], [PERSONALIZATION]),
        ([], [PERSONALIZATION, update("CARD_PROD_DONE"), NAMELESS], [PERSONALIZATION, NAMELESS]),
        # The status was known, and that the operation failed in it was not.
        ([update("CARD_PROD_ONGOING")], [update("CARD_PROD_ONGOING", FAILED)], "all"),
        ([update("UNKNOWN")], [NAMELESS], [NAMELESS]),
        # A repetition, with the same words or others, in one body or later.
        ([NAMELESS], [NAMELESS], []),
        ([NAMELESS], [update("UNKNOWN", FAILED, error_code="E2")], []),
        ([NAMELESS, update("CARD_PROD_READY")], [NAMELESS], []),
        ([update("CARD_SHIPPED", SUCCESSFUL), PERSONALIZATION], [PERSONALIZATION], []),
        ([], [NAMELESS, NAMELESS, update("CARD_PROD_READY"), NAMELESS], [NAMELESS]),
        # What alerts, and what is no failure.
        ([], [FAILURE, update("CARD_PROD_CANCELED", FAILED)], []),
        ([], [update("UNKNOWN"), update("CARD_PROD_EXCEPTION"), update("CARD_SHIPPED", SUCCESSFUL)], []),
        # What the status cannot tell: an operation before the newest, and a status that was passed without a failure.
        ([NEWER], [NAMELESS], []),
        ([update("CARD_PROD_ONGOING"), update("CARD_PROD_DONE")], [update("CARD_PROD_ONGOING", FAILED)], []),
    ],
)
def test_failures_that_alert_nobody(known: list[CardUpdate], reported: list[CardUpdate], first: Any) -> None:
    """A failed operation whose status does not alert is found when it is first received, and not again."""
    before = merged(*known) if known else None
    assert failures_without_alert(before, reported, DEFAULT) == (reported if first == "all" else first)
