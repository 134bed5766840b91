"""Runtime processes, one a variant, and what they all talk to: the table's engine and a topic."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local.engine import ACCESS_KEY, HOST, REGION, ROOT
from tests.performance.artefacts import SETTINGS, Artefacts, Variant
from tests.proof.engines import dynoxide

WORKER: Final = "tests.performance.worker"


class WorkerFailed(Exception):
    """A runtime process ended, or answered what it should not have."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Where the calls to AWS go."""

    dynamodb: str
    others: str

    @property
    def environment(self) -> dict[str, str]:
        """What makes a client reach it."""
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb,
            "AWS_ENDPOINT_URL": self.others,
        }


class Worker:
    """A runtime process that does what it is told, one command after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Take the process over."""
        self._process = process

    def ask(self, do: str, **command: Any) -> Any:
        """Have a command carried out, and wait for its answer."""
        self.tell(do, **command)
        return self.answer()

    def tell(self, do: str, **command: Any) -> None:
        """Have a command carried out."""
        if self._process.stdin is None:
            raise WorkerFailed("no standard input")
        print(json.dumps({"do": do, **command}), file=self._process.stdin, flush=True)

    def answer(self) -> Any:
        """Wait for the answer to what was told."""
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise WorkerFailed("the runtime process has ended")
        answer = json.loads(line)
        if answer and set(answer["codes"]) - {"200", "204"}:
            raise WorkerFailed(f"answers other than expected: {answer['codes']}")
        return answer


@contextmanager
def instant() -> Iterator[Backend]:
    """Run an AWS that answers at once and keeps nothing."""
    command = [sys.executable, "-m", "tests.performance.instant"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = f"http://{HOST}:{int(process.stdout.readline())}" if process.stdout else ""
            yield Backend(dynamodb=url, others=url)
        finally:
            process.terminate()


@contextmanager
def storing() -> Iterator[Backend]:
    """Run the fastest engine, with the template's table and that of the idempotent twin; all else is instant."""
    with instant() as others, dynoxide() as engine, engine.table(SETTINGS["STATUS_TABLE_NAME"]):
        engine.dynamodb.create_table(
            TableName=SETTINGS["IDEMPOTENCY_TABLE_NAME"],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield Backend(dynamodb=engine.dynamodb.meta.endpoint_url, others=others.others)


@contextmanager
def worker(artefacts: Artefacts, variant: Variant, backend: Backend, *, counts_units: bool = False) -> Iterator[Worker]:
    """Run a variant's handler in a process of Lambda's Python that holds nothing else."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([*variant.path, str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        # In favour of the twins: they pay for the tracer's import, never for a trace.
        "POWERTOOLS_TRACE_DISABLED": "true",
        **variant.settings,
        **backend.environment,
    }
    log = Path(ROOT / ".local" / "bench" / f"{variant.name}.log")
    with (
        log.open("a") as errors,
        subprocess.Popen(
            [artefacts.runtime.python, "-m", WORKER],
            cwd=variant.task,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            started = Worker(process)
            started.ask(
                "load", handler=variant.handler, is_product=variant is artefacts.product, counts_units=counts_units
            )
            yield started
        finally:
            process.kill()
