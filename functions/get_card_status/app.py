"""The edge: reads a question, asks the reader, writes the answer."""

import os
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

import metric_names
from card_tracking.adapters.card_status_reader import CardStatusReader, Page
from card_tracking.deadline import Deadline
from card_tracking.domain.status import CardStatus
from card_tracking.errors import InvalidQuery
from card_tracking.wire.card_document import card_answer
from get_card_status.queries import (
    CardQuery,
    CardsQuery,
    IssuerRequestQuery,
    StatusQuery,
    read_query,
)

logger: Final = Logger()
metrics: Final = Metrics()
reader: Final = CardStatusReader(os.environ["STATUS_TABLE_NAME"])


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Answer one question (README, "Ask where a card is").

    Raises InvalidQuery, which the caller gets as a function error, where the question makes no sense; and whatever the
    reader raises where the table does not answer.
    """
    metrics.add_metric(name=metric_names.QUERIES_RECEIVED, unit=MetricUnit.Count, value=1)
    deadline = Deadline(context.get_remaining_time_in_millis)
    try:
        return _answer(event, deadline)
    except InvalidQuery:
        metrics.add_metric(name=metric_names.QUERIES_REFUSED, unit=MetricUnit.Count, value=1)
        raise


def _answer(event: Any, deadline: Deadline) -> dict[str, Any]:
    match read_query(event):
        case CardQuery() as query:
            return _card(query, deadline)
        case CardsQuery(card_ids=card_ids):
            found = reader.get_many(card_ids, deadline)
            missing = [card_id for card_id in dict.fromkeys(card_ids) if card_id not in found]
            return {"cards": [card_answer(status) for status in found.values()], "notFound": missing}
        case StatusQuery() as query:
            return _cards(reader.with_status(query.status, query.limit, query.next_token, deadline))
        case IssuerRequestQuery() as query:
            return _cards(reader.of_issuer_request(query.issuer_request_id, query.limit, query.next_token, deadline))
        case query:
            answer = _cards(reader.of_input_file(query.input_file_name, query.limit, query.next_token, deadline))
            if query.next_token is None:
                answer["counts"] = reader.count_input_file(query.input_file_name, deadline)
            return answer


def _card(query: CardQuery, deadline: Deadline) -> dict[str, Any]:
    status = reader.get(query.card_id, deadline)
    answer: dict[str, Any] = {"card": card_answer(status) if status else None}
    if query.history:
        page = reader.history(query.card_id, query.limit, query.next_token, deadline)
        answer["history"] = [
            {
                "receivedAt": delivery.received_at,
                "correlationId": delivery.correlation_id,
                "operation": delivery.operation,
            }
            for delivery in page.entries
        ]
        answer["nextToken"] = page.next_token
    return answer


def _cards(page: Page[CardStatus]) -> dict[str, Any]:
    return {"cards": [card_answer(status) for status in page.entries], "nextToken": page.next_token}
