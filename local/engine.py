"""Start and stop the embedded AWS, ministack, on loopback."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final, TypedDict

ROOT: Final = Path(__file__).resolve().parent.parent
HOST: Final = "127.0.0.1"
REGION: Final = "eu-west-1"
# With IAM enforced the engine takes these as the account's root, and refuses any other.
ACCESS_KEY: Final = "test"
START_SECONDS: Final = 20.0
STOP_SECONDS: Final = 5.0


class EngineFailed(Exception):
    """The embedded AWS did not start; the message says why."""


class PortBusy(EngineFailed):
    """Something else listens on the port already."""


class Access(TypedDict):
    """How a client reaches the embedded AWS."""

    endpoint_url: str
    region_name: str
    aws_access_key_id: str
    aws_secret_access_key: str


@dataclass(frozen=True, slots=True)
class Engine:
    """A running embedded AWS."""

    port: int

    @property
    def endpoint_url(self) -> str:
        """The address that AWS clients take as their endpoint."""
        return f"http://{HOST}:{self.port}"

    @property
    def access(self) -> Access:
        """What ``boto3.client`` needs to reach this engine as the account's root: ``**engine.access``."""
        return {
            "endpoint_url": self.endpoint_url,
            "region_name": REGION,
            "aws_access_key_id": ACCESS_KEY,
            "aws_secret_access_key": ACCESS_KEY,
        }


def leave_developers_account() -> None:
    """Take this process, and those that it starts, out of reach of the developer's own AWS settings and proxies."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "POWERTOOLS_"))]:
        del os.environ[name]
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, NO_PROXY=HOST, no_proxy=HOST)


def free_port() -> int:
    """Find a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port now."""
    with socket.socket() as probe:
        # As any server does, so that a port which was given up a moment ago is not taken for a busy one.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


@contextmanager
def running_engine(port: int, log: Path, *, enforce_iam: bool) -> Iterator[Engine]:
    """Run the embedded AWS with empty state until the block ends; what it says goes to ``log``.

    Raises PortBusy or EngineFailed.
    """
    if not is_free(port):
        raise PortBusy(f"Port {port} is in use.")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.engine_process"],
            cwd=ROOT,
            env=_environment(port, enforce_iam=enforce_iam),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is ours to answer: the engine goes when we have put everything away.
            start_new_session=True,
        )
        try:
            _wait_until_ready(process, port, log)
            yield Engine(port)
        finally:
            _stop(process)


def _environment(port: int, *, enforce_iam: bool) -> Mapping[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return inherited | {
        "AUTH": str(enforce_iam).lower(),
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        # It would listen on a fixed port of its own, and two engines would meet there.
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "0",
        "PYTHONUNBUFFERED": "1",
    }


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise EngineFailed(f"the embedded AWS ended at its start: see {log}")
        connection = HTTPConnection(HOST, port, timeout=2)
        try:
            connection.request("GET", "/_ministack/health")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except (OSError, HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    raise EngineFailed(f"the embedded AWS did not answer within {START_SECONDS:.0f} s: see {log}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
