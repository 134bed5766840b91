"""Card numbers: masked in free text before anything is stored or alerted, and in whatever is logged."""

import re
from typing import Final

# What people write between the groups of a number: spaces (of any width), dots, hyphens and dashes.
_GAP: Final = "[ .\u00a0\u2007\u2009\u202f\u2010-\u2014-]{1,3}"
# Digits of any script: a number that a person can read is a number.
_CARD_NUMBER: Final = re.compile(
    rf"(?<!\d)(?:\d{{13,19}}|\d{{4}}(?:{_GAP}\d{{4}}){{3}}|\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}})(?!\d)"
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Both forms from their first four digits on, which is twice as fast as one after the other.
_SUSPECT: Final = re.compile(rf"\d{{4}}(?:\d{{9}}|{_GAP}\d{{4,6}}{_GAP})")


def may_hold_card_number(text: str) -> bool:
    """Say cheaply whether a text needs a closer look; never wrong when it says no."""
    return _SUSPECT.search(text) is not None


def mask_card_numbers(text: str) -> str:
    """Replace all but the last four digits of every card number by asterisks.

    A card number is a run of 13 to 19 digits that passes the Luhn check (ISO/IEC 7812-1), also in the groups of
    digits that people write.
    """
    if not may_hold_card_number(text):
        return text
    pieces: list[str] = []
    end = start = 0
    while match := _CARD_NUMBER.search(text, start):
        # Not past it: in "2026 4111 1111 1111 1111" a number begins in the groups of what looks like one.
        start = match.start() + 1
        if _passes_luhn([int(character) for character in match.group() if character.isdecimal()]):
            begin, last_four = max(end, match.start()), match.end() - 4
            pieces += text[end:begin], re.sub(r"\d", "*", text[begin:last_four])
            end = last_four
    return "".join(pieces) + text[end:]


def presentable_identifier(value: str) -> str:
    """Return an identifier for a log or a subject: masked, and nothing of it where it has not D1's shape.

    Anyone can write anything into an identifier; what goes where many can read it must not be free text.
    """
    return mask_card_numbers(value) if _IDENTIFIER.fullmatch(value) else "(not presentable)"


def _passes_luhn(digits: list[int]) -> bool:
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
