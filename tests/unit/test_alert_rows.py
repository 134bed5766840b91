"""Rows of the outbox: how long a published one is kept."""

import re
from datetime import date

from card_tracking.adapters.alert_outbox import AlertOutbox
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import overdue_alert
from card_tracking.domain.merge import merge_all
from tests.samples import instant, update
from tests.unit.recorder import Recorder


def test_row_of_an_overdue_card_expires_after_its_days() -> None:
    """The row of a published alert about an overdue card expires after RetentionDays: DynamoDB reads seconds."""
    client = Recorder({"Responses": [{}]})
    alert = overdue_alert(merge_all(None, [update("DATA_PREPARED")]), date(2026, 3, 9))
    published = instant("2026-03-09T06:00:00.5Z")
    AlertOutbox(Table(client, "Cards"), 400).mark_published([alert], published, Deadline())  # type: ignore[arg-type]  # a double

    ((_, request),) = client.requests
    (statement,) = request["Statements"]
    values = dict(zip(re.findall(r'SET "(\w+)"=\?', statement["Statement"]), statement["Parameters"], strict=False))
    assert values["expiresAt"] == {"N": str(published // 1_000_000 + 400 * 86_400)}
