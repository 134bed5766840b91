"""The command line of a replay: what it orders, how often, and what it prints."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from local import replay as command
from local import stack as stacks
from local.replay import Refused, main, order, replay
from local.stack import Stack
from local.template import load_template
from replay_rejected.orders import read_order

COUNTED: Final = {
    "looked_at": 12,
    "selected": 7,
    "replayed": 0,
    "operations_stored": 0,
    "still_rejected": 2,
    "cut": 1,
}
ALL_OPTIONS: Final = (
    "--reason FIELD_MISSING --reason TOO_LARGE --id card-1 --id request-1 "
    "--since 2026-03-02T00:00:00Z --until 2026-03-03T00:00:00Z --rate 2.5"
)


class FakeFunction:
    """A Lambda client whose function returns these reports, one an invocation, and notes its orders."""

    def __init__(self, *reports: Mapping[str, Any], error: str | None = None) -> None:
        """Return the reports one after the other; with an error, fail with its message."""
        self._reports = list(reports)
        self._error = error
        self.invoked: list[str] = []
        self.orders: list[dict[str, Any]] = []

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803  # boto3's names
        """Note the order, and return the next report."""
        self.invoked.append(FunctionName)
        self.orders.append(json.loads(Payload))
        if self._error is not None:
            failure = json.dumps({"errorMessage": self._error}).encode()
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(failure)}
        return {"Payload": io.BytesIO(json.dumps(self._reports.pop(0)).encode())}


def report(*, finished: bool = True, **counts: int) -> dict[str, Any]:
    """Return a report of the function."""
    return {**COUNTED, **counts, "finished": finished}


def order_of(words: str) -> dict[str, Any]:
    """Return the order that a command line makes."""
    return order(command._parser().parse_args(words.split()))


def run(monkeypatch: pytest.MonkeyPatch, words: str, *reports: Mapping[str, Any]) -> FakeFunction:
    """Run a command line against a function; check that it succeeds."""
    function = FakeFunction(*reports)
    monkeypatch.setattr(command, "_function", lambda name: (function, name or "replay-here"))
    assert main(words.split()) == 0
    return function


# --- What it orders ------------------------------------------------------------------------------


def test_order_is_a_dry_run_by_default() -> None:
    """Without a word all messages are counted, and none is replayed."""
    assert order_of("") == {"dryRun": True, "operationsASecond": 10.0}


def test_order_replays_when_it_is_told_to() -> None:
    """Only ``--yes`` replays."""
    assert order_of("--yes") == {"dryRun": False, "operationsASecond": 10.0}


def test_order_has_every_condition() -> None:
    """Each option is in the order under the function's own name for it."""
    assert order_of(ALL_OPTIONS) == {
        "reasons": ["FIELD_MISSING", "TOO_LARGE"],
        "ids": ["card-1", "request-1"],
        "since": "2026-03-02T00:00:00Z",
        "until": "2026-03-03T00:00:00Z",
        "dryRun": True,
        "operationsASecond": 2.5,
    }


@pytest.mark.parametrize("words", ["", "--yes", ALL_OPTIONS])
def test_order_is_one_that_the_function_accepts(words: str) -> None:
    """The function reads every order of this command line."""
    read = read_order(order_of(words))

    assert read.dry_run is ("--yes" not in words)


# --- How often it orders -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reports", "orders"),
    [
        ([report(replayed=3)], 1),
        ([report(finished=False)], 1),
        ([report(finished=False, replayed=2), report(replayed=3)], 2),
        ([report(finished=False, replayed=2), report(finished=False, replayed=1), report(finished=False)], 3),
    ],
    ids=["to the end of the queue", "nothing comes of it", "two runs", "until nothing more comes of it"],
)
def test_order_is_repeated_while_it_replays_more(reports: Sequence[Mapping[str, Any]], orders: int) -> None:
    """The same order is given until the queue was read to its end, or a run replayed nothing."""
    function = FakeFunction(*reports)

    totals = replay(function, "replay", {"dryRun": False})  # type: ignore[arg-type]  # a double

    assert function.invoked == ["replay"] * orders
    assert function.orders == [{"dryRun": False}] * orders
    assert totals == {name: sum(one[name] for one in reports) for name in COUNTED}


