"""What a cold start imports and makes: every module that nobody needs is paid for at each of them."""

import json
import os
import subprocess
import sys
from typing import Any, Final

import pytest

from local.engine import ROOT
from tests.performance.artefacts import SETTINGS, deployed_settings

NOT_AT_INIT: Final = {
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.data_classes",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parser",
    "aws_lambda_powertools.utilities.validation",
    "aws_xray_sdk",
    "boto3.dynamodb.table",
    "boto3.ec2",
    "boto3.s3",
    "card_tracking.adapters.card_status_reader",
    "card_tracking.adapters.key_set",
    "card_tracking.use_cases.replay",
    "cryptography",
    "jwt",
    "moto",
    "pydantic.v1",
    "receive_notification.provider_tokens",
    "requests",
    "tests",
}
"""Big, or made for something else. Whoever needs one of them imports it where it is used."""
MOST_MODULES: Final = 560
"""Those that there are, and a few. Before raising it look at what came in."""

_LOAD: Final = """
import gc, json, sys
sys.modules["OpenSSL"] = None  # botocore takes it where it is; in the layer it is not
from botocore.session import Session
made, create = [], Session.create_client
def counted(self, service, *args, **more):
    made.append(service)
    return create(self, service, *args, **more)
Session.create_client = counted
import receive_notification.app
collects = [gc.isenabled(), gc.get_freeze_count() > 0]
print(json.dumps({"modules": sorted(sys.modules), "clients": made, "collects": collects}))
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[Any]]:
    """Import the receiving function in a process of its own; tell what is there then."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("functions", "layers/card_tracking"))
    # What coverage measures in other processes is no part of a start.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COV_", "POWERTOOLS_"))
    }
    done = subprocess.run(
        [sys.executable, "-c", _LOAD],
        env=environment | SETTINGS | deployed_settings() | {"PYTHONPATH": path, "AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    modules: dict[str, list[Any]] = json.loads(done.stdout)
    return modules


def test_nothing_unneeded_is_imported(loaded: dict[str, list[Any]]) -> None:
    """The receiving function imports none of the modules that are big, or made for something else."""
    unneeded = [
        name for name in loaded["modules"] if any(name == one or name.startswith(f"{one}.") for one in NOT_AT_INIT)
    ]
    assert unneeded == []


def test_modules_do_not_pile_up(loaded: dict[str, list[Any]]) -> None:
    """The receiving function imports no more modules than it did when they were last looked at."""
    assert len(loaded["modules"]) <= MOST_MODULES


def test_only_the_table_is_reached_for(loaded: dict[str, list[Any]]) -> None:
    """One client is made at init, the table's; those for alerts, rejected operations and keys when they are needed."""
    assert loaded["clients"] == ["dynamodb"]


def test_garbage_is_collected_once_a_start_is_over(loaded: dict[str, list[Any]]) -> None:
    """What the start has made is never looked through for garbage again; what comes after it is."""
    assert loaded["collects"] == [True, True]
