"""The store on each engine, every request of it held against the service model of AWS."""

from collections.abc import Iterator

import pytest

from card_tracking.adapters.alert_outbox import AlertOutbox
from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.adapters.notification_store import NotificationStore
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from tests.proof.engines import TableEngine
from tests.proof.fixtures import engine, table_name
from tests.proof.invocations import Clock, Invocation

__all__ = ["engine", "table_name"]

RETENTION_DAYS = 400


@pytest.fixture
def invocation() -> Iterator[Invocation]:
    """Record what is asked of AWS, and hold it against the service model when the test is over."""
    recorder = Invocation(Clock(), seconds=10_000.0)
    yield recorder
    assert recorder.violations == []


@pytest.fixture
def table(engine: TableEngine, table_name: str, invocation: Invocation) -> Table:
    """Give the table, empty."""
    return Table(invocation.client("dynamodb", engine.dynamodb), table_name)


@pytest.fixture
def store(table: Table) -> NotificationStore:
    """Give the store of statuses and deliveries."""
    return NotificationStore(table, RETENTION_DAYS)


@pytest.fixture
def outbox(table: Table) -> AlertOutbox:
    """Give the outbox of alerts."""
    return AlertOutbox(table, RETENTION_DAYS)


@pytest.fixture
def reader(table: Table) -> CardStatusReader:
    """Give what other Lambdas read with."""
    return CardStatusReader(table.name, table.client)


@pytest.fixture
def deadline() -> Deadline:
    """Give all the time there is."""
    return Deadline()
