"""What is logged and counted of a notification: identifiers and outcomes, never what was sent."""

from collections import Counter
from typing import TYPE_CHECKING

import metric_names
from card_tracking.domain.statuses import NO_STATUS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from card_tracking.domain.update import CardUpdate
    from card_tracking.use_cases.receive import Receipt


def statuses_told(updates: "Iterable[CardUpdate]") -> dict[str, int]:
    """Count the updates by the metric of their status; the statuses that we do not know are one together."""
    told = [update.status for update in updates]
    metrics = (
        metric_names.UPDATES_BY_STATUS.get(one, metric_names.UNKNOWN_STATUSES) for one in told if one != NO_STATUS
    )
    return dict(Counter(metrics))


def counts(receipt: "Receipt") -> dict[str, int]:
    """Count what became of the operations, by metric; those that are zero are left out."""
    published = len(receipt.publication.published)
    numbers = {
        metric_names.OPERATIONS_RECEIVED: receipt.deliveries + receipt.rejections,
        metric_names.STATUSES_WRITTEN: len(receipt.changes),
        metric_names.UPDATES_WITHOUT_CHANGE: max(0, receipt.updates - len(receipt.changes)),
        metric_names.LOST_RACES: receipt.lost_races,
        metric_names.CONTRADICTIONS: receipt.contradictions,
        metric_names.OPERATIONS_REJECTED: receipt.rejections,
        metric_names.ALERTS_RAISED: len(receipt.alerts_raised) + receipt.alerts_left,
        metric_names.ALERTS_PUBLISHED: published,
        metric_names.ALERTS_LEFT_PENDING: len(receipt.alerts_raised) + receipt.alerts_left - published,
    }
    return {name: number for name, number in numbers.items() if number}


def place_of(error: Exception) -> str:
    """Tell where an unexpected error came from, without its message."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "unknown"
