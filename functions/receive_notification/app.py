"""The edge: reads the event, calls the use case, logs and counts what came of it, and answers D1."""

import os
import uuid
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

import metric_names
from card_tracking.deadline import Deadline
from card_tracking.domain.card_numbers import mask_card_numbers
from card_tracking.domain.instants import now
from card_tracking.errors import CardTrackingError, UnreadableNotification
from card_tracking.use_cases.receive import Receipt
from card_tracking.wire.notification import copy_to_keep, read_notification
from card_tracking.wire.rejected_message import Origin, rejected_body
from receive_notification import answers, request
from receive_notification.answers import Answer
from receive_notification.composition import compose
from receive_notification.settings import Settings

logger: Final = Logger()
metrics: Final = Metrics()


settings: Final = Settings.from_environment(os.environ)
receive: Final = compose(settings)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one notification of D1. Raises nothing: a failure of ours is an answer too, so that D1 sends again."""
    correlation_id = request.correlation_id(event)
    if correlation_id:
        logger.append_keys(correlation_id=correlation_id)
    origin = Origin(
        received=now(),
        request_id=request.request_id(event) or str(uuid.uuid4()),
        correlation_id=correlation_id,
    )
    _count(metric_names.NOTIFICATIONS_RECEIVED)
    try:
        answer = _answer(event, origin, Deadline(context.get_remaining_time_in_millis))
    except CardTrackingError as error:
        logger.error("notification not stored", extra={"failure": type(error).__name__, "detail": str(error)})
        answer = answers.FAILED
    except Exception as error:  # noqa: BLE001  # D1 gets an answer whatever happens, or it would not send again
        # A defect of ours. Its message may repeat what was sent, so only its kind and place are told.
        logger.error("notification not stored", extra={"failure": type(error).__name__, "detail": _place(error)})
        answer = answers.FAILED
    if answer is answers.FAILED:
        _count(metric_names.NOTIFICATIONS_FAILED)
    return answer.response()


def _answer(event: dict[str, Any], origin: Origin, deadline: Deadline) -> Answer:
    if request.issuer_id(event) != settings.issuer_id:
        _count(metric_names.NOTIFICATIONS_FOR_OTHERS)
        return answers.OTHER_ISSUER
    body = request.body_text(event)
    try:
        notification = read_notification(body, origin.received)
    except UnreadableNotification as error:
        receive.rejected_queue.send([rejected_body(error.reason, copy_to_keep(body), origin)], deadline)
        _count(metric_names.NOTIFICATIONS_UNREADABLE)
        logger.warning("notification unreadable", extra={"outcome": error.reason})
        return answers.UNREADABLE
    for rejection in notification.rejections[:10]:
        logger.warning("operation rejected", extra={"outcome": rejection.reason, "field": rejection.field})
    _report(receive(notification, origin, deadline))
    return answers.TAKEN


def _report(receipt: Receipt) -> None:
    """Log and count what became of a notification: identifiers and outcomes, never what was sent."""
    published = len(receipt.publication.published)
    for alert in receipt.alerts_raised:
        logger.info(
            "alert raised",
            extra={
                "card_id": mask_card_numbers(alert.update.card_id),
                "operation_id": mask_card_numbers(alert.update.operation_id),
                "status": alert.update.status,
                "alert_id": alert.alert_id,
                "superseded": alert.superseded,
            },
        )
    if receipt.publication.failure:
        logger.warning("alerts left to the relay", extra={"detail": receipt.publication.failure})
    counts = {
        metric_names.OPERATIONS_RECEIVED: receipt.deliveries + receipt.rejections,
        metric_names.STATUSES_WRITTEN: receipt.statuses_written,
        metric_names.UPDATES_WITHOUT_CHANGE: max(0, receipt.updates - receipt.statuses_written),
        metric_names.LOST_RACES: receipt.lost_races,
        metric_names.OPERATIONS_REJECTED: receipt.rejections,
        metric_names.ALERTS_RAISED: len(receipt.alerts_raised),
        metric_names.ALERTS_PUBLISHED: published,
        metric_names.ALERTS_LEFT_PENDING: len(receipt.alerts_raised) - published,
    }
    for name, count in counts.items():
        if count:
            _count(name, count)
    logger.info("notification stored", extra={"outcome": counts})


def _count(name: str, count: int = 1) -> None:
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "unknown"
