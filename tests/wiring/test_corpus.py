"""Every case of the corpus, through the real handlers."""

import pytest

from tests.corpus import Case, differences, load_cases
from tests.wiring.stack import Stack


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.name)
def test_case(stack: Stack, case: Case) -> None:
    """What the file promises is what happens: answers, statuses, alerts, rejections, history."""
    assert differences(case, stack.run(case)) == []


def test_all_cases_in_one_stack(stack: Stack) -> None:
    """Cases do not touch each other: all of them together leave what each leaves alone."""
    cases = load_cases()
    outcomes = [stack.run(case) for case in cases]
    found = [
        f"{case.name}: {line}" for case, one in zip(cases, outcomes, strict=True) for line in differences(case, one)
    ]
    assert found == []
