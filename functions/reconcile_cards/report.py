"""What is told of a run: identifiers and outcomes, never what was asked with or answered."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from pydantic.alias_generators import to_camel

import metric_names
from card_tracking.domain.card_numbers import presentable_identifier
from receive_notification.report import counts as counts_of
from receive_notification.report import statuses_told

if TYPE_CHECKING:
    from card_tracking.domain.update import CardUpdate
    from card_tracking.use_cases.reconcile import Failure, ReconcileReport


def answer(report: "ReconcileReport") -> dict[str, Any]:
    """Write the function's answer, in the names of get_card_status; the entries below are the log's."""
    return {
        "answered": report.answered,
        "missed": [_in_camel_case(missed_entry(update)) for update in report.missed],
        "unknownToD1": [presentable_identifier(card_id) for card_id in report.unknown_to_d1],
        "failures": [_in_camel_case(failure_entry(failure)) for failure in report.failures],
        "finished": report.finished,
    }


def counts(report: "ReconcileReport") -> dict[str, int]:
    """Count what came of the run, by metric; those that are zero are left out."""
    numbers: Counter[str] = Counter()
    for receipt in report.receipts:
        numbers.update(counts_of(receipt))
    # What we asked for is not D1 calling: the alarm on its silence must go off all the same.
    del numbers[metric_names.OPERATIONS_RECEIVED]
    numbers.update(statuses_told(report.missed))
    numbers[metric_names.CARDS_RECONCILED] = report.answered
    numbers[metric_names.NOTIFICATIONS_MISSED] = len(report.missed)
    numbers[metric_names.CARDS_UNKNOWN_TO_D1] = len(report.unknown_to_d1)
    numbers[metric_names.RECONCILIATIONS_FAILED] = len(report.failures)
    return {name: number for name, number in numbers.items() if number}


def card_entry(card_id: str) -> dict[str, str]:
    """Name a card."""
    return {"card_id": presentable_identifier(card_id)}


def missed_entry(update: "CardUpdate") -> dict[str, str]:
    """Name an update of which there had been no notification."""
    return {
        **card_entry(update.card_id),
        "operation_id": presentable_identifier(update.operation_id),
        "status": presentable_identifier(update.status),
    }


def failure_entry(failure: "Failure") -> dict[str, str]:
    """Return why a card was not reconciled, or, without a card, why the run ended."""
    return (card_entry(failure.card_id) if failure.card_id is not None else {}) | {"detail": failure.detail}


def _in_camel_case(entry: dict[str, str]) -> dict[str, str]:
    return {to_camel(name): value for name, value in entry.items()}
