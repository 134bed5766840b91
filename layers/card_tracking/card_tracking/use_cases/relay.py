"""The relay publishes the alerts that nobody else published: their publisher crashed, or the topic was down."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from card_tracking.adapters.alert_outbox import PENDING_SHARDS, AlertOutbox, PendingAlert
from card_tracking.adapters.alert_topic import AlertTopic
from card_tracking.adapters.retries import batches_of
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.instants import Instant
from card_tracking.errors import DependencyFailed, OutOfTime
from card_tracking.use_cases.publish import ALERTS_A_ROUND, MARKING_SECONDS, publish

ALERTS_A_SHARD: Final = 100
"""Rows per query. Few enough that the last of them are claimed soon after they were read."""


@dataclass(slots=True)
class RelayReport:
    """What one run of the relay did."""

    claimed: int = 0
    published: list[Alert] = field(default_factory=list)
    oldest_delay_seconds: float | None = None
    """How long the oldest pending alert had waited when the run began; 0 if none waited.

    None if the run ended before it had read every shard, and found no pending alert in those that it had read.
    """
    failure: str | None = None
    """Why an alert that was claimed is still pending."""
    table_failure: DependencyFailed | None = None
    """Why the run ended early, if the table failed."""


@dataclass(frozen=True, slots=True)
class RelayAlerts:
    """The use case, with all it works on."""

    outbox: AlertOutbox
    topic: AlertTopic
    now: Callable[[], Instant]

    def __call__(self, deadline: Deadline) -> RelayReport:
        """Publish every pending alert whose lease has ended, the oldest first, while there is time.

        Read each pending row once, so that alerts which the topic refuses for good do not keep the others waiting.
        Two relays at once publish nothing twice: a row is claimed on condition that its lease is still the one read.
        """
        report = RelayReport()
        try:
            self._run(report, deadline)
        except OutOfTime:
            # The next run begins again with the oldest rows.
            pass
        except DependencyFailed as error:
            report.table_failure = error
        return report

    def _run(self, report: RelayReport, deadline: Deadline) -> None:
        started = self.now()
        # A row that is claimed too late to be published would keep the next run from it.
        claiming = deadline.keeping(MARKING_SECONDS)
        last_read: dict[int, PendingAlert | None] = dict.fromkeys(range(PENDING_SHARDS))
        # Rows that come meanwhile are the youngest of their shard, so they are read, too.
        while pending := self._read(last_read, report, started, deadline):
            now = self.now()
            for some in batches_of(ALERTS_A_ROUND, [one for one in pending if one.lease_end <= now]):
                claimed = self.outbox.claim(some, self.now(), claiming)
                publication = publish(self.topic, self.outbox, claimed, self.now, deadline)
                report.claimed += len(claimed)
                report.published += publication.published
                report.failure = report.failure or publication.failure
                if not publication.is_marked:
                    # More of them would go out again, too, with every run that cannot mark them.
                    return

    def _read(
        self, last_read: dict[int, PendingAlert | None], report: RelayReport, started: Instant, deadline: Deadline
    ) -> list[PendingAlert]:
        """Read the next pending rows of every shard, and report the delay of the oldest."""
        rows = []
        for shard, after in last_read.items():
            page = self.outbox.pending(shard, after, ALERTS_A_SHARD, deadline)
            if page:
                delay = (started - page[0].waits_since) / 1_000_000
                report.oldest_delay_seconds = max(report.oldest_delay_seconds or 0.0, delay)
                last_read[shard] = page[-1]
                rows += page
        report.oldest_delay_seconds = report.oldest_delay_seconds or 0.0
        return rows
