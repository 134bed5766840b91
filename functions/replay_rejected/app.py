"""The edge: reads an order, replays, reports."""

import os
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

import metric_names
from card_tracking.deadline import Deadline
from card_tracking.use_cases.replay import ReplayRejected
from receive_notification.composition import compose
from receive_notification.failures import report_failures
from receive_notification.settings import Settings
from replay_rejected.orders import read_order

logger: Final = Logger()
metrics: Final = Metrics()
receive: Final = compose(Settings.from_environment(os.environ), partial(report_failures, logger, metrics))
replay: Final = ReplayRejected(receive.rejected_queue, receive)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Carry out one order (``replay_rejected.orders``); return the counts of ``ReplayReport``.

    Raises InvalidQuery where the order makes no sense, and what receiving raises: what was not stored is in the queue.
    """
    metrics.add_metric(name=metric_names.REPLAYS_ORDERED, unit=MetricUnit.Count, value=1)
    order = read_order(event)
    deadline = Deadline(context.get_remaining_time_in_millis)
    report = replay(order.selection(), order.operations_a_second, deadline, dry_run=order.dry_run)
    metrics.add_metric(name=metric_names.REJECTED_REPLAYED, unit=MetricUnit.Count, value=report.operations_stored)
    if report.unreadable:
        # What such a message holds is not for the log: nobody has cleaned it.
        logger.warning("messages that are not ours left in the queue", extra={"detail": report.unreadable})
    logger.info("rejected operations replayed", extra={"outcome": asdict(report), "dry_run": order.dry_run})
    return asdict(report)
