"""D1 on this machine, with mutual TLS, and the bank that asks it."""

from collections.abc import Iterator

import pytest

from tests.d1.server import Server
from tests.reconcile.d1_on_demand import D1, Bank, known_bank, running_d1
from tests.security.certificates import Authority


@pytest.fixture(scope="session")
def thales(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Found the authority that signs the certificates of D1's clients."""
    return Authority(tmp_path_factory.mktemp("thales"), "thales")


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory, thales: Authority) -> Bank:
    """Set up a bank that Thales knows."""
    return known_bank("BANK000001", thales, Authority(tmp_path_factory.mktemp("public"), "public"))


@pytest.fixture
def running(bank: Bank, thales: Authority) -> Iterator[tuple[D1, Server]]:
    """Run D1."""
    with running_d1(bank, bank.server_ca.server(), thales) as running:
        yield running


@pytest.fixture
def d1(running: tuple[D1, Server]) -> D1:
    """Give D1 as it can be told to behave."""
    return running[0]
