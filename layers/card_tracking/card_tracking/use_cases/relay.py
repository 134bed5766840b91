"""Alerts whose publisher crashed, or whose topic was down, are published after all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from card_tracking.adapters.alert_outbox import PENDING_SHARDS, AlertOutbox
from card_tracking.adapters.alert_topic import AlertTopic
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant
from card_tracking.errors import OutOfTime
from card_tracking.use_cases.publish import publish

ALERTS_A_ROUND: Final = 100


@dataclass(frozen=True, slots=True)
class RelayReport:
    """What one run of the relay did."""

    claimed: int
    published: int
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
        claimed = published = 0
        due_times: list[Instant] = []
        failure: str | None = None
        for shard in range(PENDING_SHARDS):
            while True:
                try:
                    pending = self.outbox.due(shard, self.now(), ALERTS_A_ROUND, deadline)
                    due_times += [one.due for one in pending]
                    alerts = self.outbox.claim(pending, self.now(), deadline)
                except OutOfTime:
                    break
                # None claimed: nothing is due, or another relay is at work here.
                if not alerts:
                    break
                publication = publish(self.topic, self.outbox, alerts, self.now(), deadline)
                claimed += len(alerts)
                published += len(publication.published)
                failure = failure or publication.failure
        return RelayReport(claimed, published, min(due_times, default=None), failure)
