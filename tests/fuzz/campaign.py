"""A bounded run of the fuzzer: so many executions from the corpus and a fixed seed, and what broke."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from card_tracking.wire.rejected_message import SINGLE_MESSAGES
from local.engine import ROOT
from tests.corpus import load_cases
from tests.fuzz.readers import READERS
from tests.hostile import ODD_AND_YET_STORED
from tests.samples import body, operation

FUZZER: Final = ROOT / ".local" / "fuzz"
FINDINGS: Final = ROOT / ".local" / "fuzz-findings"
SEED: Final = 20_260_302
MAX_BYTES: Final = 20_000
SECONDS_AN_INPUT: Final = 10


class FuzzerMissing(Exception):
    """The fuzzer cannot run on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """How often a target was run, and what broke it: nothing, or the first finding."""

    runs: int
    coverage: int
    losses: list[str]


def run_fuzzer(target: str, runs: int, seed: int = SEED) -> Campaign:
    """Fuzz a target, ``handler`` or ``readers``, so many times. Raises FuzzerMissing."""
    if not (FUZZER / "atheris").is_dir():
        raise FuzzerMissing("atheris has no wheel for this machine")
    FINDINGS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="fuzz-") as folder:
        corpus = Path(folder)
        for number, seed_input in enumerate(_seeds(target)):
            (corpus / f"{number:04d}").write_bytes(seed_input)
        options = [
            f"-runs={runs}",
            f"-seed={seed}",
            f"-max_len={MAX_BYTES}",
            f"-timeout={SECONDS_AN_INPUT}",
            f"-artifact_prefix={FINDINGS}/{target}-",
            str(corpus),
        ]
        paths = (FUZZER, ROOT / "layers/card_tracking", ROOT / "functions")
        run = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", target, *options],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    said = run.stdout + run.stderr
    counted = re.findall(r"^#(\d+)\s.*\bcov: (\d+)", said, re.MULTILINE)
    executed, coverage = max(((int(count), int(cov)) for count, cov in counted), default=(0, 0))
    done = re.search(r"^Done (\d+) runs", said, re.MULTILINE)
    if run.returncode == 0 and done:
        return Campaign(int(done[1]), coverage, [])
    finding = re.search(r"^ === Uncaught Python exception: ===\n(.*)", said, re.MULTILINE)
    return Campaign(executed, coverage, [finding[1] if finding else said[-500:]])


def _seeds(target: str) -> list[bytes]:
    """Take every request of the corpus and every hostile body, for each way of sending or each reader."""
    bodies = [request.content() for case in load_cases() for request in case.requests]
    bodies += [text.encode("utf-8", "surrogatepass") for text in ODD_AND_YET_STORED]
    # More than have a message each in the queue.
    bodies.append(body(*[None] * (SINGLE_MESSAGES + 5), operation(), operation(cardId=5)).encode())
    heads = range(4) if target == "handler" else range(len(READERS))
    return [bytes([head, number % 256]) + one for number, one in enumerate(bodies) for head in heads]
