"""Alerts that are in the outbox go to the topic."""

from collections.abc import Callable, Sequence
from typing import Final

from card_tracking.adapters.alert_outbox import AlertOutbox, PendingAlert
from card_tracking.adapters.alert_topic import AlertTopic, Publication
from card_tracking.adapters.retries import batches_of
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.instants import Instant
from card_tracking.errors import DependencyFailed, OutOfTime

PUBLISHING_SECONDS: Final = 5.0
"""D1 waits for its answer meanwhile, and all is durable: a topic that hangs is the relay's to wait for."""
MARKING_SECONDS: Final = 4.0
"""Kept back while publishing, enough to mark a round and to try again once: an unmarked alert goes out twice."""
ALERTS_A_ROUND: Final = 80
"""As many as are published side by side. Marked round by round, so that little is unmarked at any moment."""


def publish(
    topic: AlertTopic,
    outbox: AlertOutbox,
    pending: Sequence[PendingAlert],
    now: Callable[[], Instant],
    deadline: Deadline,
) -> Publication:
    """Publish alerts whose lease is ours and take their pending mark off.

    Renew a lease that could end meanwhile; a row whose renewal is refused belongs to somebody else.
    Raises nothing: what fails stays pending for the relay.
    """
    published: list[Alert] = []
    failure: str | None = None
    publishing = deadline.keeping(MARKING_SECONDS).limited_to(PUBLISHING_SECONDS)
    for rows in batches_of(ALERTS_A_ROUND, pending):
        try:
            alerts = _hold(outbox, rows, now(), publishing)
        except (DependencyFailed, OutOfTime) as error:
            return Publication(published, str(error), can_go_on=False)
        publication = topic.publish(alerts, publishing)
        published += publication.published
        failure = failure or publication.failure
        try:
            outbox.mark_published(publication.published, now(), deadline)
        except (DependencyFailed, OutOfTime) as error:
            # The relay will publish them once more, under the same alertId.
            return Publication(published, str(error), can_go_on=False, is_marked=False)
        if not publication.can_go_on:
            return Publication(published, failure, can_go_on=False)
    return Publication(published, failure, can_go_on=True)


def _hold(outbox: AlertOutbox, rows: Sequence[PendingAlert], now: Instant, deadline: Deadline) -> list[Alert]:
    """Return the alerts of the rows that are still ours, after renewing the leases that would end too soon."""
    safe = [row for row in rows if row.is_safe(now)]
    renewed = outbox.claim([row for row in rows if not row.is_safe(now)], now, deadline)
    return [row.alert for row in (*safe, *renewed)]
