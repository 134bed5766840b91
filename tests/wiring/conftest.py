"""One engine for the table, the handlers imported once, and an empty stack for each test."""

import importlib
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from unittest.mock import patch

import pytest
from moto import mock_aws

from local.engine import free_port, leave_developers_account, running_engine
from tests.proof.tables import create_table
from tests.wiring.stack import ENVIRONMENT, TABLE, Stack, client, create_topic_and_queues


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Run the table's engine, and give the environment that the template gives the functions."""
    with patch.dict(os.environ):
        leave_developers_account()
        with running_engine(free_port(), tmp_path_factory.mktemp("engine") / "log", enforce_iam=False) as engine:
            yield ENVIRONMENT | {"AWS_ENDPOINT_URL_DYNAMODB": engine.endpoint_url}


class CurrentOutput:
    """Standard output as it is when something is written, which pytest replaces for each test."""

    def write(self, text: str) -> None:
        """Write to it."""
        sys.stdout.write(text)

    def flush(self) -> None:
        """Flush it."""
        sys.stdout.flush()


@pytest.fixture(scope="session")
def handlers(environment: dict[str, str]) -> list[ModuleType]:
    """Import the handlers as Lambda does: once, with the environment in place."""
    names = ("receive_notification", "relay_alerts", "get_card_status", "replay_rejected", "alert_overdue_cards")
    with patch.dict(os.environ, environment):
        modules = [importlib.import_module(f"{name}.app") for name in names]
    for module in modules:
        for handler in module.logger.handlers:
            handler.stream = CurrentOutput()
    return modules


@pytest.fixture
def stack(environment: dict[str, str], handlers: list[ModuleType]) -> Iterator[Stack]:
    """Give an empty stack."""
    with patch.dict(os.environ), mock_aws(config={"core": {"passthrough": {"urls": ["http://127.0.0.1"]}}}):
        leave_developers_account()
        os.environ.update(environment)
        create_table(client("dynamodb"), TABLE)
        create_topic_and_queues()
        receive, relay, ask, replay, overdue = handlers
        yield Stack(receive, relay, ask, replay, overdue)
        client("dynamodb").delete_table(TableName=TABLE)
