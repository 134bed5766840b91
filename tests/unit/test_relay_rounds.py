"""The relay: round after round while alerts are pending, and what it reports of all of them."""

from typing import Any

import pytest

from card_tracking.adapters.alert_outbox import PendingAlert
from card_tracking.adapters.alert_topic import Publication
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.instants import Instant
from card_tracking.use_cases import relay as use_case
from card_tracking.use_cases.relay import RelayAlerts
from tests.samples import update

ALERT = Alert(update("DATA_EXCEPTION"), superseded=False)
ROW = PendingAlert(ALERT, waits_since=Instant(-90_000_000), lease_end=Instant(-30_000_000))


class FakeOutbox:
    """An outbox whose first shard has a page of one row and then one of two rows, all to be claimed."""

    def __init__(self) -> None:
        self._pages = [[ROW], [ROW, ROW]]

    def pending(self, shard: int, *_: Any) -> list[PendingAlert]:
        """Return the next page of a shard."""
        return self._pages.pop(0) if shard == 0 and self._pages else []

    def claim(self, pending: list[PendingAlert], *_: Any) -> list[PendingAlert]:
        """Claim all rows."""
        return pending


def test_first_failure_of_all_rounds_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal in an earlier round is reported, although the rounds after it publish everything."""
    published = [Publication([], "InvalidParameter", can_go_on=True), Publication([ALERT] * 2, None, can_go_on=True)]
    monkeypatch.setattr(use_case, "publish", lambda *_: published.pop(0))
    outbox: Any = FakeOutbox()
    topic: Any = None

    report = RelayAlerts(outbox, topic, lambda: Instant(0))(Deadline())

    assert (report.claimed, len(report.published), report.failure) == (3, 2, "InvalidParameter")
    assert report.oldest_delay_seconds == 90.0
