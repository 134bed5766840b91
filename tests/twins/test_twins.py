"""The tests bite: a product with a flaw in it does not pass them."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.twins.copies import FAILED, PASSED, exit_code_of
from tests.twins.flaws import TWINS, Twin

Runs = dict[str, Future[tuple[int, str]]]


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    """Run the tests against all twins, as many at once as there are processors; and against the product as it is."""
    every_test = sorted({twin.caught_by for twin in TWINS})
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        futures = {twin.name: threads.submit(exit_code_of, twin.edits, [twin.caught_by]) for twin in TWINS}
        futures["the product"] = threads.submit(exit_code_of, [], every_test)
        yield futures


def test_the_product_passes(runs: Runs) -> None:
    """The tests that catch the twins fail for the flaw and for nothing else: without it, all of them pass in a copy."""
    code, output = runs["the product"].result()
    assert code == PASSED, output


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_a_flawed_twin_is_caught(runs: Runs, twin: Twin) -> None:
    """Each flaw makes a test fail: not by an error in collecting it, and not by a name that the flaw spoilt."""
    code, output = runs[twin.name].result()
    assert code == FAILED, output
    assert "NameError" not in output
    assert "ImportError" not in output
