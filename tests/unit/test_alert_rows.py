"""Rows of the outbox: which of them expire, when, and for how long a lease lasts."""

from datetime import date

import pytest

from card_tracking.adapters.alert_outbox import AlertOutbox, PendingAlert, outbox_item
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert, overdue_alert
from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import merge_all
from tests.samples import instant, update
from tests.unit.recorder import Recorder

NOW = instant("2026-03-09T06:00:00.5Z")
SECOND = 1_000_000
LEASE = 60 * SECOND
MARGIN = 30 * SECOND
OF_A_CAUSE = Alert(update("DATA_EXCEPTION"), superseded=False)
OF_AN_OVERDUE_CARD = overdue_alert(merge_all(None, [update("DATA_PREPARED")]), date(2026, 3, 9))


def test_row_of_an_overdue_card_expires_after_its_days() -> None:
    """The row about an overdue card expires RetentionDays after its creation; DynamoDB reads seconds."""
    item = outbox_item(PendingAlert(OF_AN_OVERDUE_CARD, NOW, NOW), 400)

    assert item["expiresAt"] == {"N": str(NOW // SECOND + 400 * 86_400)}


def test_row_of_a_cause_never_expires() -> None:
    """A cause alerts once for ever, so its row stays."""
    assert "expiresAt" not in outbox_item(PendingAlert(OF_A_CAUSE, NOW, NOW), 400)


@pytest.mark.parametrize(("leased", "lease_end"), [(True, NOW + LEASE), (False, NOW)])
def test_row_is_the_inserters_for_a_minute(leased: bool, lease_end: int) -> None:
    """A row with a lease is its inserter's for 60 s; without one the relay may publish it at once."""
    client = Recorder({"Responses": [{}]})
    outbox = AlertOutbox(Table(client, "Cards"), 400)  # type: ignore[arg-type]  # a double

    (row,) = outbox.add([OF_A_CAUSE], NOW, Deadline(), leased=leased)

    assert (row.waits_since, row.lease_end) == (NOW, lease_end)


@pytest.mark.parametrize(("left", "safe"), [(MARGIN + 1, True), (MARGIN, True), (MARGIN - 1, False), (-1, False)])
def test_lease_is_safe_while_it_outlasts_a_round(left: int, safe: bool) -> None:
    """A lease with 30 s left or more need not be renewed before a round is published."""
    assert PendingAlert(OF_A_CAUSE, NOW, Instant(NOW + left)).is_safe(NOW) is safe
