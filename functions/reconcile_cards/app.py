"""The edge: reads an order, or the schedule's, asks D1, and says which notifications had been missed."""

import os
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

import metric_names
from alert_entries import alert_entry
from card_tracking.deadline import Deadline
from check_release.synthetic import CARD_ID as CARD_OF_RELEASE_CHECKS
from receive_notification.composition import compose as compose_receiving
from receive_notification.failures import report_failures
from receive_notification.settings import Settings
from reconcile_cards import report
from reconcile_cards.composition import compose, compose_search
from reconcile_cards.orders import ReconcileOrder, read_order
from reconcile_cards.settings import ReconcileSettings
from working_calendar import read_calendar

logger: Final = Logger()
metrics: Final = Metrics()
settings: Final = Settings.from_environment(os.environ)
own_settings: Final = ReconcileSettings.from_environment(os.environ)
receive: Final = compose_receiving(settings, partial(report_failures, logger, metrics))
reconcile: Final = compose(receive, settings, own_settings)
find_silent_cards: Final = compose_search(settings)
calendar: Final = read_calendar(os.environ)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Carry out one order (``reconcile_cards.orders``); return what ``reconcile_cards.report`` makes of the run.

    Raises InvalidQuery where the order makes no sense. A dry run asks D1 nothing, returns how many cards it would ask
    about, and raises what the table raises.
    """
    metrics.add_metric(name=metric_names.RECONCILE_RUNS, unit=MetricUnit.Count, value=1)
    order = read_order(event)
    deadline = Deadline(context.get_remaining_time_in_millis)
    cards = _cards(order, deadline)
    if order.dry_run:
        return {"cards": sum(1 for _ in cards)}
    outcome = reconcile(cards, order.cards_a_second or own_settings.cards_a_second, deadline)
    for update in outcome.missed:
        logger.warning("notification had been missed", extra=report.missed_entry(update))
    for card_id in outcome.unknown_to_d1:
        logger.warning("card unknown to D1", extra=report.card_entry(card_id))
    for failure in outcome.failures:
        # A failure without a card concerns every card, so the run ended with it.
        message = "card not reconciled" if failure.card_id is not None else "reconciliation ended early"
        logger.error(message, extra=report.failure_entry(failure))
    for receipt in outcome.receipts:
        for alert in receipt.alerts_raised:
            logger.info("alert raised", extra=alert_entry(alert))
    counts = report.counts(outcome)
    for name, count in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
    logger.info("cards reconciled", extra={"outcome": {**counts, "finished": outcome.finished}})
    return report.answer(outcome)


def _cards(order: ReconcileOrder, deadline: Deadline) -> Iterable[str]:
    if order.card_ids is not None:
        return dict.fromkeys(order.card_ids)
    since = order.since(own_settings.silent_seconds, reconcile.now())
    due_before = calendar.overdue_before(calendar.day_of(reconcile.now()))
    found = find_silent_cards(since, due_before, deadline)
    # It is no card of D1's.
    return (card_id for card_id in found if card_id != CARD_OF_RELEASE_CHECKS)
