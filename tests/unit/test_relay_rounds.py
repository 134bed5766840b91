"""The relay: round after round while anything waits, and what it reports of all of them."""

from collections.abc import Sequence
from typing import Any

import pytest

from card_tracking.adapters.alert_outbox import PENDING_SHARDS, PendingAlert
from card_tracking.adapters.alert_topic import Publication
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.instants import Instant
from card_tracking.use_cases import relay as use_case
from card_tracking.use_cases.relay import RelayAlerts, RelayReport
from tests.samples import update

NOW = Instant(1_000_000_000)
ALERT = Alert(update("DATA_EXCEPTION"), superseded=False)


def row(age: int, lease_left: int = 0) -> PendingAlert:
    """Return a row that is so many seconds old, and whose lease lasts for so many more."""
    return PendingAlert(ALERT, Instant(NOW - age * 1_000_000), Instant(NOW + lease_left * 1_000_000))


class FakeOutbox:
    """An outbox with these rows in its shards, a page each time that it is read."""

    def __init__(self, *shards: list[list[PendingAlert]]) -> None:
        """Hold the pages of each shard."""
        self._pages = [list(pages) for pages in shards] + [[] for _ in range(PENDING_SHARDS - len(shards))]
        self.claimed: list[int] = []

    def pending(self, shard: int, after: PendingAlert | None, limit: int, deadline: Deadline) -> list[PendingAlert]:
        """Return the next page of a shard."""
        return self._pages[shard].pop(0) if self._pages[shard] else []

    def claim(self, rows: Sequence[PendingAlert], now: Instant, deadline: Deadline) -> Sequence[PendingAlert]:
        """Claim rows."""
        self.claimed.append(len(rows))
        return rows


def run(monkeypatch: pytest.MonkeyPatch, outbox: Any, *published: Publication) -> RelayReport:
    """Run the relay; the topic gives these answers, and then takes everything."""
    answers = list(published)

    def publish(_topic: Any, _outbox: Any, rows: Sequence[PendingAlert], *_: Any) -> Publication:
        return answers.pop(0) if answers else Publication([one.alert for one in rows], None, can_go_on=True)

    monkeypatch.setattr(use_case, "publish", publish)
    return RelayAlerts(outbox, outbox, lambda: NOW)(Deadline())


def test_first_failure_of_all_rounds_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal in an earlier round is reported, although the rounds after it publish everything."""
    outbox = FakeOutbox([[row(60)], [row(50), row(40)]])
    report = run(monkeypatch, outbox, Publication([], "InvalidParameter", can_go_on=True))

    assert (report.claimed, len(report.published), report.failure) == (3, 2, "InvalidParameter")


def test_delay_is_that_of_the_oldest_alert_of_all_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """The delay is the age of the oldest row, in seconds, in whichever shard it lies and whoever holds its lease."""
    outbox = FakeOutbox([[row(90), row(30)]], [[row(300, lease_left=20), row(40)]], [[row(200)]])

    assert run(monkeypatch, outbox).oldest_delay_seconds == 300.0
    assert run(monkeypatch, FakeOutbox()).oldest_delay_seconds == 0.0
    assert run(monkeypatch, FakeOutbox([[row(-5)]])).oldest_delay_seconds == 0.0


def test_rows_under_a_lease_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row is claimed from the moment on in which its lease ends."""
    outbox = FakeOutbox([[row(60, lease_left=1), row(60, lease_left=0), row(60, lease_left=-1)]])

    assert (run(monkeypatch, outbox).claimed, outbox.claimed) == (2, [2])


def test_relay_stops_if_it_cannot_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """More alerts would go out twice with every run that cannot mark them."""
    outbox = FakeOutbox([[row(60)], [row(50)]])
    unmarked = Publication([ALERT], "call: AccessDenied", can_go_on=False, is_marked=False)

    assert run(monkeypatch, outbox, unmarked).claimed == 1
