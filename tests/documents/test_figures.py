"""Figures in documents: each is the one that the code or the template has, and none is left unchecked."""

import itertools
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import pytest

from local.engine import ROOT
from tests.documents.figures import FIGURES, NOT_OURS, Figure

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
FIGURE_WITH_UNIT: Final = re.compile(
    r"(?<![\w.,-])(?:"
    r"\d[\d,.]*(?: (?:of|to|or) \d[\d,.]*)* ?(?:random )?"
    r"(?:ms|s|seconds|minutes?|hours?|days|months|KB|MB|GB|characters|digits|%)"
    r"|(?:one|two|three|four|five|ten) (?:seconds|minutes?|hours?|days)"
    r"|(?:within|for|half|at most|each) (?:an? )?(?:second|minute|hour|day)"
    r")(?![\w-])"
)
"""What is searched for in documents, so that no figure of a time, a size or a share is left unchecked."""


@cache
def text_of(document: str) -> str:
    """Read a document as one line, without its generated parts: tests/contract compares those."""
    text = re.sub(r"<!-- made: .+?<!-- /made -->", "", (ROOT / document).read_text(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


@cache
def whole_text_of(document: str) -> str:
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
    found = [phrase for phrase in renderings(figure) if phrase in whole_text_of(figure.document)]

    assert found, f"{figure.document} has none of: {list(renderings(figure))}"


@pytest.mark.parametrize("document", ["README.md", "docs/operations.md", "docs/decisions.md", "docs/contract.md"])
def test_no_figure_is_unchecked(document: str) -> None:
    """Each figure of a time, a size or a share is compared with its source, or somebody else decides it."""
    text = text_of(document)
    known = [phrase for figure in FIGURES if figure.document == document for phrase in renderings(figure)]
    checked = {
        position
        for phrase in (*known, *NOT_OURS)
        for match in re.finditer(re.escape(phrase), text)
        for position in range(match.start(), match.end())
    }

    unchecked = [
        text[max(0, match.start() - 40) : match.end() + 20]
        for match in FIGURE_WITH_UNIT.finditer(text)
        if match.start() not in checked
    ]
    assert unchecked == [], "add them to FIGURES or NOT_OURS in tests/documents/figures.py"


def test_no_excuse_outlives_its_phrase() -> None:
    """Each phrase that is not compared still stands in a document."""
    texts = [text_of(document) for document in {figure.document for figure in FIGURES}]

    assert [phrase for phrase in NOT_OURS if not any(phrase in text for text in texts)] == []
