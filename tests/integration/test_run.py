"""`make run`: what it tells, what it shows, and that it leaves nothing behind."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import urlopen

import boto3
import pytest

from local.deployment import Deployment
from local.engine import HOST, ROOT, Engine, free_port
from tests.integration.client import PROMISED_SECONDS, Client
from tests.integration.notifications import Card, Json

READY_SECONDS: Final = 60.0
"""A few on a machine that has nothing else to do."""
STOP_SECONDS: Final = 10.0


@dataclass
class Run:
    """A running `make run`, without make, in a copy of this tree: the developer's own may be running too."""

    tree: Path
    port: int
    page_port: int
    process: "subprocess.Popen[bytes]"

    @property
    def stack_file(self) -> Path:
        """Say where it tells what runs where."""
        return self.tree / ".local/stack.json"

    def stack(self) -> Json:
        """Read what it tells."""
        told: Json = json.loads(self.stack_file.read_text())
        return told

    def client(self) -> Client:
        """Give access to what runs, by nothing but what it tells."""
        told = self.stack()
        return Client(Deployment(Engine(self.port), told["issuerId"], told["outputs"]))

    def shown(self) -> str:
        """Read all that it has shown."""
        return output_of(self.tree).read_text()


def output_of(tree: Path) -> Path:
    """Say where the latest start in a tree writes what it shows."""
    return tree / "shown.txt"


def start(tree: Path, port: int, page_port: int) -> "subprocess.Popen[bytes]":
    """Start it as `make run` does."""
    environment = os.environ | {
        "PORT": str(port),
        "PAGE_PORT": str(page_port),
        "PYTHONPATH": str(tree / "layers/card_tracking"),
    }
    with output_of(tree).open("wb") as output:
        command = [sys.executable, "-m", "local.run"]
        return subprocess.Popen(command, cwd=tree, env=environment, stdout=output, stderr=subprocess.STDOUT)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Run it until it is ready."""
    for name in ("functions", "layers", "local"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "template.yaml", tmp_path)
    port, page_port, give_up = free_port(), free_port(), time.monotonic() + READY_SECONDS
    run = Run(tmp_path, port, page_port, start(tmp_path, port, page_port))
    try:
        while not run.stack_file.exists():
            assert run.process.poll() is None, run.shown()
            assert time.monotonic() < give_up, run.shown()
            time.sleep(0.02)
        yield run
    finally:
        run.process.kill()
        run.process.wait()


def test_it_says_where_everything_is(run: Run) -> None:
    """It comes up, and its file has what another program needs to use it."""
    stack = run.stack()

    assert stack.keys() == {
        "callbackUrl",
        "awsEndpointUrl",
        "region",
        "issuerId",
        "alertInboxUrl",
        "pageUrl",
        "outputs",
    }
    assert stack["awsEndpointUrl"] == f"http://127.0.0.1:{run.port}"
    assert stack["callbackUrl"].startswith(stack["awsEndpointUrl"])
    assert stack["callbackUrl"].endswith(f"/notifications/d1/v2/issuers/{stack['issuerId']}/cards")
    assert {"StatusTableName", "AlertTopicArn", "RejectedQueueUrl", "GetCardStatusFunctionName"} <= stack[
        "outputs"
    ].keys()


def test_it_shows_what_happens_until_ctrl_c(run: Run) -> None:
    """Status changes and alerts show; what it says to try works; the inbox has a copy; after Ctrl-C nothing is left."""
    card, stack, client = Card(), run.stack(), run.client()
    sqs = boto3.client("sqs", **Engine(run.port).access)

    started = time.monotonic()
    for body in ([card.requested()], [card.data_exception()]):
        assert client.post_body(json.dumps({"operations": body}), stack["callbackUrl"]).status == 204
    inbox = sqs.receive_message(QueueUrl=stack["alertInboxUrl"], WaitTimeSeconds=5)["Messages"]
    arrived = time.monotonic() - started
    (to_try,) = re.findall(r"^ +curl (?:.*\\\n)+.*$", run.shown(), re.MULTILINE)
    tried = subprocess.run(["/bin/bash", "-c", to_try], capture_output=True, check=True, text=True, timeout=30)
    time.sleep(1)
    run.process.send_signal(signal.SIGINT)
    run.process.wait(STOP_SECONDS)
    shown = run.shown()

    assert arrived < PROMISED_SECONDS
    assert json.loads(json.loads(inbox[0]["Body"])["Message"])["cardId"] == card.card_id
    assert stack["callbackUrl"] in shown
    assert tried.stdout.split()[1] == "204"
    assert f"{card.card_id}  CARD_PROD_REQUESTED" in shown
    assert f"ALERT   {card.card_id}  DATA_EXCEPTION  FIELD_INVALID_FORMAT pan" in shown
    assert "Traceback" not in shown
    assert run.process.returncode == 0
    assert not run.stack_file.exists()


def test_a_second_one_on_its_port_says_so(run: Run) -> None:
    """It ends with a plain word and an exit code, and the first one goes on undisturbed."""
    before = run.stack_file.read_text()

    second = start(run.tree, run.port, run.page_port)
    second.wait(STOP_SECONDS)

    assert second.returncode == 1
    assert f"Port {run.port} is in use" in run.shown()
    assert run.stack_file.read_text() == before
    assert run.client().post(Card().requested()).status == 204


def test_it_serves_the_page_that_it_names(run: Run) -> None:
    """The address is printed, and answers with the page and what happens in the stack; after Ctrl-C nobody answers."""
    card, address = Card(), urlsplit(run.stack()["pageUrl"])
    run.client().post(card.requested())

    with urlopen(address.geturl(), timeout=STOP_SECONDS) as page:  # noqa: S310  # loopback, as the next assertion says
        html = page.read().decode()
    with urlopen(f"{address.geturl()}news", timeout=STOP_SECONDS) as answer:  # noqa: S310  # as above
        cards = json.load(answer)["cards"]
    run.process.send_signal(signal.SIGINT)
    run.process.wait(STOP_SECONDS)

    assert (address.hostname, address.port) == (HOST, run.page_port)
    assert address.geturl() in run.shown()
    assert "<title>Card tracking</title>" in html
    assert [one["cardId"] for one in cards] == [card.card_id]
    assert not answers(address.port or 0)


def test_no_engine_outlives_it(run: Run) -> None:
    """Even if it is killed, the embedded AWS goes with it and the port is free again."""
    run.process.kill()
    run.process.wait()

    give_up = time.monotonic() + STOP_SECONDS
    while answers(run.port) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not answers(run.port)


def answers(port: int) -> bool:
    """Tell whether something listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
