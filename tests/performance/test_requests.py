"""How many requests to AWS a notification makes: what it costs in time, wherever it runs."""

import pytest

from card_tracking.use_cases.receive import ALERTS_AT_ONCE
from tests.performance.bodies import body
from tests.performance.conftest import CountingAws, Receive


def test_one_card_takes_two_requests(aws: CountingAws, receive: Receive) -> None:
    """An ordinary notification is one read, and one batch with status and delivery."""
    receive(body("one", 1))
    assert aws.requests == {"BatchGetItem": 1, "BatchExecuteStatement": 1}


@pytest.mark.parametrize(("operations", "most"), [(12, 2), (100, 9), (1_000, 90), (10_000, 900)])
def test_bulks_are_batched(aws: CountingAws, receive: Receive, operations: int, most: int) -> None:
    """A bulk takes 9 requests a hundred cards: 100 a read, 25 a write of statuses and of deliveries."""
    receive(body("bulk", operations))
    assert aws.requests.total() <= most


def test_one_alert_takes_three_more(aws: CountingAws, receive: Receive) -> None:
    """An alert costs the outbox's row, the publication and the mark."""
    receive(body("alert", 1, "DATA_EXCEPTION"))
    assert aws.requests == {"BatchGetItem": 1, "BatchExecuteStatement": 3, "PublishBatch": 1}


def test_a_storm_takes_as_many_publications_as_a_bad_day(aws: CountingAws, receive: Receive) -> None:
    """Of a thousand alerts in one body the first fifty are published, ten a request; one call hands over the others."""
    receive(body("alerts", ALERTS_AT_ONCE, "DATA_EXCEPTION"))
    assert aws.requests["PublishBatch"] == ALERTS_AT_ONCE / 10
    assert "Invoke" not in aws.requests

    aws.requests.clear()
    receive(body("storm", 1_000, "DATA_EXCEPTION"))
    assert aws.requests["PublishBatch"] == ALERTS_AT_ONCE / 10
    assert aws.requests["Invoke"] == 1
    assert aws.requests.total() <= 140


def test_an_empty_notification_takes_none(aws: CountingAws, receive: Receive) -> None:
    """Nothing is asked of anybody where there is nothing to do."""
    receive(body("none", 0))
    assert not aws.requests
