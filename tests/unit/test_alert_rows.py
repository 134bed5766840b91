"""Rows of the outbox: which of them expire, and when."""

from datetime import date

from card_tracking.adapters.alert_outbox import PendingAlert, outbox_item
from card_tracking.domain.alerts import Alert, overdue_alert
from card_tracking.domain.instants import Instant
from card_tracking.domain.merge import merge_all
from tests.samples import instant, update

CREATED = instant("2026-03-09T06:00:00.5Z")
LEASE_END = Instant(CREATED + 60_000_000)


def test_row_of_an_overdue_card_expires_after_its_days() -> None:
    """The row of an alert about an overdue card expires after RetentionDays: DynamoDB reads seconds."""
    alert = overdue_alert(merge_all(None, [update("DATA_PREPARED")]), date(2026, 3, 9))
    item = outbox_item(PendingAlert(alert, CREATED, LEASE_END), 400)
    assert item["expiresAt"] == {"N": str(CREATED // 1_000_000 + 400 * 86_400)}


def test_row_of_a_cause_never_expires() -> None:
    """A cause alerts once for ever, so its row has no time to expire at."""
    alert = Alert(update("DATA_EXCEPTION"), superseded=False)
    assert "expiresAt" not in outbox_item(PendingAlert(alert, CREATED, LEASE_END), 400)
