"""Failed operations that alert nobody: logged and counted as soon as they are found, also if the request fails then."""

from typing import TYPE_CHECKING, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

import metric_names
from card_tracking.domain.card_numbers import presentable_identifier
from card_tracking.domain.statuses import RANKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from card_tracking.domain.update import CardUpdate

MOST_FAILURES_LOGGED: Final = 10


def report_failures(logger: Logger, metrics: Metrics, failures: "Sequence[CardUpdate]") -> None:
    """Count all, and log the first of them. A status that we do not know is left out: it can be any text of D1's."""
    metrics.add_metric(name=metric_names.FAILURES_WITHOUT_ALERT, unit=MetricUnit.Count, value=len(failures))
    for update in failures[:MOST_FAILURES_LOGGED]:
        entry = {
            "card_id": presentable_identifier(update.card_id),
            "operation_id": presentable_identifier(update.operation_id),
        }
        if update.status in RANKS:
            entry["status"] = update.status
        logger.warning("failure without alert", extra=entry)
