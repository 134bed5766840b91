"""A stack of its own for the page, as `make run` deploys it."""

import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from local.deployment import Deployment, deploy
from local.engine import free_port, leave_developers_account, running_engine


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Deploy the template into an embedded AWS."""
    log = tmp_path_factory.mktemp("engine") / "engine.log"
    with patch.dict(os.environ):
        leave_developers_account()
        with running_engine(free_port(), log, enforce_iam=False) as engine:
            yield deploy(engine)
