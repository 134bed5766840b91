"""A copy of the project with a few edits in it, and the tests run in that copy."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from local.engine import ROOT
from tests.twins.edit import Edit

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
TIMED_OUT: Final = -1


class EditDoesNotFit(Exception):
    """The text to be changed does not occur exactly once in the file: adapt the edit."""


def exit_code_of(
    edits: Sequence[Edit],
    tests: Sequence[str],
    copied: Sequence[str] = COPIED,
    seconds: float = SECONDS,
) -> tuple[int, str]:
    """Run tests against a copy with these edits until one fails; return pytest's exit code, and its last output.

    Raises EditDoesNotFit. The exit code is TIMED_OUT if the tests do not end in time.
    """
    with TemporaryDirectory(prefix="copy-") as folder:
        copy = Path(folder)
        _copy_project(copy, copied)
        for edit in edits:
            apply(edit, copy)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=line", "-p", "pytest_socket"]
        environment = os.environ | {
            "PYTHONPATH": str(copy / "layers/card_tracking"),
            "PYTHONDONTWRITEBYTECODE": "1",
            # Half of the time would go into plugins that these tests do not use.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            # The same examples for each change, and no more of them than an ordinary run tries.
            "HYPOTHESIS_PROFILE": "mutants",
        }
        with _process_group([*command, *tests], copy, environment) as run:
            try:
                output, _ = run.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                return TIMED_OUT, f"the tests did not end within {seconds:.0f} s"
        return run.returncode, output[-2_000:]


@contextmanager
def _process_group(
    command: Sequence[str], folder: Path, environment: dict[str, str]
) -> Iterator["subprocess.Popen[str]"]:
    """Run a command; at the end, kill it with everything that it has started, engines included."""
    run = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield run
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()


def _copy_project(copy: Path, copied: Sequence[str]) -> None:
    for name in copied:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    # The engines that were fetched once are not fetched again.
    (ROOT / ".local").mkdir(exist_ok=True)
    (copy / ".local").symlink_to(ROOT / ".local")


def apply(edit: Edit, copy: Path) -> None:
    """Make an edit in a copy. Raises EditDoesNotFit, and SyntaxError for Python that is none."""
    path = copy / edit.path
    changed = edited(path.read_text(), edit)
    if path.suffix == ".py":
        compile(changed, edit.path, "exec")
    path.write_text(changed)


def edited(text: str, edit: Edit) -> str:
    """Return the text of a file with an edit in it. Raises EditDoesNotFit."""
    if text.count(edit.before) != 1:
        raise EditDoesNotFit(f"{edit.path} holds {text.count(edit.before)} times: {edit.before.strip()}")
    return text.replace(edit.before, edit.after)
