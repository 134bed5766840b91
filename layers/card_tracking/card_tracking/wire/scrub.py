"""Takes out of an operation what may not be kept: ``consumerId``, and card numbers in free text."""

import re
from typing import Final

from pydantic_core import to_json

from card_tracking.domain.card_numbers import mask_card_numbers, may_hold_card_number
from card_tracking.domain.update import Json

IDENTIFIERS: Final = frozenset(
    {"cardId", "operationId", "issuerRequestId", "inputFileName", "trackingNumber", "trackingUrl"}
)
"""Fields that may be long numbers by right; a mask would make them useless."""

_FORBIDDEN: Final = r"consumer[ _-]?id"
"""D1 marks it "Deprecated. Do not use.": it is dropped on reading, wherever it stands and however it is spelled."""
_FORBIDDEN_NAME: Final = re.compile(_FORBIDDEN, re.IGNORECASE)
_FORBIDDEN_MEMBER: Final = re.compile(
    # The name with its quotes, as often escaped as JSON within JSON is; then a text, or anything up to a delimiter.
    rf"""({_FORBIDDEN}\w{{0,20}}\\*["']?\s*[:=>]\s*)("(?:[^"\\]|\\.)*"?|(?P<level>\\{{1,7}})".*?(?:(?<!\\)(?P=level)"|$)|'[^']*'?|[\[{{].*|[^\s,}}\]&]+)""",
    re.DOTALL | re.IGNORECASE,
)
_ESCAPED: Final = re.compile(r"(?<!\\)\\+u00(2d|3[0-9]|5f|[46][1-9a-f]|[57][0-9a])", re.IGNORECASE)
"""Letters, digits and what joins them, as JSON within JSON may write them, however deep."""


def scrub(operation: Json) -> tuple[Json, str]:
    """Return the operation without what may not be kept, and its JSON text."""
    text = to_json(operation).decode()
    if _is_clean(text):
        return operation, text
    cleaned = _clean(operation)
    return cleaned, to_json(cleaned).decode()


def scrub_all(operations: list[Json]) -> list[Json]:
    """Return many operations without what may not be kept. One look at all of them is enough if they are clean."""
    return operations if _is_clean(to_json(operations).decode()) else [_clean(operation) for operation in operations]


def _is_clean(text: str) -> bool:
    """Return whether a JSON text certainly holds nothing that may not be kept. False if it needs a closer look."""
    return not _may_name_forbidden(text) and "\\u00" not in text and not may_hold_card_number(text)


def _clean(value: Json) -> Json:
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, dict):
        return {
            scrub_text(name): _clean_identifier(content) if name in IDENTIFIERS else _clean(content)
            for name, content in value.items()
            if not _FORBIDDEN_NAME.search(_unescape(name))
        }
    if isinstance(value, list):
        return [_clean(element) for element in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = str(value)
        masked = mask_card_numbers(text)
        return value if masked == text else masked
    return value


def _clean_identifier(value: Json) -> Json:
    if isinstance(value, str):
        return _drop_forbidden_members(value)
    # A number stays one: as a text it would pass for the identifier that it is not.
    return _clean(value) if isinstance(value, list | dict) else value


def scrub_text(text: str) -> str:
    """Clean a text that may hold JSON, whole or broken, as well as its shape allows, and rather too much of it.

    From a forbidden member that is an object or a list on, nothing is kept: where it ends cannot be told.
    """
    plain = _unescape(text)
    cleaned = mask_card_numbers(_drop_forbidden_members(plain))
    return text if cleaned == plain else cleaned


def _drop_forbidden_members(text: str) -> str:
    return _FORBIDDEN_MEMBER.sub(r"\1null", text) if _may_name_forbidden(text) else text


def _may_name_forbidden(text: str) -> bool:
    """Say cheaply whether a text needs a closer look; never wrong when it says no."""
    return "consumer" in text.lower()


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
