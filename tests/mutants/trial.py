"""The domain with one small change at a time, and the tests that must notice it: mutation testing, by mutmut.

mutmut wants the package under ``src`` and settings in ``pyproject.toml``, so it gets a folder of its own, which stays
for a look: ``mutmut show NAME`` in ``.local/mutants`` shows a change. It changes the bodies of functions; properties
and constants at module level it leaves alone, and those are held by tests/unit/test_statuses.py and others.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local.engine import ROOT
from tests.mutants.survivors import EXPLAINED, Survivor

FOLDER: Final = ROOT / ".local" / "mutants"
LEAST_RATIO: Final = 0.95
_SETTINGS: Final = """\
[tool.pytest.ini_options]
pythonpath = ["src", "."]
addopts = ["--import-mode=importlib", "--disable-socket", "-p", "no:cacheprovider"]
filterwarnings = ["error"]

[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/card_tracking/domain/*"]
also_copy = ["conftest.py"]
pytest_add_cli_args_test_selection = [{tests}]
"""
_PLUGIN: Final = '''\
"""mutmut 3.7 asks for a name that items of pytest 9 no longer have."""


def pytest_itemcollected(item):
    item._nodeid = item.nodeid
'''
_RESULT: Final = re.compile(r"^\s+(\S+__mutmut_\d+): (.+)$", re.MULTILINE)
_NOTICED: Final = frozenset({"killed", "timeout"})


@dataclass(slots=True)
class Trial:
    """What became of all mutants."""

    tried: int = 0
    killed: int = 0
    explained: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)


def try_all_mutants() -> Trial:
    """Make every mutant of the domain and run the tests that reach it; the same in every run."""
    _prepare(FOLDER)
    said = _mutmut("run", "--max-children", str(os.cpu_count() or 1))
    results = _RESULT.findall(_mutmut("results", "--all", "true"))
    trial = Trial(tried=len(results), killed=sum(status in _NOTICED for _, status in results))
    if not results:
        trial.losses.append(f"no mutant was tried: {said[-500:]}")
    for name, status in results:
        if status not in _NOTICED:
            survivor = _change(name)
            reason = EXPLAINED.get(survivor)
            if status == "survived" and reason:
                trial.explained.append(f"`{survivor.after}`: {reason}")
            else:
                trial.losses.append(f"{name} ({status}): {survivor.before} -> {survivor.after}")
    if trial.killed < LEAST_RATIO * trial.tried:
        trial.losses.append(f"{trial.killed} of {trial.tried} killed are less than {LEAST_RATIO:.0%}")
    return trial


def _prepare(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    without_caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "layers/card_tracking/card_tracking", folder / "src/card_tracking", ignore=without_caches)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=without_caches)
    (folder / "pyproject.toml").write_text(_SETTINGS.format(tests=", ".join(f'"{name}"' for name in _judges())))
    (folder / "conftest.py").write_text(_PLUGIN)


def _judges() -> list[str]:
    """Name the tests that judge: the laws, and the unit tests named after modules of the domain."""
    modules = sorted(path.stem for path in (ROOT / "layers/card_tracking/card_tracking/domain").glob("[a-z]*.py"))
    tests = {path for module in modules for path in (ROOT / "tests/unit").glob(f"test_{module}*.py")}
    return ["tests/properties", *sorted(path.relative_to(ROOT).as_posix() for path in tests)]


def _mutmut(*arguments: str) -> str:
    environment = os.environ | {"HYPOTHESIS_PROFILE": "mutants", "PYTHONPATH": "", "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "mutmut", *arguments]
    run = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False)
    return run.stdout + run.stderr


def _change(name: str) -> Survivor:
    """Tell the line that a mutant changed, as it was and as it is."""
    difference = _mutmut("show", name)
    before, after = (re.findall(rf"^[{sign}](?![{sign}]{{2}})\s*(.*)$", difference, re.MULTILINE) for sign in "-+")
    return Survivor(" ".join(before), " ".join(after))
