"""The answers, each as it is written. The schemas of docs/contract.md are read off what these write."""

from collections.abc import Mapping, Sequence
from typing import Any

from card_tracking.adapters.card_status_reader import Page, RecordedDelivery
from card_tracking.domain.status import CardStatus
from card_tracking.wire.card_document import card_answer


def card(status: CardStatus | None, history: Page[RecordedDelivery] | None = None) -> dict[str, Any]:
    """Answer for one card, with a page of what was received about it where that was asked for."""
    answer: dict[str, Any] = {"card": card_answer(status) if status else None}
    if history is not None:
        answer["history"] = [
            {
                "receivedAt": delivery.received_at,
                "correlationId": delivery.correlation_id,
                "operation": delivery.operation,
                "byReconciliation": delivery.by_reconciliation,
            }
            for delivery in history.entries
        ]
        answer["nextToken"] = history.next_token
    return answer


def cards(found: Mapping[str, CardStatus], asked: Sequence[str]) -> dict[str, Any]:
    """Answer for several cards: those that are known, and the ids of those that are not."""
    missing = [card_id for card_id in dict.fromkeys(asked) if card_id not in found]
    return {"cards": [card_answer(status) for status in found.values()], "notFound": missing}


def page(found: Page[CardStatus], counts: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Answer with a page of cards, and with the totals by status where they were counted."""
    answer: dict[str, Any] = {"cards": [card_answer(status) for status in found.entries], "nextToken": found.next_token}
    if counts is not None:
        answer["counts"] = dict(counts)
    return answer
