"""The edge: reads a question, asks the reader, writes the answer."""

import cold_start  # isort: skip

import os
from collections.abc import Sequence
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

import metric_names
from card_tracking.adapters.card_status_reader import CardStatusReader, those_that_fit
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import now
from card_tracking.errors import InvalidQuery
from get_card_status import answers
from get_card_status.queries import (
    CardQuery,
    CardsQuery,
    IssuerRequestQuery,
    OverdueQuery,
    StatusQuery,
    read_query,
)
from working_calendar import read_calendar

logger: Final = Logger()
metrics: Final = Metrics()
reader: Final = CardStatusReader(os.environ["STATUS_TABLE_NAME"])
cold_start.over()


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
            return _cards(card_ids, deadline)
        case StatusQuery() as query:
            return answers.page(reader.with_status(query.status, query.limit, query.next_token, deadline))
        case IssuerRequestQuery() as query:
            return answers.page(
                reader.of_issuer_request(query.issuer_request_id, query.limit, query.next_token, deadline)
            )
        case OverdueQuery() as query:
            calendar = read_calendar(os.environ)
            due_before = calendar.overdue_before(calendar.day_of(now()))
            return answers.page(reader.open_cards(due_before, query.limit, query.next_token, deadline))
        case query:
            page = reader.of_input_file(query.input_file_name, query.limit, query.next_token, deadline)
            is_first = query.next_token is None
            return answers.page(page, reader.count_input_file(query.input_file_name, deadline) if is_first else None)


def _cards(card_ids: Sequence[str], deadline: Deadline) -> dict[str, Any]:
    found = reader.get_many(card_ids, deadline)
    if len(those_that_fit(found)) < len(found):
        raise InvalidQuery("these cards together are more than one answer can hold: ask for fewer at once")
    return answers.cards(found, card_ids)


def _card(query: CardQuery, deadline: Deadline) -> dict[str, Any]:
    status = reader.get(query.card_id, deadline)
    if not query.history:
        return answers.card(status)
    return answers.card(status, reader.history(query.card_id, query.limit, query.next_token, deadline))
