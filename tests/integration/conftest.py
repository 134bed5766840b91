"""One embedded AWS for all of these tests, IAM enforced, with template.yaml deployed in it."""

import os
from collections.abc import Iterator
from unittest.mock import patch
from uuid import uuid4

import pytest

from local.deployment import Deployment, deploy
from local.engine import Engine, free_port, leave_developers_account, running_engine
from tests.integration.client import Channel, Client


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Run the embedded AWS on a free port."""
    log = tmp_path_factory.mktemp("engine") / "engine.log"
    with patch.dict(os.environ):
        leave_developers_account()
        with running_engine(free_port(), log, enforce_iam=True) as engine:
            yield engine


@pytest.fixture(scope="session")
def deployment(engine: Engine) -> Deployment:
    """Deploy the template."""
    return deploy(engine)


@pytest.fixture(scope="session")
def client(deployment: Deployment) -> Client:
    """Give what D1, another Lambda and an operator can do with the stack."""
    return Client(deployment)


@pytest.fixture
def channel(deployment: Deployment) -> Channel:
    """Subscribe an alerting channel, from now on."""
    return Channel(deployment, deployment.subscribe_queue(f"channel-{uuid4()}"))
