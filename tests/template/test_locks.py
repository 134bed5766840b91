"""The locked requirements: the same everywhere, and what is tested is what runs."""

import re
from pathlib import Path
from typing import Final

import pytest

from local.engine import ROOT

DEVELOPERS: Final = ROOT / "requirements-dev.txt"
CHECKOV: Final = ROOT / "requirements-checkov.txt"
FUZZER: Final = ROOT / "requirements-fuzz.txt"
LAYER: Final = ROOT / "layers/dependencies/requirements.txt"


def read_lock(lock: Path) -> dict[str, set[str]]:
    """Read for each ``name==version`` its hashes."""
    pinned: dict[str, set[str]] = {}
    entry = ""
    for line in lock.read_text().splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*])?==(\S+)", line):
            entry = f"{match[1]}=={match[2]}"
            pinned[entry] = set()
        pinned.get(entry, set()).update(re.findall(r"--hash=(\S+)", line))
    return pinned


@pytest.mark.parametrize(
    "lock", [DEVELOPERS, LAYER, CHECKOV, FUZZER], ids=lambda lock: f"{lock.parent.name}/{lock.name}"
)
def test_everything_is_pinned_and_hashed(lock: Path) -> None:
    """No requirement can change under us, and the lock does not say where packages come from."""
    pinned = read_lock(lock)

    assert pinned
    assert all(pinned.values())
    assert "://" not in lock.read_text()


def test_what_is_tested_is_what_runs() -> None:
    """Every package of the layer is installed for the tests in the same version, by the same hashes."""
    tested = read_lock(DEVELOPERS)

    assert {entry: tested.get(entry) for entry in read_lock(LAYER)} == read_lock(LAYER)
