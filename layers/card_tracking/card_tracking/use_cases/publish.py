"""Alerts that are in the outbox go to the topic."""

from collections.abc import Sequence
from typing import Final

from card_tracking.adapters.alert_outbox import AlertOutbox
from card_tracking.adapters.alert_topic import AlertTopic, Publication
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.instants import Instant
from card_tracking.errors import DependencyFailed, OutOfTime

PUBLISHING_SECONDS: Final = 5.0
"""D1 waits for its answer meanwhile, and all is durable: a topic that hangs is the relay's to wait for."""


def publish(
    topic: AlertTopic, outbox: AlertOutbox, alerts: Sequence[Alert], now: Instant, deadline: Deadline
) -> Publication:
    """Publish alerts and take their pending mark off. Raises nothing: what fails stays pending for the relay."""
    publication = topic.publish(alerts, deadline.limited_to(PUBLISHING_SECONDS))
    try:
        outbox.mark_published(publication.published, now, deadline)
    except (DependencyFailed, OutOfTime) as error:
        # The relay will publish them once more, under the same alertId.
        return publication._replace(failure=str(error))
    return publication
