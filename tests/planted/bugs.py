"""All planted bugs, and the survivors with their reasons."""

from collections.abc import Mapping
from typing import Final

from tests.planted import adapters, documents, functions, template, tools, use_cases, wire
from tests.planted.bug import Bug

BUGS: Final[tuple[Bug, ...]] = (
    *use_cases.BUGS,
    *adapters.BUGS,
    *wire.BUGS,
    *functions.BUGS,
    *template.BUGS,
    *tools.BUGS,
    *documents.BUGS,
)

EXPLAINED: Final[Mapping[str, str]] = {}
"""Bugs that no test notices, by name, each with the reason. Every other survivor is a loss."""
