"""AWS clients: none of them can use up an invocation or retries by itself."""

import os
from typing import Any
from unittest.mock import patch

import pytest

from card_tracking.adapters import clients
from card_tracking.adapters.retries import THREADS
from card_tracking.deadline import RESERVE_SECONDS
from local.template import load_template

QUICK = (
    clients.dynamodb_client,
    clients.sns_client,
    clients.sqs_client,
    clients.secrets_client,
    clients.lambda_client,
    clients.codedeploy_client,
)


def config_of(make: Any) -> Any:
    """Return the configuration of a client."""
    nobody = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-west-1"}
    with patch.dict(os.environ, nobody):
        return make().meta.config


@pytest.mark.parametrize("make", QUICK)
def test_call_ends_within_the_reserve(make: Any) -> None:
    """A call that was allowed to start ends before the invocation does, even if nobody answers."""
    config = config_of(make)

    assert config.connect_timeout + config.read_timeout < RESERVE_SECONDS


@pytest.mark.parametrize("make", [*QUICK, clients.patient_lambda_client])
def test_client_does_not_retry_by_itself(make: Any) -> None:
    """One call is one try: only our own loop knows the time that is left. Each thread has a connection."""
    config = config_of(make)

    assert config.retries["total_max_attempts"] == 1
    assert config.max_pool_connections >= THREADS


def test_check_of_a_release_waits_for_a_first_start() -> None:
    """The check waits for longer than the function that it checks may run, and not for longer than it runs itself."""
    resources = load_template()["Resources"]
    read_timeout = config_of(clients.patient_lambda_client).read_timeout

    assert read_timeout > resources["ReceiveNotificationFunction"]["Properties"]["Timeout"]
    assert 2 * read_timeout <= resources["CheckReleaseFunction"]["Properties"]["Timeout"]
