"""The scenarios of ``make d1``, one at a time, each in a process of its own that can be stopped."""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from local.d1.scenarios import SCENARIOS
from local.engine import ROOT
from local.stack import Stack

MOST_LINES: Final = 100
PROGRESS: Final = " " * 10
"""How a line begins that says how far it is."""
STOP_SECONDS: Final = 3.0

RUNNING: Final = "running"
GREEN: Final = "green"
RED: Final = "red"
STOPPED: Final = "stopped"


class Unknown(Exception):
    """There is no scenario of that name."""


class Busy(Exception):
    """Another scenario runs."""


@dataclass(slots=True)
class Run:
    """One run of a scenario."""

    name: str
    process: "subprocess.Popen[str]"
    state: str = RUNNING
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    """The last of what it said."""


class Scenarios:
    """Runs them against one stack, as ``make d1`` would."""

    def __init__(self, stack: Stack) -> None:
        """Run them against a stack."""
        self._stack = stack
        self._lock = threading.Lock()
        self._states: dict[str, str] = {}
        self._run: Run | None = None

    def start(self, name: str) -> None:
        """Start a scenario. Raises Unknown or Busy."""
        if name not in SCENARIOS:
            raise Unknown(name)
        with self._lock:
            if self._run and self._run.state == RUNNING:
                raise Busy(self._run.name)
            self._run = run = Run(name, _process(name, self._stack))
            self._states[name] = RUNNING
        threading.Thread(target=self._follow, args=[run], daemon=True).start()

    def stop(self) -> None:
        """Stop what runs, if anything does: as Ctrl-C would, so that it puts away what it has set up."""
        with self._lock:
            run = self._run
            if run is None or run.state != RUNNING:
                return
            self._end(run, STOPPED)
        run.process.send_signal(signal.SIGINT)
        try:
            run.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            run.process.kill()
            run.process.wait()

    def told(self) -> dict[str, Any]:
        """Tell every scenario with the state of its last run, and the last words of the latest run of all."""
        with self._lock:
            run = self._run
            return {
                "all": [
                    {"name": name, "story": scenario.story, "state": self._states.get(name)}
                    for name, scenario in SCENARIOS.items()
                ],
                "latest": {"name": run.name, "state": run.state, "lines": list(run.lines)} if run else None,
            }

    def _follow(self, run: Run) -> None:
        with run.process as process:
            for line in process.stdout or ():
                with self._lock:
                    # How far it is takes the place of how far it was.
                    if run.lines and run.lines[-1].startswith(PROGRESS) and line.startswith(PROGRESS):
                        run.lines.pop()
                    run.lines.append(line.rstrip())
        with self._lock:
            if run.state == RUNNING:
                self._end(run, GREEN if run.process.returncode == 0 else RED)

    def _end(self, run: Run, state: str) -> None:
        run.state = self._states[run.name] = state


def _process(name: str, stack: Stack) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "local.d1", name, *_options(stack)],
        cwd=ROOT,
        env=_environment(stack),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        # Ctrl-C in the terminal is for whoever serves the page, who then stops this.
        start_new_session=True,
    )


def _options(stack: Stack) -> Sequence[str]:
    outputs = stack.outputs
    options = {
        "--url": stack.callback_url or outputs["CallbackUrl"],
        "--status-function": outputs["GetCardStatusFunctionArn"],
        "--alert-topic": outputs["AlertTopicArn"],
        "--rejected-queue": outputs["RejectedQueueUrl"],
    }
    return [word for option in options.items() for word in option]


def _environment(stack: Stack) -> Mapping[str, str]:
    credentials = stack.session.get_credentials()
    if credentials is None or stack.endpoint_url is None:
        raise ValueError("the page is for a stack on this machine")
    return os.environ | {
        "AWS_ENDPOINT_URL": stack.endpoint_url,
        "AWS_DEFAULT_REGION": stack.session.region_name,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "PYTHONPATH": str(ROOT / "layers/card_tracking"),
    }
