"""Publishing: round by round, each marked before the next, and no longer than D1 should wait."""

from collections.abc import Sequence
from typing import Any

import pytest

from card_tracking.adapters.alert_outbox import PendingAlert
from card_tracking.adapters.alert_topic import Publication
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.instants import Instant
from card_tracking.errors import DependencyFailed, OutOfTime
from card_tracking.use_cases import publish as use_case
from card_tracking.use_cases.publish import publish
from tests.samples import update

NOW = Instant(0)
LEASE_END = Instant(60_000_000)


class FakeTopic:
    """A topic that takes what a test says, and notes its deadlines."""

    def __init__(self, *answers: Publication | None) -> None:
        """Give these answers, one a round; None takes all."""
        self._answers = list(answers)
        self.rounds: list[int] = []
        self.seconds: list[float] = []

    def publish(self, alerts: Sequence[Alert], deadline: Deadline) -> Publication:
        """Take a round."""
        self.rounds.append(len(alerts))
        self.seconds.append(deadline.seconds_left())
        answer = self._answers.pop(0) if self._answers else None
        return answer or Publication(list(alerts), None, can_go_on=True)


class FakeOutbox:
    """An outbox that notes what is marked and renewed, or refuses it."""

    def __init__(self, refused_mark: Exception | None = None, refused_renewal: Exception | None = None) -> None:
        """Refuse every mark, or every renewal, with an error, if there is one."""
        self._refused_mark = refused_mark
        self._refused_renewal = refused_renewal
        self.marked: list[int] = []
        self.renewed: list[int] = []

    def mark_published(self, alerts: Sequence[Alert], now: Instant, deadline: Deadline) -> None:
        """Mark a round."""
        if self._refused_mark is not None:
            raise self._refused_mark
        self.marked.append(len(alerts))

    def claim(self, rows: Sequence[PendingAlert], now: Instant, deadline: Deadline) -> Sequence[PendingAlert]:
        """Renew the leases of a round."""
        if rows and self._refused_renewal is not None:
            raise self._refused_renewal
        self.renewed.append(len(rows))
        return rows


def alerts(count: int) -> list[Alert]:
    """Return alerts about distinct cards."""
    return [Alert(update("DATA_EXCEPTION", card_id=f"c{number}"), superseded=False) for number in range(count)]


def run(
    topic: Any, outbox: Any, count: int, milliseconds: int = 300_000, lease_end: Instant = LEASE_END
) -> Publication:
    """Publish so many alerts."""
    rows = [PendingAlert(alert, NOW, lease_end) for alert in alerts(count)]
    return publish(topic, outbox, rows, lambda: NOW, Deadline(lambda: milliseconds))


def test_alerts_are_marked_round_by_round() -> None:
    """Little is unmarked at any moment: each round is marked before the next is published."""
    topic, outbox = FakeTopic(), FakeOutbox()

    publication = run(topic, outbox, 161)

    assert topic.rounds == outbox.marked == [80, 80, 1]
    assert (len(publication.published), publication.failure, publication.can_go_on) == (161, None, True)


def test_first_failure_is_reported() -> None:
    """A refused alert stops no other round, and is reported although the rounds after it succeed."""
    refused = Publication([], "InvalidParameter", can_go_on=True)
    topic, outbox = FakeTopic(refused, None, Publication([], "KMSDisabled", can_go_on=True), None), FakeOutbox()

    publication = run(topic, outbox, 320)

    assert topic.rounds == [80] * 4
    assert (len(publication.published), publication.failure, publication.can_go_on) == (160, "InvalidParameter", True)


def test_topic_that_is_down_ends_it() -> None:
    """Where publishing more is of no use, what was published is marked, and the rest is the relay's."""
    some = Publication(alerts(3), "publish_batch: Throttled", can_go_on=False)
    topic, outbox = FakeTopic(None, some), FakeOutbox()

    publication = run(topic, outbox, 300)

    assert (topic.rounds, outbox.marked) == ([80, 80], [80, 3])
    assert (len(publication.published), publication.can_go_on) == (83, False)
    assert publication.failure == "publish_batch: Throttled"


@pytest.mark.parametrize("error", [DependencyFailed("call", "AccessDenied"), OutOfTime("too little time")])
def test_table_that_refuses_the_mark_ends_it(error: Exception) -> None:
    """Alerts that cannot be marked go out twice, so no more of them are published."""
    topic = FakeTopic()

    publication = run(topic, FakeOutbox(error), 300)

    assert topic.rounds == [80]
    assert (len(publication.published), publication.failure, publication.can_go_on) == (80, str(error), False)
    assert not publication.is_marked


def test_lease_that_could_end_is_renewed() -> None:
    """Only leases that end within the margin are renewed; if that fails, nothing is published."""
    topic, outbox = FakeTopic(), FakeOutbox()
    assert len(run(topic, outbox, 100, lease_end=Instant(29_999_999)).published) == 100
    assert outbox.renewed == [80, 20]

    safe, refused = FakeOutbox(), FakeTopic()
    assert len(run(topic, safe, 100).published) == 100
    assert safe.renewed == [0, 0]

    failing = FakeOutbox(refused_renewal=DependencyFailed("call", "AccessDenied"))
    publication = run(refused, failing, 100, lease_end=NOW)
    assert (publication.published, publication.failure, publication.can_go_on) == ([], "call: AccessDenied", False)
    assert refused.rounds == []


def test_time_for_marking_is_kept_back() -> None:
    """Publishing ends while the time left still holds the marking, and after five seconds in any case."""
    plenty, little = FakeTopic(), FakeTopic()
    run(plenty, FakeOutbox(), 1, milliseconds=28_000)
    run(little, FakeOutbox(), 1, milliseconds=8_000)

    # Of eight seconds two are the deadline's own reserve, and four are kept back for marking.
    assert little.seconds == [2.0]
    assert 4.5 < plenty.seconds[0] <= 5.0
    assert use_case.MARKING_SECONDS == 4.0
