"""The edge: looks for cards that are late on a schedule, and says how many there are."""

import os
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

import metric_names
from alert_entries import overdue_alert_entry
from card_tracking.adapters.alert_outbox import AlertOutbox
from card_tracking.adapters.alert_topic import AlertTopic
from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.adapters.clients import dynamodb_client, sns_client
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import now
from card_tracking.errors import OutOfTime
from card_tracking.use_cases.alert_overdue import AlertOverdueCards
from working_calendar import read_calendar

logger: Final = Logger()
metrics: Final = Metrics()

table: Final = Table(dynamodb_client(), os.environ["STATUS_TABLE_NAME"])
alert_overdue_cards: Final = AlertOverdueCards(
    reader=CardStatusReader(table.name, table.client),
    outbox=AlertOutbox(table, int(os.environ["RETENTION_DAYS"])),
    topic=AlertTopic(sns_client, os.environ["ALERT_TOPIC_ARN"], os.environ["ISSUER_ID"]),
    calendar=read_calendar(os.environ),
    now=now,
)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Alert for the cards that are overdue today; return the day, and how many were found, raised and published.

    Raises OutOfTime where there were too many cards for one run, and what the table raises: Lambda runs it again then,
    and it goes on with those of which nobody was told today.
    """
    _count(metric_names.OVERDUE_RUNS)
    report = alert_overdue_cards(Deadline(context.get_remaining_time_in_millis))
    for alert in report.raised:
        logger.info("alert raised", extra=overdue_alert_entry(alert))
    if report.failure:
        logger.warning("alerts left to the relay", extra={"detail": report.failure})
    outcome = {"overdue": report.overdue, "raised": len(report.raised), "published": report.published}
    logger.info("overdue cards looked for", extra={"day": report.day.isoformat(), "outcome": outcome})
    if report.is_working_day:
        _count(metric_names.CARDS_OVERDUE, report.overdue)
    _count(metric_names.ALERTS_RAISED, len(report.raised))
    _count(metric_names.ALERTS_PUBLISHED, report.published)
    _count(metric_names.ALERTS_LEFT_PENDING, len(report.raised) - report.published)
    if not report.is_complete:
        raise OutOfTime("too many cards are overdue for one run: the next one goes on with them")
    return {"day": report.day.isoformat(), **outcome}


def _count(name: str, count: int = 1) -> None:
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
