"""The three engines that stand in for DynamoDB: they share no code, so no promise rests on one of them alone."""

import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import boto3
from botocore.config import Config

from local.engine import HOST, Engine, free_port, running_engine
from tests.proof.npm import NpmPackage, PackageMissing
from tests.proof.tables import create_table

DYNOXIDE: Final = NpmPackage(
    "@dynoxide/linux-x64",
    "1.2.1",
    "sBHqlxJ9ANkLluFkYRfd5r8Y0ApFew4FhOrlhgRAgD4XzEoFOukEo1nuBTQ1+jTtofqwn4NWQ2k0Tn5mNTjgUg==",
)
# AWS's own DynamoDB Local. Its licence requires an AWS account and forbids passing it on. So whoever runs the tests
# fetches it; never commit it, and never put it into an image or a mirror.
DYNAMODB_LOCAL: Final = NpmPackage(
    "amplify-dynamodb-simulator",
    "2.9.30",
    "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==",
)
DYNAMODB_LOCAL_VERSION: Final = "1.25.1"
"""Version of DynamoDB Local in that package."""
DYNAMODB_LOCAL_SWITCH: Final = "DYNAMODB_LOCAL"
"""Environment variable; ``off`` means that DynamoDB Local is neither fetched nor run."""
# A small heap, because each test process may run one. Compiling less makes the start three times as fast.
_JAVA: Final = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
START_SECONDS: Final = 60.0

# Runs a command until its standard input ends. An engine then ends with the test process, even if that is killed.
_UNTIL_INPUT_ENDS: Final = 'exec 3<&0; "$@" 3<&- & engine=$!; { read -r _ <&3; kill "$engine"; } & wait "$engine"'

# Patient, unlike the product: a machine that is busy with other tests is no fault of the table.
_CONFIG: Final = Config(
    read_timeout=60,
    max_pool_connections=64,
    parameter_validation=False,
    retries={"mode": "standard", "total_max_attempts": 1},
)


class EngineMissing(Exception):
    """The engine cannot run on this machine; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class TableEngine:
    """A running engine with a client that speaks its dialect."""

    name: str
    version: str
    dynamodb: Any

    @contextmanager
    def table(self, name: str) -> Iterator[str]:
        """Create the table of the template under a name, and delete it afterwards."""
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
    with _listening(engine.port, [str(binary), "--host", HOST, "--port", str(engine.port)]):
        client = _client(engine)
        client.meta.events.register("provide-client-params.dynamodb.BatchExecuteStatement", _in_dynoxide_dialect)
        yield TableEngine("dynoxide", DYNOXIDE.version, client)


@contextmanager
def dynamodb_local() -> Iterator[TableEngine]:
    """Run AWS's own DynamoDB Local, in memory. Raises EngineMissing.

    It takes the statements of the product as they are. It listens on every address of the machine, because it has no
    option for that.
    """
    java = shutil.which("java")
    if os.environ.get(DYNAMODB_LOCAL_SWITCH) == "off":
        raise EngineMissing(f"{DYNAMODB_LOCAL_SWITCH}=off: DynamoDB Local is not used")
    if java is None:
        raise EngineMissing("DynamoDB Local needs Java 17 (Debian: default-jre-headless), and there is no java")
    home = _fetched(DYNAMODB_LOCAL) / "emulator"
    engine = Engine(free_port())
    command = [
        java,
        *_JAVA,
        f"-Djava.library.path={home / 'DynamoDBLocal_lib'}",
        "-jar",
        str(home / "DynamoDBLocal.jar"),
    ]
    with _listening(engine.port, [*command, "-inMemory", "-disableTelemetry", "-port", str(engine.port)]):
        yield TableEngine("dynamodb-local", DYNAMODB_LOCAL_VERSION, _client(engine))


ENGINES: Final[Mapping[str, Callable[[], AbstractContextManager[TableEngine]]]] = {
    "dynoxide": dynoxide,
    "ministack": ministack,
    "dynamodb-local": dynamodb_local,
}
"""Every engine by its name, the fastest first. Each raises EngineMissing where it cannot run."""


@contextmanager
def fastest_engine() -> Iterator[TableEngine]:
    """Run dynoxide, or ministack if there is no dynoxide for this machine."""
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

    AWS documents only the first form, and the product sends that. AWS's own DynamoDB Local takes it as it is; dynoxide
    takes only the second.
    """
    statements = [
        one | {"Statement": one["Statement"].replace('=? SET "', '=?, "').replace('" REMOVE "', '", "')}
        for one in params["Statements"]
    ]
    return params | {"Statements": statements}


def _dynoxide_binary() -> Path:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise EngineMissing(f"dynoxide needs Linux on x86_64, this is {sys.platform} on {platform.machine()}")
    return _fetched(DYNOXIDE) / "dynoxide"


def _fetched(package: NpmPackage) -> Path:
    try:
        return package.fetch()
    except PackageMissing as missing:
        raise EngineMissing(str(missing)) from missing


@contextmanager
def _listening(port: int, command: list[str]) -> Iterator[None]:
    """Run an engine while the block runs, once it listens. Raises EngineMissing with its last words if it does not."""
    with TemporaryDirectory() as folder:
        log = Path(folder, "engine.log")
        with (
            log.open("wb") as output,
            subprocess.Popen(
                ["/bin/sh", "-c", _UNTIL_INPUT_ENDS, "sh", *command],
                cwd=folder,
                env=os.environ | {"DDB_LOCAL_TELEMETRY": "0"},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            # The end of the block closes the input of the process and waits for its end.
            if not _listens(port, process):
                said = log.read_text(errors="replace").strip().splitlines()[-1:]
                raise EngineMissing(f"{Path(command[0]).name} did not listen within {START_SECONDS:.0f} s: {said}")
            yield


def _listens(port: int, process: "subprocess.Popen[bytes]") -> bool:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.005)
        else:
            return True
    return False
