"""The real handler, imported as Lambda does, and a D1 that it can ask by mutual TLS."""

import importlib
import os
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from unittest.mock import patch

import pytest

from reconcile_cards import composition
from tests.reconcile.d1_on_demand import TOKEN_PATH, Bank, known_bank, running_d1
from tests.security.certificates import Authority
from tests.wiring.conftest import CurrentOutput
from tests.wiring.reconcile.reconciliation import SECRET, Reconciliation
from tests.wiring.stack import ENVIRONMENT_OF_RECONCILING, Stack, client


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bank, Authority]:
    """Set up a bank that Thales knows."""
    thales = Authority(tmp_path_factory.mktemp("thales"), "thales")
    public = Authority(tmp_path_factory.mktemp("public"), "public")
    return known_bank("BANK000001", thales, public), thales


@pytest.fixture(scope="session")
def app(environment: dict[str, str]) -> ModuleType:
    """Import the handler as Lambda does."""
    with patch.dict(os.environ, environment | ENVIRONMENT_OF_RECONCILING):
        module = importlib.import_module("reconcile_cards.app")
    for handler in module.logger.handlers:
        handler.stream = CurrentOutput()
    return module


@pytest.fixture
def reconciliation(
    stack: Stack, app: ModuleType, bank: tuple[Bank, Authority], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Reconciliation]:
    """Run D1, give the function its secret, and note its pauses instead of making them."""
    of_bank, thales = bank
    client("secretsmanager").create_secret(Name=SECRET, SecretString=of_bank.secret())
    with running_d1(of_bank, of_bank.server_ca.server(), thales) as (d1, _):
        found = Reconciliation(app, d1, of_bank, stack)
        urls = {"d1_api_url": d1.url, "token_url": d1.url + TOKEN_PATH, "token_audience": d1.url}
        api = composition.compose_api(app.settings, replace(app.own_settings, **urls))
        monkeypatch.setattr(app, "reconcile", replace(app.reconcile, api=api, pause=found.pauses.append))
        yield found
