"""The two engines that stand in for DynamoDB: independent of each other, so that a promise does not rest on one."""

import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import boto3
from botocore.config import Config

from local.engine import HOST, ROOT, Engine, free_port, running_engine
from tests.proof.tables import create_table

DYNOXIDE_PACKAGE: Final = "@dynoxide/linux-x64"
DYNOXIDE_VERSION: Final = "1.2.1"
INSTALL_SECONDS: Final = 120.0
START_SECONDS: Final = 10.0

# Patient, unlike the product: a machine that is busy with other tests is no fault of the table.
_CONFIG: Final = Config(
    read_timeout=60,
    max_pool_connections=64,
    parameter_validation=False,
    retries={"mode": "standard", "total_max_attempts": 1},
)


class EngineMissing(Exception):
    """The engine cannot run on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class TableEngine:
    """A running engine with a client that speaks its dialect."""

    name: str
    version: str
    dynamodb: Any

    @contextmanager
    def table(self, name: str) -> Iterator[str]:
        """Create the table of the template under a name, and drop it afterwards."""
        create_table(self.dynamodb, name)
        try:
            yield name
        finally:
            self.dynamodb.delete_table(TableName=name)


@contextmanager
def ministack() -> Iterator[TableEngine]:
    """Run ministack, which is on every machine that runs these tests."""
    # One log for each: several run at once.
    with (
        TemporaryDirectory() as folder,
        running_engine(free_port(), Path(folder, "engine.log"), enforce_iam=False) as engine,
    ):
        yield as_table_engine(engine)


def as_table_engine(engine: Engine) -> TableEngine:
    """Use a running ministack as an engine for tables."""
    return TableEngine("ministack", version("ministack"), _client(engine))


@contextmanager
def dynoxide() -> Iterator[TableEngine]:
    """Run dynoxide, in memory. Raises EngineMissing."""
    binary = _dynoxide_binary()
    engine = Engine(free_port())
    command = [str(binary), "--host", HOST, "--port", str(engine.port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_listening(engine.port, process)
            client = _client(engine)
            client.meta.events.register("provide-client-params.dynamodb.BatchExecuteStatement", _in_dynoxide_dialect)
            yield TableEngine("dynoxide", DYNOXIDE_VERSION, client)
        finally:
            process.terminate()


@contextmanager
def fastest_engine() -> Iterator[TableEngine]:
    """Run dynoxide where it is to be had, else ministack."""
    try:
        _dynoxide_binary()
    except EngineMissing:
        with ministack() as engine:
            yield engine
    else:
        with dynoxide() as engine:
            yield engine


def _client(engine: Engine) -> Any:
    return boto3.client("dynamodb", config=_CONFIG, **engine.access)


def _in_dynoxide_dialect(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Rewrite ``SET a=? SET b=? REMOVE c REMOVE d`` to ``SET a=?, b=? REMOVE c, d``.

    The first is the only form that AWS documents and the one that the product sends; dynoxide takes only the second.
    """
    statements = [
        one | {"Statement": one["Statement"].replace('=? SET "', '=?, "').replace('" REMOVE "', '", "')}
        for one in params["Statements"]
    ]
    return params | {"Statements": statements}


def _dynoxide_binary() -> Path:
    """Find dynoxide; fetch it once, by npm and into .local, where it is not there yet."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise EngineMissing(f"dynoxide needs Linux on x86_64, this is {sys.platform} on {platform.machine()}")
    home = ROOT / ".local" / f"dynoxide-{DYNOXIDE_VERSION}"
    binary = home / "node_modules" / DYNOXIDE_PACKAGE / "dynoxide"
    if binary.exists():
        return binary
    npm = shutil.which("npm")
    if npm is None:
        raise EngineMissing("dynoxide comes by npm, and there is no npm here")
    wanted = f"{DYNOXIDE_PACKAGE}@{DYNOXIDE_VERSION}"
    home.mkdir(parents=True, exist_ok=True)
    # Elsewhere first: tests run in several processes, and none may find the half of it, or take it from another.
    with TemporaryDirectory(dir=home) as folder:
        try:
            subprocess.run(
                [npm, "install", "--no-audit", "--no-fund", "--prefix", folder, wanted],
                check=True,
                capture_output=True,
                timeout=INSTALL_SECONDS,
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise EngineMissing(f"npm could not fetch {wanted}: {type(error).__name__}") from error
        with suppress(OSError):
            Path(folder, "node_modules").rename(home / "node_modules")
    return binary


def _wait_until_listening(port: int, process: "subprocess.Popen[bytes]") -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.005)
        else:
            return
    raise EngineMissing(f"dynoxide did not listen within {START_SECONDS:.0f} s")