def test_function_that_fails_is_not_asked_again() -> None:
    """An error of the function ends the command with the function's message."""
    function = FakeFunction(error="reasons: Input should be a valid list")

    with pytest.raises(Refused, match="reasons: Input should be a valid list"):
        replay(function, "replay", {})  # type: ignore[arg-type]  # a double
    assert len(function.orders) == 1


# --- What it prints ------------------------------------------------------------------------------


def test_dry_run_prints_its_counts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run says that nothing was changed, and prints every count of the function."""
    function = run(monkeypatch, "--reason TOO_LARGE", report())

    assert [one["dryRun"] for one in function.orders] == [True]
    first, *counts = capsys.readouterr().out.splitlines()
    assert first == "Dry run, nothing was changed (--yes replays)."
    assert counts == [
        "         looked at: 12",
        "          selected: 7",
        "          replayed: 0",
        " operations stored: 0",
        "    still rejected: 2",
        "               cut: 1",
    ]


def test_replay_prints_the_counts_of_all_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A replay says so, and adds up what its runs did."""
    runs = report(finished=False, replayed=4, operations_stored=9), report(replayed=1, operations_stored=1)
    function = run(monkeypatch, "--yes", *runs)

    assert [one["dryRun"] for one in function.orders] == [False, False]
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "Replayed."
    assert "          replayed: 5" in printed
    assert " operations stored: 10" in printed


def test_failure_is_printed_and_returned(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A function that fails makes the command fail, with the message on standard error and nothing else."""
    function = FakeFunction(error="since: Input should have timezone info")
    monkeypatch.setattr(command, "_function", lambda _: (function, "replay"))

    assert main(["--since", "2026-03-02"]) == 1
    printed = capsys.readouterr()
    assert printed.err == "Not replayed: since: Input should have timezone info\n"
    assert printed.out == ""


# --- Whom it asks --------------------------------------------------------------------------------


def test_nothing_running_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a stack on this machine and without ``--function`` the command says how to get one."""
    monkeypatch.setattr(command, "stack_here", lambda: stacks.stack_here(Path("/nonexistent/stack.json")))

    assert main([]) == 1
    assert "make run" in capsys.readouterr().err


class Session:
    """An AWS session that notes the clients that are made with it."""

    def __init__(self) -> None:
        """Note nothing yet."""
        self.made: list[tuple[str, dict[str, Any]]] = []

    def client(self, service: str, **options: Any) -> str:
        """Note a client."""
        self.made.append((service, options))
        return "client"


def test_function_on_this_machine_is_found_by_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack of ``make run`` names the function and the engine."""
    session = Session()
    here = Stack(session, {"ReplayRejectedFunctionName": "replay-1"}, None, "http://127.0.0.1:4566")  # type: ignore[arg-type]  # a double
    monkeypatch.setattr(command, "stack_here", lambda: here)

    client, function = command._function(None)

    assert (str(client), function) == ("client", "replay-1")
    ((service, options),) = session.made
    assert (service, options["endpoint_url"]) == ("lambda", "http://127.0.0.1:4566")


def test_named_function_is_in_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that is named is invoked in AWS: once, and for longer than it may run."""
    session = Session()
    monkeypatch.setattr(command, "account_only", lambda region: Stack(session) if region is None else None)  # type: ignore[arg-type]  # a double
    longest = load_template()["Resources"]["ReplayRejectedFunction"]["Properties"]["Timeout"]

    client, function = command._function("deployed")

    assert (str(client), function) == ("client", "deployed")
    ((service, options),) = session.made
    assert (service, options["endpoint_url"]) == ("lambda", None)
    assert options["config"].read_timeout > longest
    assert options["config"].retries == {"total_max_attempts": 1}
