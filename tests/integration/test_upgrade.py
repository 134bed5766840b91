"""`sam deploy` against the embedded AWS: a first deployment, an upgrade with data kept, and one that is taken back."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from unittest.mock import patch

import boto3
import pytest

from local.artifacts import card_tracking_archive, dependencies_archive, functions_archive
from local.deployment import ISSUER_ID, STACK, Deployment
from local.engine import REGION, Engine, free_port, leave_developers_account, running_engine
from local.template import adapted, load_template
from tests.integration.client import Client
from tests.integration.notifications import Card, Json

SAM: Final = Path(sys.executable).with_name("sam")
BUCKET: Final = "releases"
ANSWERS: Final = "python/card_tracking/wire/card_document.py"
"""In the layer: what get_card_status answers with."""


class Releases:
    """What `sam build` leaves behind, and `sam deploy` of it."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder = folder
        self._engine = engine
        for name, archive in (
            ("functions", functions_archive()),
            ("layers/card_tracking", card_tracking_archive()),
            ("layers/dependencies", dependencies_archive()),
        ):
            with zipfile.ZipFile(io.BytesIO(archive)) as content:
                content.extractall(folder / name)

    def change_the_layer(self, release: int) -> None:
        """Let the layer, and nothing else, answer the number of a release."""
        path = self._folder / "layers/card_tracking" / ANSWERS
        code = path.read_text().split("\n# release")[0]
        path.write_text(
            f"{code}\n# release\n_answer = card_answer\n"
            f'def card_answer(status):\n    return _answer(status) | {{"release": {release}}}\n'
        )

    def deploy(self, *, with_a_fault: bool = False) -> bool:
        """Deploy; say whether that went well."""
        template = adapted(load_template())
        if with_a_fault:
            # Not before the new versions are in service, so that there is something to take back.
            template["Resources"]["Fault"] = {
                "Type": "AWS::CloudWatch::Alarm",
                "DependsOn": ["GetCardStatusFunctionAliaslive", "ReceiveNotificationFunctionAliaslive"],
                # An alarm on no metric that the embedded AWS can have.
                "Properties": {"Metrics": [{"Id": "fault", "Expression": "1"}], "EvaluationPeriods": 1},
            }
        (self._folder / "template.json").write_text(json.dumps(template))
        command = [str(SAM), "deploy", "--template-file", "template.json", "--stack-name", STACK, "--s3-bucket", BUCKET]
        command += ["--capabilities", "CAPABILITY_IAM", "--no-progressbar", "--parameter-overrides"]
        deployed = subprocess.run(
            [*command, f"IssuerId={ISSUER_ID}", "Stage=local"],
            cwd=self._folder,
            env=os.environ | {"AWS_ENDPOINT_URL": self._engine.endpoint_url, "SAM_CLI_TELEMETRY": "0"},
            check=False,
            capture_output=True,
        )
        return deployed.returncode == 0

    def stack(self) -> Json:
        """Look at the stack."""
        cloudformation = boto3.client("cloudformation", **self._engine.access)
        stack: Json = dict(cloudformation.describe_stacks(StackName=STACK)["Stacks"][0])
        return stack

    def outputs(self) -> dict[str, str]:
        """Read the stack's outputs."""
        return {one["OutputKey"]: one["OutputValue"] for one in self.stack()["Outputs"]}

    def client(self) -> Client:
        """Give access to what is deployed."""
        return Client(Deployment(self._engine, ISSUER_ID, self.outputs()))


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[Releases]:
    """Run an empty AWS with a bucket for releases."""
    with patch.dict(os.environ):
        leave_developers_account()
        with running_engine(free_port(), tmp_path / "engine.log", enforce_iam=False) as engine:
            os.environ.update(
                AWS_ACCESS_KEY_ID=engine.access["aws_access_key_id"],
                AWS_SECRET_ACCESS_KEY=engine.access["aws_secret_access_key"],
                AWS_DEFAULT_REGION=REGION,
            )
            s3 = boto3.client("s3", **engine.access)
            s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
            yield Releases(tmp_path, engine)


def test_upgrade_and_taking_back(releases: Releases) -> None:
    """The second release, whose layer alone has changed, answers for a card that the first one stored.

    A third release that fails half-way leaves the second one in service, and the card in its table.
    """
    card = Card()

    assert releases.deploy()
    first = releases.client()
    assert first.post(card.requested()).status == 204
    assert "release" not in first.card(card.card_id)
    table = releases.outputs()["StatusTableName"]

    releases.change_the_layer(2)
    assert releases.deploy()
    second = releases.client()
    assert (second.card(card.card_id)["status"], second.card(card.card_id)["release"]) == ("CARD_PROD_REQUESTED", 2)

    releases.change_the_layer(3)
    assert not releases.deploy(with_a_fault=True)
    taken_back = releases.client()
    assert releases.stack()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert taken_back.card(card.card_id)["release"] == 2
    assert taken_back.post(card.data_prepared()).status == 204
    assert taken_back.card(card.card_id)["status"] == "DATA_PREPARED"
    assert releases.outputs()["StatusTableName"] == table
