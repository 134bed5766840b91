"""The edge: reads the event, calls the use case, logs and counts what came of it, and answers D1."""

import cold_start  # isort: skip

import os
import uuid
from functools import partial
from itertools import islice
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

import metric_names
from alert_entries import alert_entry
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import now
from card_tracking.errors import CardTrackingError, UnreadableNotification
from card_tracking.wire.notification import copy_to_keep, read_notification
from card_tracking.wire.rejected_message import Origin, rejected_body
from receive_notification import answers, report, request
from receive_notification.answers import Answer
from receive_notification.caller import Refused, VerifiedRequest, verify
from receive_notification.composition import compose, compose_token_check
from receive_notification.failures import report_failures
from receive_notification.settings import Settings

MOST_REJECTIONS_LOGGED: Final = 10

logger: Final = Logger()
metrics: Final = Metrics()
settings: Final = Settings.from_environment(os.environ)
receive: Final = compose(settings, partial(report_failures, logger, metrics))
token_check: Final = compose_token_check(settings)
cold_start.over()


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
        deadline = Deadline(context.get_remaining_time_in_millis)
        check = partial(token_check, deadline) if token_check else None
        verified = verify(event, settings.issuer_id, settings.client_certificate_subject, check)
        answer = _take(verified, origin, deadline, is_release_check=request.is_release_check(event))
    except Refused as refused:
        logger.warning("caller refused", extra={"outcome": refused.why})
        # A check that is refused, as it is meant to be, is no caller to be woken for.
        if not request.is_release_check(event):
            _count(metric_names.CALLERS_REFUSED)
        answer = refused.answer
    except CardTrackingError as error:
        answer = _fail(error, str(error))
    except Exception as error:  # noqa: BLE001  # D1 gets an answer whatever happens, or it would not send again
        # A defect of ours. Its message may repeat what was sent, so only its kind and place are told.
        answer = _fail(error, report.place_of(error))
    return answer.response()


def _take(verified: VerifiedRequest, origin: Origin, deadline: Deadline, *, is_release_check: bool) -> Answer:
    if verified.certificate_days_left is not None:
        metrics.add_metric(
            name=metric_names.CLIENT_CERTIFICATE_DAYS_LEFT, unit=MetricUnit.Count, value=verified.certificate_days_left
        )
    try:
        notification = read_notification(verified.body, origin.received, deadline)
    except UnreadableNotification as error:
        receive.rejected_queue.send([rejected_body(error.reason, copy_to_keep(verified.body), origin)], deadline)
        _count(metric_names.NOTIFICATIONS_UNREADABLE)
        logger.warning("notification unreadable", extra={"outcome": error.reason})
        return answers.UNREADABLE
    for rejection in islice(notification.rejections, MOST_REJECTIONS_LOGGED):
        logger.warning("operation rejected", extra={"outcome": rejection.reason, "field": rejection.field})
    receipt = receive(notification, origin, deadline)
    for alert in receipt.alerts_raised:
        logger.info("alert raised", extra=alert_entry(alert))
    if receipt.alerts_left:
        logger.info("relay called", extra={"alerts_left": receipt.alerts_left})
    if failure := receipt.publication.failure or receipt.relay_failure:
        logger.warning("alerts left to the relay's schedule", extra={"detail": failure})
    counts = report.counts(receipt)
    if is_release_check:
        # D1 has sent nothing: the alarm on its silence must not wait because of a release.
        counts.pop(metric_names.OPERATIONS_RECEIVED, None)
    for name, count in (counts | report.statuses_told(notification.updates)).items():
        _count(name, count)
    logger.info("notification stored", extra={"outcome": counts})
    return answers.TAKEN


def _fail(error: Exception, detail: str) -> Answer:
    logger.error("notification not stored", extra={"failure": type(error).__name__, "detail": detail})
    _count(metric_names.NOTIFICATIONS_FAILED)
    return answers.FAILED


def _count(name: str, count: int = 1) -> None:
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
