"""The README, followed from the top down against the deployed template by somebody who copies what it shows."""

import doctest
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import boto3
import pytest

from card_tracking.adapters import card_status_reader
from local.deployment import Deployment
from local.engine import ACCESS_KEY, REGION
from tests.documents.blocks import README_ON_A_STACK, blocks, readme_block
from tests.integration.client import Channel, Client
from tests.integration.notifications import Json

CARD: Final = "271b-6e47-8ec3-7f3f"
OURS: Final = {"issuerId", "receivedAt", "milestones"}
"""Members that differ with stack and time; their form is held to the schemas (tests/documents)."""


@pytest.fixture(autouse=True)
def _ordinary_settings(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the ordinary AWS settings lead to the engine."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with patch.dict(
        os.environ,
        AWS_ENDPOINT_URL=deployment.engine.endpoint_url,
        AWS_ACCESS_KEY_ID=ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY=ACCESS_KEY,
        AWS_DEFAULT_REGION=REGION,
        STATUS_TABLE_NAME=deployment.outputs["StatusTableName"],
    ):
        yield


def shown(with_member: str) -> Json:
    """Read the document that the README shows, less what differs with stack and time."""
    documents = [json.loads(one.text) for one in blocks() if (one.document, one.language) == ("README.md", "json")]
    (document,) = [one for one in documents if with_member in one]
    return without_ours(document)


def without_ours(document: Json) -> Json:
    """Leave out what differs with stack and time."""
    return {name: value for name, value in document.items() if name not in OURS}


def test_it_does_what_it_says(deployment: Deployment, channel: Channel, tmp_path: Path) -> None:
    """The notification is answered 204, twice, and alerts once; the card and the alert are the ones that it shows."""
    send, ask, read = (readme_block(first_line) for first_line in README_ON_A_STACK)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local/stack.json").write_text(json.dumps({"callbackUrl": deployment.callback_url}))

    for _ in range(2):
        sent = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", send],
            cwd=tmp_path,
            capture_output=True,
            check=True,
            text=True,
            timeout=60,
        )
        head, _, body = sent.stdout.replace("\r", "").partition("\n\n")
        assert head.splitlines()[0].split()[1] == "204"
        assert body == ""
    (alert,) = channel.alerts(CARD, expected=1)
    assert without_ours(alert) == shown("alertId")

    names: dict[str, Any] = {"get_card_status_function_arn": deployment.outputs["GetCardStatusFunctionArn"]}
    exec(ask, names)  # noqa: S102  # it is what the README says
    assert without_ours(names["card"]) == shown("milestones")

    names = {"status_table_name": deployment.outputs["StatusTableName"]}
    exec(read, names)  # noqa: S102  # as above
    assert names["status"].shown.status == shown("milestones")["status"]


def test_the_readers_own_example(client: Client) -> None:
    """What the reader's documentation shows is what it answers; the card is the README's."""
    test = doctest.DocTestParser().get_doctest(
        card_status_reader.__doc__ or "",
        {"os": os, "CardStatusReader": card_status_reader.CardStatusReader},
        "card_status_reader",
        None,
        0,
    )
    (send, *_) = README_ON_A_STACK
    client.post_body(readme_block(send).split("-d '", 1)[1].rstrip().rstrip("'"))

    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0
