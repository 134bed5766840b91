"""What the command line says is what is done; what it cannot mean is said at once."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import boto3
import pytest

from local import stack as stacks
from local.d1 import arguments
from local.d1.__main__ import main
from local.d1.arguments import parser, setting_of
from local.d1.run import Setting
from local.d1.scenarios import SCENARIOS
from tests.d1.server import Told, serving


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    """Give credentials of nobody's account, as the environment does."""
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "SECRET": "s",
    }
    with patch.dict(os.environ, environment):
        yield


def setting(words: str) -> Setting:
    """Read a command line."""
    return setting_of(parser().parse_args(words.split()))


def test_every_scenario_is_in_the_help() -> None:
    """With its story, in a line that fits."""
    shown = parser().format_help()

    for name, scenario in SCENARIOS.items():
        assert name in shown
        assert scenario.story in shown
        assert scenario.story.endswith(".")


def test_the_stack_on_this_machine_tells_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the file that `make run` writes, whatever AWS account the developer is in."""
    file = tmp_path / "stack.json"
    told = {
        "callbackUrl": "http://127.0.0.1:4566/x/cards",
        "awsEndpointUrl": "http://127.0.0.1:4566",
        "region": "eu-west-1",
        "outputs": {
            "GetCardStatusFunctionName": "ask",
            "AlertTopicArn": "arn:topic",
            "RejectedQueueUrl": "http://127.0.0.1:4566/rejected",
        },
    }
    file.write_text(json.dumps(told))
    monkeypatch.setattr(arguments, "stack_here", lambda: stacks.stack_here(file))
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    found = setting("lifecycle")

    assert found.target.url == told["callbackUrl"]
    assert found.stack.endpoint_url == told["awsEndpointUrl"]
    assert found.checks.status_function == "ask"
    assert found.checks.alert_topic == "arn:topic"
    assert found.checks.rejected_queue == "http://127.0.0.1:4566/rejected"
    assert "AWS_PROFILE" not in os.environ


def test_a_deployed_stack_tells_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, from its outputs; how they are read is shown against a deployed stack (tests/integration)."""
    url = "https://api.example/prod/notifications/d1/v2/issuers/BANK000001/cards"
    outputs = {"GetCardStatusFunctionArn": "arn:alias", "AlertTopicArn": "arn:topic"}
    asked: list[tuple[str, str | None]] = []

    def deployed(name: str, region: str | None) -> stacks.Stack:
        asked.append((name, region))
        return stacks.Stack(boto3.Session(), outputs, url)

    monkeypatch.setattr(arguments, "deployed_stack", deployed)

    found = setting("lifecycle --stack cards --region eu-west-1")

    assert asked == [("cards", "eu-west-1")]
    assert found.target.url == url
    assert found.checks.status_function == "arn:alias"
    assert found.checks.alert_topic == "arn:topic"
    assert found.checks.rejected_queue is None


def test_everything_can_be_named() -> None:
    """A stack of which only addresses are known, behind mutual TLS and OAuth, with a D1 of other habits."""
    found = setting(
        "storm --url https://bank.example --issuer BANK000001 --client-cert c.pem --client-key k.pem --ca a.pem"
        " --token-url https://bank.example/token --client-id d1 --client-secret-env SECRET"
        " --resend-on 503,timeout --resends 9 --first-wait 3 --factor 1 --longest-wait 4 --heed-retry-after"
        " --timeout 7 --lose-answers 0.1 --connections 2"
        " --status-function f --alert-inbox q --rejected-queue r --alert-statuses A,B --alert-wait 5"
    )

    assert found.target.url == "https://bank.example/notifications/d1/v2/issuers/BANK000001/cards"
    assert found.target.certificates.client == Path("c.pem")
    assert found.target.tokens is not None
    assert (found.target.timeout, found.target.lost_answers, found.connections) == (7.0, 0.1, 2)
    assert found.resending.resent == {"503", "timeout"}
    assert (found.resending.most, found.resending.first_wait, found.resending.longest_wait) == (9, 3.0, 4.0)
    assert found.resending.heeds_retry_after
    assert (found.checks.status_function, found.checks.alert_inbox, found.checks.rejected_queue) == ("f", "q", "r")
    assert found.checks.alert_statuses == {"A", "B"}


@pytest.mark.parametrize(
    "words",
    [
        "nonsense",
        "lifecycle --cards 0",
        "lifecycle --resend-on never",
        "lifecycle --lose-answers 1",
        "lifecycle --seed x",
    ],
)
def test_nonsense_is_refused(words: str) -> None:
    """Before anything is sent."""
    with pytest.raises(SystemExit) as refused:
        main(words.split())

    assert refused.value.code == 2


def test_nothing_running_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do about it."""
    missing = Path("/nonexistent/stack.json")
    monkeypatch.setattr(arguments, "stack_here", lambda: stacks.stack_here(missing))

    assert main(["lifecycle"]) == 1
    assert "make run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("lifecycle --url http://bank.example/cards", "is not an https address"),
        ("lifecycle --url https://bank.example/cards --token-url https://x", "--client-secret-env"),
    ],
)
def test_what_is_missing_is_said(words: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In a line, without a traceback."""
    assert main(words.split()) == 1
    assert told in capsys.readouterr().err


def test_without_an_account_the_answers_are_still_checked(capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be looked at is said not to be; what can be is, and decides."""
    with serving(lambda _: Told()) as server:
        assert main(["lifecycle", "--seed", "1", "--url", f"{server.url}/cards"]) == 0
    green = capsys.readouterr().out
    with serving(lambda _: Told(400)) as server:
        assert main(["lifecycle", "--seed", "1", "--url", f"{server.url}/cards"]) == 1
    red = capsys.readouterr()

    assert "cards     not checked: no function to ask" in green
    assert "alerts    not checked: no topic to listen to" in green
    assert green.rstrip().endswith("green")
    assert red.out.rstrip().endswith("RED")
    assert "message 0: answered 400, not 204" in red.out
    assert "--seed 1" in red.err
