"""Cold starts, as AWS's own runtime emulator measures them: one emulator, one start."""

import json
import os
import re
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from local.engine import ACCESS_KEY, HOST, REGION, free_port
from tests.performance.artefacts import BUILDS, Artefacts, CannotMeasure, Variant

START_SECONDS: Final = 10.0
INVOKE_SECONDS: Final = 30.0
_INIT: Final = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)")
_INVOKE: Final = "/2015-03-31/functions/function/invocations"
_REQUEST: Final = json.dumps({"pathParameters": {"issuerId": "-"}, "path": "/", "httpMethod": "POST", "body": "{}"})
_NO_NETWORK: Final = {"AWS_XRAY_CONTEXT_MISSING": "IGNORE_ERROR", "AWS_EC2_METADATA_DISABLED": "true"}


def init_milliseconds(artefacts: Artefacts, variant: Variant) -> float:
    """Start a variant once; return how long the emulator says that its init phase took."""
    log = BUILDS / f"emulator-{variant.name}.log"
    api, runtime = free_port(), free_port()
    listening = ["--runtime-interface-emulator-address", f"{HOST}:{api}", "--runtime-api-address", f"{HOST}:{runtime}"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [artefacts.emulator, *listening, artefacts.python, "-m", "awslambdaric", variant.handler],
            cwd=variant.task,
            env=_environment(artefacts, variant),
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _invoke(api)
        finally:
            # It ends its runtime process first, and then waits for ever.
            process.terminate()
            time.sleep(0.1)
            process.kill()
    return _read_init(log, variant)


def _environment(artefacts: Artefacts, variant: Variant) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(artefacts.runtime_client), *variant.path]),
        # As in Lambda, where the folders cannot be written to.
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "en_US.UTF-8",
        "LAMBDA_TASK_ROOT": str(variant.task),
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        **_NO_NETWORK,
        **variant.settings,
    }


def _invoke(port: int) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        connection = HTTPConnection(HOST, port, timeout=INVOKE_SECONDS)
        try:
            connection.request("POST", _INVOKE, _REQUEST)
            connection.getresponse().read()
        except ConnectionRefusedError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return
        finally:
            connection.close()


def _read_init(log: Path, variant: Variant) -> float:
    text = log.read_text()
    found = _INIT.search(text)
    if not found or "Traceback" in text or "INIT RTDONE(status: success)" not in text:
        raise CannotMeasure(f"{variant.name} did not start: see {log}")
    return float(found[1])
