"""The list of planted bugs fits the project, and the trial of a bug takes no stale bug for a caught one."""

import ast
from collections import Counter
from typing import Final

import pytest

from local.engine import ROOT
from tests.planted.bug import Bug
from tests.planted.bugs import BUGS, EXPLAINED
from tests.planted.trial import LEAST_BUGS, Fate, stale_bugs, try_bug

FAST: Final = ("tests/unit/test_deadline.py",)
DEADLINE: Final = "layers/card_tracking/card_tracking/deadline.py"
PARTS: Final = (
    "layers/card_tracking/card_tracking/use_cases",
    "layers/card_tracking/card_tracking/adapters",
    "layers/card_tracking/card_tracking/wire",
    "functions",
    "template.yaml",
    "Makefile",
    "functions/Makefile",
    "layers/dependencies/Makefile",
    "pyproject.toml",
    "samconfig.toml",
    "local",
    "docs",
    "README.md",
)


def test_every_bug_fits() -> None:
    """The text of each bug occurs exactly once in its file, and its tests are there: adapt those that are named."""
    assert stale_bugs() == []


def test_names_are_unique() -> None:
    """A name means one bug, in the list and in the report."""
    assert [name for name, times in Counter(bug.name for bug in BUGS).items() if times > 1] == []


def test_there_are_enough_bugs_of_every_part() -> None:
    """The bugs lie in all parts of the project but the domain, whose mutants are a proof of their own."""
    assert len(BUGS) >= LEAST_BUGS
    assert [bug.name for bug in BUGS if "/domain/" in bug.file] == []
    for part in PARTS:
        assert any(bug.file == part or bug.file.startswith(f"{part}/") for bug in BUGS), part


def test_every_bug_of_code_is_code() -> None:
    """A bug is a change that Python still compiles: what does not compile needs no test to be noticed."""
    for bug in BUGS:
        assert bug.old != bug.new
        if bug.file.endswith(".py"):
            ast.parse((ROOT / bug.file).read_text().replace(bug.old, bug.new), bug.name)


def test_no_explanation_outlives_its_bug() -> None:
    """Each survivor that is explained is in the list."""
    assert EXPLAINED.keys() <= {bug.name for bug in BUGS}


@pytest.mark.parametrize(
    ("old", "new", "fate"),
    [
        ("RESERVE_SECONDS: Final = 2.0", "RESERVE_SECONDS: Final = 0.2", Fate.CAUGHT),
        ("RESERVE_SECONDS: Final = 2.0", "RESERVE_SECONDS: Final = 2.00", Fate.SURVIVED),
        ("RESERVE_SECONDS: Final = 7.0", "RESERVE_SECONDS: Final = 0.2", Fate.STALE),
        ("Deadline", "", Fate.STALE),
    ],
    ids=["a bug", "no bug", "a text that is not there", "a text that is there several times"],
)
def test_fate_of_a_bug_is_that_of_its_tests(old: str, new: str, fate: Fate) -> None:
    """A bug is caught if a test fails, and survives if all pass; one that does not fit is neither, and says so."""
    found, message = try_bug(Bug("a bug", DEADLINE, old, new, FAST))

    assert found is fate
    assert (f"{DEADLINE} holds" in message) is (fate is Fate.STALE)


def test_trial_of_a_bug_without_tests_is_broken() -> None:
    """Tests that cannot be run notice nothing: the bug counts as neither caught nor survived."""
    bug = Bug("a bug", DEADLINE, "RESERVE_SECONDS: Final = 2.0", "RESERVE_SECONDS: Final = 0.2", ["tests/none.py"])

    assert try_bug(bug)[0] is Fate.BROKEN
