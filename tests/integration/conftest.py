"""One embedded AWS for all of these tests, IAM enforced, with template.yaml deployed in it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from unittest.mock import patch
from uuid import uuid4

import boto3
import pytest

from local.deployment import ISSUER_ID, Deployment, deploy
from local.engine import Engine, free_port, leave_developers_account, running_engine
from tests.integration.client import Channel, Client
from tests.reconcile.d1_on_demand import KEY_ID, Bank, known_bank
from tests.security.certificates import Authority, Credentials


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Run the embedded AWS on a free port."""
    log = tmp_path_factory.mktemp("engine") / "engine.log"
    with patch.dict(os.environ):
        leave_developers_account()
        with running_engine(free_port(), log, enforce_iam=True) as engine:
            yield engine


D1_SECRET: Final = "card-tracking/d1"
OVERDUE_SCHEDULE: Final = "cron(0 6 1 1 ? 2199)"
"""Not while these tests run: they look for overdue cards themselves."""


@dataclass(frozen=True, slots=True)
class OnDemand:
    """The D1 that the stack asks about cards, where one runs, and what the stack shows to it."""

    port: int
    thales: Authority
    bank: Bank
    server: Credentials


@pytest.fixture(scope="session")
def on_demand(tmp_path_factory: pytest.TempPathFactory) -> OnDemand:
    """Choose a place for D1."""
    thales, public = (Authority(tmp_path_factory.mktemp(name), name) for name in ("thales", "public"))
    return OnDemand(free_port(), thales, known_bank(ISSUER_ID, thales, public), public.server())


@pytest.fixture(scope="session")
def deployment(engine: Engine, on_demand: OnDemand) -> Deployment:
    """Deploy the template, with everything switched on that one machine has."""
    secrets = boto3.client("secretsmanager", **engine.access)
    secret = secrets.create_secret(Name=D1_SECRET, SecretString=on_demand.bank.secret())
    return deploy(
        engine,
        {
            "Reconcile": "true",
            "D1ApiUrl": f"https://127.0.0.1:{on_demand.port}",
            "D1SigningKeyId": KEY_ID,
            "D1CredentialsArn": secret["ARN"],
            "OverdueAlerts": "true",
            "OverdueSchedule": OVERDUE_SCHEDULE,
            "WorkingDays": "MON,TUE,WED,THU,FRI,SAT,SUN",
        },
    )


@pytest.fixture(scope="session")
def client(deployment: Deployment) -> Client:
    """Give what D1, another Lambda and an operator can do with the stack."""
    return Client(deployment)


@pytest.fixture
def channel(deployment: Deployment) -> Channel:
    """Subscribe an alerting channel, from now on."""
    return Channel(deployment, deployment.subscribe_queue(f"channel-{uuid4()}"))
