"""From the command line: who is asked, and what is said where there is nothing to tell."""

import json
from pathlib import Path

import boto3
import pytest

from local import stack as stacks
from local.explain import __main__ as command
from local.explain.records import Records
from local.stack import Stack


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer that nothing is known, and remember which table was asked."""
    tables: list[str] = []

    def read(_stack: Stack, table: str, _card_id: str) -> Records:
        tables.append(table)
        return Records()

    monkeypatch.setattr(command, "read_records", read)
    return tables


def test_a_table_can_be_named(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the ordinary credentials; an unknown card is told by the exit code too."""
    assert command.main(["nobody", "--table", "Cards", "--region", "eu-west-1", "--json"]) == 1
    assert asked == ["Cards"]
    assert json.loads(capsys.readouterr().out)["cardId"] == "nobody"


def test_a_stack_can_be_named(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its outputs tell the table."""
    outputs = {"StatusTableName": "Deployed"}
    monkeypatch.setattr(command, "deployed_stack", lambda _name, _region: Stack(boto3.Session(), outputs))

    command.main(["nobody", "--stack", "cards"])

    assert asked == ["Deployed"]


def test_a_stack_without_a_table_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Another stack than one of ours."""
    monkeypatch.setattr(command, "deployed_stack", lambda _name, _region: Stack(boto3.Session()))

    assert command.main(["nobody", "--stack", "other"]) == 1
    assert "--table" in capsys.readouterr().err


def test_nothing_running_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do about it."""
    monkeypatch.setattr(command, "stack_here", lambda: stacks.stack_here(Path("/nonexistent/stack.json")))

    assert command.main(["nobody"]) == 1
    assert "make run" in capsys.readouterr().err
