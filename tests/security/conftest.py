"""A stack as strict as in production, and a front door with mutual TLS before it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unittest.mock import patch

import pytest

from local.deployment import Deployment, deploy
from local.engine import free_port, leave_developers_account, running_engine
from tests.integration.client import Client
from tests.security.certificates import Authority
from tests.security.front_door import front_door

DOMAIN: Final = {
    "Stage": "prod",
    "DomainName": "d1.bank.example",
    "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1",
    "TruststoreBucket": "bank-truststores",
    "TruststoreKey": "d1.pem",
    "TruststoreVersion": "v1",
}
SUBJECT: Final = "CN=d1.thalescloud.io,OU=Banking\\, Payment,O=Thales DIS,C=FR"


@dataclass(frozen=True, slots=True)
class World:
    """Who there is: the CA that signs for D1 and for others, and one that nobody here trusts."""

    folder: Path
    bank: Authority
    d1s: Authority
    others: Authority


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Found the authorities."""
    folder = tmp_path_factory.mktemp("certificates")
    return World(folder, *(Authority(folder, name) for name in ("bank", "d1s", "others")))


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Deploy the template with mutual TLS and access tokens."""
    with patch.dict(os.environ):
        leave_developers_account()
        with running_engine(free_port(), tmp_path_factory.mktemp("engine") / "log", enforce_iam=True) as engine:
            yield deploy(engine, {**DOMAIN, "ClientCertificateSubject": SUBJECT, "AccessTokens": "true"})


@pytest.fixture(scope="session")
def client(deployment: Deployment) -> Client:
    """Give what the bank itself can do with the stack."""
    return Client(deployment)


@pytest.fixture(scope="session")
def port(deployment: Deployment, world: World) -> Iterator[int]:
    """Open the front door, which trusts the CA of D1 alone."""
    with front_door(deployment, world.bank.server(), world.d1s.certificate) as port:
        yield port
