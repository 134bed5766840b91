"""Card numbers: masked in free text before anything is stored or alerted, and in whatever is logged."""

import re
from typing import Final

_CARD_NUMBER: Final = re.compile(
    r"(?<![0-9])(?:[0-9]{13,19}|[0-9]{4}(?:[ -][0-9]{4}){3}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{5})(?![0-9])"
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SUSPECT: Final = re.compile(r"[0-9]{13}|[0-9]{4}[ -][0-9]{4,6}[ -]")


def may_hold_card_number(text: str) -> bool:
    """Say cheaply whether a text needs a closer look; never wrong when it says no."""
    return _SUSPECT.search(text) is not None


def mask_card_numbers(text: str) -> str:
    """Replace all but the last four digits of every card number by asterisks.

    A card number is a run of 13 to 19 digits that passes the Luhn check (ISO/IEC 7812-1), also in the groups of
    digits that people write.
    """
    return _CARD_NUMBER.sub(_mask, text) if may_hold_card_number(text) else text


def presentable_identifier(value: str) -> str:
    """Return an identifier for a log or a subject: masked, and nothing of it where it has not D1's shape.

    Anyone can write anything into an identifier; what goes where many can read it must not be free text.
    """
    return mask_card_numbers(value) if _IDENTIFIER.fullmatch(value) else "(not presentable)"


def _mask(match: re.Match[str]) -> str:
    text = match.group()
    if not _passes_luhn([int(character) for character in text if character.isdigit()]):
        return text
    return re.sub(r"[0-9]", "*", text[:-4]) + text[-4:]


def _passes_luhn(digits: list[int]) -> bool:
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
