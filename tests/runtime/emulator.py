"""A function under AWS's own runtime emulator: one emulator, one slot, and a runtime process that comes and goes."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from local.engine import ACCESS_KEY, HOST, REGION, free_port
from tests.runtime.artefact import Artefact, Runtime

START_SECONDS: Final = 10.0
INVOKE_SECONDS: Final = 60.0
MOST_ANSWER_BYTES: Final = 6 * 1024 * 1024 + 100
"""Of an answer that Lambda returns to a caller who waits."""
_INIT: Final = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)")
_INVOKE: Final = "/2015-03-31/functions/function/invocations"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an invocation."""

    text: str
    """JSON where the function answered, or failed; a plain sentence where its time was up."""
    seconds: float

    @property
    def document(self) -> Any:
        """Read the answer."""
        return json.loads(self.text)


@dataclass(frozen=True, slots=True)
class Function:
    """A function that can be invoked, one invocation at a time."""

    log: Path
    """What it and the emulator say."""
    _emulator: "subprocess.Popen[bytes]"
    _port: int

    def invoke(self, event: Any) -> Answer:
        """Invoke it and wait."""
        began = time.monotonic()
        give_up = began + START_SECONDS
        while True:
            connection = HTTPConnection(HOST, self._port, timeout=INVOKE_SECONDS)
            try:
                connection.request("POST", _INVOKE, json.dumps(event))
                answer = connection.getresponse().read().decode()
            except ConnectionRefusedError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.01)
            else:
                return Answer(answer, time.monotonic() - began)
            finally:
                connection.close()

    @property
    def runtime_process(self) -> int:
        """The id of the runtime process that is there now."""
        threads = Path(f"/proc/{self._emulator.pid}/task").iterdir()
        (process,) = (int(one) for thread in threads for one in (thread / "children").read_text().split())
        return process

    @property
    def starts(self) -> list[float]:
        """How long each start took so far, in milliseconds, as the emulator reports it."""
        return [float(one) for one in _INIT.findall(self.log.read_text())]


@contextmanager
def running(
    runtime: Runtime, artefact: Artefact, handler: str, settings: Mapping[str, str], log: Path
) -> Iterator[Function]:
    """Run a handler until the block ends. It starts with its first invocation."""
    api, inner = free_port(), free_port()
    listening = ["--runtime-interface-emulator-address", f"{HOST}:{api}", "--runtime-api-address", f"{HOST}:{inner}"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [runtime.emulator, *listening, runtime.python, "-m", "awslambdaric", handler],
            cwd=artefact.task,
            env={**environment(runtime, artefact), **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield Function(log, process, api)
        finally:
            # It ends its runtime process first, and then waits for ever.
            process.terminate()
            time.sleep(0.1)
            process.kill()


def environment(runtime: Runtime, artefact: Artefact) -> dict[str, str]:
    """Give what Lambda itself puts into the environment of a function."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(runtime.client), *artefact.path]),
        # As in Lambda, where the folders cannot be written to.
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "en_US.UTF-8",
        "LAMBDA_TASK_ROOT": str(artefact.task),
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        # The runtime client goes by it: how an answer is written as JSON, for one.
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_XRAY_CONTEXT_MISSING": "IGNORE_ERROR",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
