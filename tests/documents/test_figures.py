"""Figures in documents: each is the one that the code or the template has."""

import itertools
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import pytest

from local.engine import ROOT
from tests.documents.figures import FIGURES, Figure

WORDS: Final = {
    1: ("a", "an", "one"),
    2: ("two",),
    3: ("three",),
    4: ("four",),
    5: ("five",),
    10: ("ten",),
    50: ("fifty",),
    100: ("hundred",),
    1_000: ("thousand",),
}


@cache
def text_of(document: str) -> str:
    """Read a document as one line."""
    return re.sub(r"\s+", " ", (ROOT / document).read_text())


def spellings(value: float) -> tuple[str, ...]:
    """Return the ways in which a figure may be written."""
    assert value == int(value), value
    return (f"{int(value):,}", *WORDS.get(int(value), ()))


def renderings(figure: Figure) -> Iterator[str]:
    """Yield the phrase of a figure in every way in which it may be written."""
    for written in itertools.product(*map(spellings, figure.values)):
        yield figure.phrase.format(*written)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.phrase)
def test_figure_is_that_of_the_source(figure: Figure) -> None:
    """The document has the phrase, with the figures of the code or the template in it."""
    found = [phrase for phrase in renderings(figure) if phrase in text_of(figure.document)]

    assert found, f"{figure.document} has none of: {list(renderings(figure))}"
