"""A copy of the project with a twin's edits in it, and the tests run in that copy."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from local.engine import ROOT
from tests.twins.flaws import Edit

COPIED: Final = (
    "functions",
    "layers",
    "local",
    "pyproject.toml",
    "template.yaml",
    "tests/faults",
    "tests/proof",
    "tests/races",
)
SECONDS: Final = 600.0
PASSED: Final = 0
FAILED: Final = 1


class EditDoesNotFit(Exception):
    """The product has changed where a twin was to be made: make the twin anew."""


def exit_code_of(edits: Sequence[Edit], tests: Sequence[str]) -> tuple[int, str]:
    """Run tests against a copy with these edits until one fails; return pytest's exit code, and what it said last."""
    with TemporaryDirectory(prefix="twin-") as folder:
        copy = Path(folder)
        _copy_project(copy)
        for edit in edits:
            _apply(edit, copy)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=line", "-p", "pytest_socket"]
        environment = os.environ | {
            "PYTHONPATH": str(copy / "layers/card_tracking"),
            "PYTHONDONTWRITEBYTECODE": "1",
            # Half of the time would go into plugins that these tests do not use.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        run = subprocess.run(
            [*command, *tests],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return run.returncode, (run.stdout + run.stderr)[-2_000:]


def _copy_project(copy: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    # The engines that were fetched once are not fetched again.
    (ROOT / ".local").mkdir(exist_ok=True)
    (copy / ".local").symlink_to(ROOT / ".local")


def _apply(edit: Edit, copy: Path) -> None:
    path = copy / edit.path
    text = path.read_text()
    if text.count(edit.before) != 1:
        raise EditDoesNotFit(f"{edit.path} holds {text.count(edit.before)} times: {edit.before.strip()}")
    changed = text.replace(edit.before, edit.after)
    compile(changed, edit.path, "exec")
    path.write_text(changed)
