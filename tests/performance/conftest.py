"""A table to count with, and the receiving use case on it."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant
from card_tracking.use_cases.receive import Receipt
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import Origin
from tests.proof.engines import EngineMissing, dynoxide
from tests.proof.product import Services, composed

RECEIVED = Instant(1_768_631_282_492_000)
TABLE = "Cards"


class CountingAws:
    """Every service at once: nothing is there, everything is taken, and each request is counted."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.requests: Counter[str] = Counter()

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        """Find nothing."""
        self.requests["BatchGetItem"] += 1
        return {"Responses": {table: [] for table in request["RequestItems"]}}

    def batch_write_item(self, **_: Any) -> dict[str, Any]:
        """Put all."""
        self.requests["BatchWriteItem"] += 1
        return {}

    def batch_execute_statement(self, **request: Any) -> dict[str, Any]:
        """Execute all."""
        self.requests["BatchExecuteStatement"] += 1
        return {"Responses": [{} for _ in request["Statements"]]}

    def publish_batch(self, **request: Any) -> dict[str, Any]:
        """Publish all."""
        self.requests["PublishBatch"] += 1
        return {"Successful": [{"Id": one["Id"]} for one in request["PublishBatchRequestEntries"]], "Failed": []}

    def invoke(self, **_: Any) -> dict[str, Any]:
        """Call any function."""
        self.requests["Invoke"] += 1
        return {"StatusCode": 202}


Receive = Callable[[str], Receipt]


@pytest.fixture
def aws() -> CountingAws:
    """Give the services that count."""
    return CountingAws()


@pytest.fixture
def receive(aws: CountingAws) -> Iterator[Receive]:
    """Receive a body by the use case, on the services that count."""
    yield from receiving(Services(aws, TABLE, aws, aws, aws))


@pytest.fixture(scope="module")
def reporting_table() -> Iterator[Any]:
    """Give a client of an engine that tells write units as AWS bills them, with the template's table."""
    try:
        with dynoxide() as engine, engine.table(TABLE):
            yield engine.dynamodb
    except EngineMissing as missing:
        pytest.skip(str(missing))


def receiving(services: Services) -> Iterator[Receive]:
    """Give a function that receives a body."""
    with composed(services) as compose:
        use_case = compose()
        requests = iter(range(1_000_000))

        def receive(body: str) -> Receipt:
            origin = Origin(RECEIVED, f"request-{next(requests)}", None)
            return use_case(read_notification(body, RECEIVED), origin, Deadline())

        yield receive
