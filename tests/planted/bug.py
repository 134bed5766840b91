"""A planted bug: one small change that a person could make by mistake, and the tests that must notice it."""

from collections.abc import Sequence
from typing import NamedTuple


class Bug(NamedTuple):
    """One change of one file."""

    name: str
    """What is wrong with the product then; unique in the list."""
    file: str
    """Path of the changed file, relative to the root of the project."""
    old: str
    """Text that occurs exactly once in the file."""
    new: str
    """Text in its place."""
    tests: Sequence[str]
    """Test files or folders that are run until one test fails, the most likely first."""

    def __str__(self) -> str:
        """Name the bug and its file."""
        return f"{self.name} ({self.file})"
