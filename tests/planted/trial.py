"""Each planted bug in a copy of the project, and the tests that must notice it."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from local.engine import ROOT
from tests.planted.bug import Bug
from tests.planted.bugs import BUGS, EXPLAINED
from tests.twins.copies import FAILED, PASSED, TIMED_OUT, EditDoesNotFit, edited, exit_code_of
from tests.twins.edit import Edit

LEAST_RATIO: Final = 0.9
LEAST_BUGS: Final = 200
SECONDS: Final = 180.0
NOT_COPIED: Final = frozenset({".aws-sam", ".git", ".hypothesis", ".local", ".venv"})


class Fate(StrEnum):
    """What became of a bug."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    STALE = "stale"
    """Its text does not occur exactly once in its file: the list is wrong, and nothing is known of the tests."""
    BROKEN = "broken"
    """The tests could not be run."""


@dataclass(slots=True)
class Trial:
    """What became of all bugs."""

    tried: int = 0
    caught: int = 0
    explained: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)


def stale_bugs(bugs: Sequence[Bug] = BUGS) -> list[str]:
    """Return a line for each bug that does not fit its file, and for each test that is not there."""
    lines = []
    for bug in bugs:
        try:
            edited((ROOT / bug.file).read_text(), _edit(bug))
        except (EditDoesNotFit, FileNotFoundError) as error:
            lines.append(f"{bug.name}: {error}")
        lines += [f"{bug.name}: there is no {test}" for test in bug.tests if not (ROOT / test).exists()]
    return lines


def try_bug(bug: Bug) -> tuple[Fate, str]:
    """Plant a bug in a copy, and run its tests; return what became of it, and why."""
    try:
        code, output = exit_code_of([_edit(bug)], bug.tests, copied(), SECONDS)
    except (EditDoesNotFit, FileNotFoundError) as error:
        return Fate.STALE, str(error)
    # An endless loop is noticed by whoever runs the tests.
    fates = {FAILED: Fate.CAUGHT, TIMED_OUT: Fate.CAUGHT, PASSED: Fate.SURVIVED}
    return fates.get(code, Fate.BROKEN), output


def try_all_bugs(bugs: Sequence[Bug] = BUGS, told: Callable[[Bug, Fate], None] = lambda _bug, _fate: None) -> Trial:
    """Try the product without a bug, then every bug, as many at once as there are processors."""
    trial = Trial(tried=len(bugs))
    if len(bugs) < LEAST_BUGS:
        trial.losses.append(f"{len(bugs)} planted bugs are fewer than {LEAST_BUGS}")
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for output in threads.map(failure_without_a_bug, _hands(bugs, os.cpu_count() or 1)):
            if output:
                trial.losses.append(f"the tests fail without a bug: {output}")
        if trial.losses:
            return trial

        def try_and_tell(bug: Bug) -> tuple[Fate, str]:
            fate, output = try_bug(bug)
            told(bug, fate)
            return fate, output

        for bug, (fate, output) in zip(bugs, threads.map(try_and_tell, bugs), strict=True):
            if fate is Fate.CAUGHT:
                trial.caught += 1
            elif fate is Fate.SURVIVED and bug.name in EXPLAINED:
                trial.explained.append(f"{bug.name}: {EXPLAINED[bug.name]}")
            else:
                trial.losses.append(f"{fate}: {bug}" + ("" if fate is Fate.SURVIVED else f": {output[-500:]}"))
    if trial.caught < LEAST_RATIO * trial.tried:
        trial.losses.append(f"{trial.caught} of {trial.tried} caught are less than {LEAST_RATIO:.0%}")
    return trial


def failure_without_a_bug(tests: Sequence[str]) -> str:
    """Run tests against a copy without a bug; return the output if one fails, and an empty text otherwise."""
    code, output = exit_code_of([], tests, copied())
    return "" if code == PASSED else output


def copied() -> list[str]:
    """Name what a copy is made of: all that lies in the root, but for what is made there."""
    return sorted(
        path.name for path in ROOT.iterdir() if path.name not in NOT_COPIED and not path.name.endswith("_cache")
    )


def _hands(bugs: Sequence[Bug], number: int) -> list[list[str]]:
    """Deal all tests that any bug names to so many processes."""
    tests = sorted({test for bug in bugs for test in bug.tests})
    # What lies in a folder that is named as well is run with the folder.
    tests = [test for test in tests if not any(test.startswith(f"{other}/") for other in tests)]
    return [hand for hand in (tests[start::number] for start in range(number)) if hand]


def _edit(bug: Bug) -> Edit:
    return Edit(bug.file, bug.old, bug.new)
