"""Puts the receiving use case together; every function that receives does it here."""

from collections.abc import Callable, Sequence
from functools import partial

from access_tokens import check_token
from card_tracking.adapters.alert_outbox import AlertOutbox
from card_tracking.adapters.alert_topic import AlertTopic
from card_tracking.adapters.clients import dynamodb_client, lambda_client, secrets_client, sns_client, sqs_client
from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.adapters.rejected_queue import RejectedQueue
from card_tracking.adapters.relay_call import RelayCall
from card_tracking.adapters.secret import Secret
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import now
from card_tracking.domain.update import CardUpdate
from card_tracking.use_cases.receive import ReceiveNotification
from receive_notification.settings import Settings


def compose(settings: Settings, report_failures: Callable[[Sequence[CardUpdate]], None]) -> ReceiveNotification:
    """Make the clients that every notification needs; those for alerts and rejected operations are made when needed."""
    table = Table(dynamodb_client(), settings.status_table_name)
    return ReceiveNotification(
        store=NotificationStore(table, settings.retention_days),
        outbox=AlertOutbox(table, settings.retention_days),
        topic=AlertTopic(sns_client, settings.alert_topic_arn, settings.issuer_id),
        call_relay=RelayCall(lambda_client, settings.relay_alerts_function_arn),
        rejected_queue=RejectedQueue(sqs_client, settings.rejected_queue_url),
        alert_statuses=settings.alert_statuses,
        report_failures=report_failures,
        now=now,
    )


def compose_token_check(settings: Settings) -> Callable[[Deadline, str], bool] | None:
    """Make what says whether an access token is valid; None where none is asked for."""
    if settings.token_provider is not None:
        # Only a stack that takes them pays for them at its start.
        from card_tracking.adapters.key_set import KeySet  # noqa: PLC0415  # see above
        from receive_notification.provider_tokens import check_provider_token, read_keys  # noqa: PLC0415  # see above

        provider = settings.token_provider
        return partial(check_provider_token, provider, KeySet(provider.key_set_url, read_keys))
    if settings.signing_key_arn is not None:
        return partial(check_token, Secret(secrets_client, settings.signing_key_arn), settings.issuer_id)
    return None
