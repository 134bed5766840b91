"""Alerts whose publisher crashed, or whose topic was down, are published after all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from card_tracking.adapters.alert_outbox import PENDING_SHARDS, AlertOutbox
from card_tracking.adapters.alert_topic import AlertTopic
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.instants import Instant
from card_tracking.errors import OutOfTime
from card_tracking.use_cases.publish import publish

ALERTS_A_SHARD: Final = 100
"""In a round: few enough to be published well within their new lease."""


@dataclass(frozen=True, slots=True)
class RelayReport:
    """What one run of the relay did."""

    claimed: int
    published: Sequence[Alert]
    oldest_due: Instant | None
    """When the lease of the longest waiting alert ended; None where none was due."""
    failure: str | None


@dataclass(frozen=True, slots=True)
class RelayAlerts:
    """The use case, with all it works on."""

    outbox: AlertOutbox
    topic: AlertTopic
    now: Callable[[], Instant]

    def __call__(self, deadline: Deadline) -> RelayReport:
        """Publish every alert that is due, while there is time for it; what is left is due in the next run.

        Two relays at once publish nothing twice: a row is claimed on condition that its lease is still the one read.
        """
        claimed = 0
        published: list[Alert] = []
        due_times: list[Instant] = []
        failure: str | None = None
        try:
            # None claimed: nothing is due, or another relay is at work.
            while alerts := self._claim(due_times, deadline):
                publication = publish(self.topic, self.outbox, alerts, self.now(), deadline)
                claimed += len(alerts)
                published += publication.published
                failure = failure or publication.failure
        except OutOfTime:
            pass
        return RelayReport(claimed, published, min(due_times, default=None), failure)

    def _claim(self, due_times: list[Instant], deadline: Deadline) -> list[Alert]:
        """Take a round of alerts that are due, of all shards; note since when they are."""
        pending = [
            one
            for shard in range(PENDING_SHARDS)
            for one in self.outbox.due(shard, self.now(), ALERTS_A_SHARD, deadline)
        ]
        due_times += [one.due for one in pending]
        return self.outbox.claim(pending, self.now(), deadline)
