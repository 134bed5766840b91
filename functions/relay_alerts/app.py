"""The edge: runs the relay on a schedule, and reports how long the oldest alert has waited."""

import os
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

import metric_names
from alert_entries import alert_entry, overdue_alert_entry
from card_tracking.adapters.alert_outbox import AlertOutbox
from card_tracking.adapters.alert_topic import AlertTopic
from card_tracking.adapters.clients import dynamodb_client, sns_client
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import STATUS
from card_tracking.domain.instants import now
from card_tracking.use_cases.relay import RelayAlerts

logger: Final = Logger()
metrics: Final = Metrics()


relay: Final = RelayAlerts(
    outbox=AlertOutbox(Table(dynamodb_client(), os.environ["STATUS_TABLE_NAME"]), int(os.environ["RETENTION_DAYS"])),
    topic=AlertTopic(sns_client, os.environ["ALERT_TOPIC_ARN"], os.environ["ISSUER_ID"]),
    now=now,
)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Publish the pending alerts whose lease has ended; return how many were claimed and published.

    Raises what the table raises, so that the function's errors show it; what was done before is reported all the same.
    """
    metrics.add_metric(name=metric_names.RELAY_RUNS, unit=MetricUnit.Count, value=1)
    report = relay(Deadline(context.get_remaining_time_in_millis))
    if report.oldest_delay_seconds is not None:
        # No value rather than 0 from a run that could not read the outbox: the alarm takes missing data for a failure.
        metrics.add_metric(
            name=metric_names.OLDEST_ALERT_DELAY, unit=MetricUnit.Seconds, value=report.oldest_delay_seconds
        )
    for alert in report.published:
        entry = alert_entry if alert.kind == STATUS else overdue_alert_entry
        logger.info("alert relayed", extra=entry(alert))
    metrics.add_metric(name=metric_names.ALERTS_PUBLISHED, unit=MetricUnit.Count, value=len(report.published))
    if report.failure:
        logger.warning("alerts still pending", extra={"detail": report.failure, "claimed": report.claimed})
    if report.table_failure:
        raise report.table_failure
    return {"claimed": report.claimed, "published": len(report.published)}
