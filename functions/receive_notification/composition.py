"""Puts the receiving use case together; every function that receives does it here."""

from card_tracking.adapters.alert_outbox import AlertOutbox
from card_tracking.adapters.alert_topic import AlertTopic
from card_tracking.adapters.clients import dynamodb_client, secrets_client, sns_client, sqs_client
from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.adapters.rejected_queue import RejectedQueue
from card_tracking.adapters.secret import Secret
from card_tracking.adapters.table import Table
from card_tracking.domain.instants import now
from card_tracking.use_cases.receive import ReceiveNotification
from receive_notification.settings import Settings


def compose(settings: Settings) -> ReceiveNotification:
    """Make the clients that every notification needs; those for alerts and rejected operations are made when needed."""
    table = Table(dynamodb_client(), settings.status_table_name)
    return ReceiveNotification(
        store=NotificationStore(table, settings.retention_days),
        outbox=AlertOutbox(table, settings.retention_days),
        topic=AlertTopic(sns_client, settings.alert_topic_arn, settings.issuer_id),
        rejected_queue=RejectedQueue(sqs_client, settings.rejected_queue_url),
        alert_statuses=settings.alert_statuses,
        now=now,
    )


def compose_signing_key(settings: Settings) -> Secret | None:
    """Reach the key of D1's access tokens; None where no tokens are asked for."""
    return Secret(secrets_client, settings.signing_key_arn) if settings.signing_key_arn else None
