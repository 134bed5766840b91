"""Card numbers in free text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_tracking.domain.card_numbers import mask_card_numbers, may_hold_card_number, presentable_identifier


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111111111111111", "************1111"),
        ("pan 4111111111111111 invalid", "pan ************1111 invalid"),
        ("pan=5555555555554444;next", "pan=************4444;next"),
        ("378282246310005", "***********0005"),
        ("4222222222222", "*********2222"),
        ("6304000000000000000", "***************0000"),
        ("4111 1111 1111 1111", "**** **** **** 1111"),
        ("4111-1111-1111-1111.", "****-****-****-1111."),
        ("3782 822463 10005", "**** ****** *0005"),
        ("4111111111111111 5555555555554444", "************1111 ************4444"),
        ("x4111111111111111y", "x************1111y"),
        ("3056 930902 5904", "**** ****** 5904"),
        ("4111.1111.1111.1111", "****.****.****.1111"),
        ("4111 - 1111 - 1111 - 1111", "**** - **** - **** - 1111"),
        ("4111\u00a01111\u20131111\u20111111", "****\u00a0****\u2013****\u20111111"),
        ("12/2026 4111 1111 1111 1111", "12/2026 **** **** **** 1111"),
        ("4111 1111 1111 1111 5105 1051 0510 5100", "**** **** **** 1111 **** **** **** 5100"),
        ("4111 1111 1111 1111 123", "**** **** **** 1111 123"),
        ("2025 4111 1111 1111 1111", "2025 **** **** **** 1111"),
        ("2028 4111 1111 1111 1111", "**** **** **** **** 1111"),
        ("４１１１１１１１１１１１１１１１", "************１１１１"),
        ("٤١١١١١١١١١١١١١١١", "************١١١١"),
    ],
)
def test_masked(text: str, masked: str) -> None:
    """A number of 13 to 19 digits that passes Luhn keeps its last four digits and nothing more, however written."""
    assert mask_card_numbers(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pan",
        "4111111111111112",
        "411111111111",
        "41111111111111111111",
        "1111 2222 3333 4445",
        "2026-03-02T09:15:00.250Z",
        "7c1d2f7e-3a55-4e0c-9b1e-5d0f6a2b8c11",
        "+33 6 12 34 56 78",
        "4111 1111 1111",
        "4111\t1111\t1111\t1111",
        "4111²1111 1111 1111",
    ],
)
def test_left_alone(text: str) -> None:
    """Texts that hold no card number are returned as they are."""
    assert mask_card_numbers(text) == text


def test_presentable_identifier() -> None:
    """Into a log or a subject goes what has an identifier's shape, masked, and nothing of any other text."""
    assert presentable_identifier("3f0a-91c2_77DE") == "3f0a-91c2_77DE"
    assert presentable_identifier("4111111111111111") == "************1111"
    for free_text in ("", "a b", "a\n", "é", "x" * 65):
        assert presentable_identifier(free_text) == "(not presentable)"


def luhn_number(digits: list[int]) -> str:
    """Add the check digit to digits, by the rule as ISO/IEC 7812-1 words it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return "".join(map(str, digits)) + str(-total % 10)


@given(st.lists(st.integers(0, 9), min_size=12, max_size=18), st.sampled_from(["", "pan: ", "\n", "é"]))
def test_every_card_number(digits: list[int], before: str) -> None:
    """Every number with a right check digit is masked, and with a wrong one is not."""
    number = luhn_number(digits)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert mask_card_numbers(f"{before}{number}.") == f"{before}{'*' * (len(number) - 4)}{number[-4:]}."
    assert mask_card_numbers(f"{before}{wrong}.") == f"{before}{wrong}."


@given(st.lists(st.sampled_from(["4111", "1111", "2028", "3782", "822463", "10005", "0000"]), max_size=12))
def test_numbers_that_overlap(groups: list[str]) -> None:
    """Of each number among groups of digits only the last four digits stay, whatever stands before and after it."""
    masked = mask_card_numbers(" ".join(groups)).split()
    for place in range(len(groups)):
        for count, lengths in ((4, [4, 4, 4, 4]), (3, [4, 6, 5]), (3, [4, 6, 4])):
            number = groups[place : place + count]
            digits = "".join(number)
            if [len(group) for group in number] == lengths and luhn_number([*map(int, digits[:-1])]) == digits:
                assert re.fullmatch(r"\*+", "".join(masked[place : place + count])[:-4])


@given(st.text(alphabet="0123456789 -.\u2013x٤", max_size=60))
def test_the_quick_look_is_never_wrong(text: str) -> None:
    """What the quick look clears holds nothing to mask; nothing is lost in masking."""
    masked = mask_card_numbers(text)
    assert may_hold_card_number(text) or masked == text
    assert len(masked) == len(text)
