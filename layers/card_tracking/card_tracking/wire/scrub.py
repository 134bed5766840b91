"""Takes out of an operation what may not be kept: ``consumerId``, and card numbers in free text."""

import re
from typing import Final

from pydantic_core import from_json, to_json

from card_tracking.domain.card_numbers import mask_card_numbers, may_hold_card_number
from card_tracking.domain.update import Json

FORBIDDEN: Final = "consumerId"
"""D1 marks it "Deprecated. Do not use.": it is dropped on reading, wherever it stands."""

IDENTIFIERS: Final = frozenset(
    {"cardId", "operationId", "issuerRequestId", "inputFileName", "trackingNumber", "trackingUrl"}
)
"""Fields that may be long numbers by right; a mask would make them useless."""

_FORBIDDEN_MEMBER: Final = re.compile(
    # The name with its quotes, as often escaped as JSON within JSON is; then a text, or anything up to a delimiter.
    rf"""({FORBIDDEN}\\*["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|(?P<level>\\{{1,7}})".*?(?:(?<!\\)(?P=level)"|$)|'[^']*'?|[\[{{].*|[^\s,}}\]&]+)""",
    re.DOTALL,
)
_ESCAPED_LETTER: Final = re.compile(r"\\u00([46][1-9a-f]|[57][0-9a])", re.IGNORECASE)


def scrub(operation: Json) -> tuple[Json, str]:
    """Return the operation without what may not be kept, and its JSON text."""
    text = to_json(operation, inf_nan_mode="strings").decode()
    if '"Infinity"' in text or '"-Infinity"' in text:
        # 1e999 is a number to JSON and none to anybody's arithmetic: it goes on as text.
        operation = from_json(text)
    if FORBIDDEN not in text and not may_hold_card_number(text):
        return operation, text
    cleaned = _clean(operation)
    return cleaned, to_json(cleaned).decode()


def _clean(value: Json) -> Json:
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, dict):
        return {
            mask_card_numbers(name): content if name in IDENTIFIERS and isinstance(content, str) else _clean(content)
            for name, content in value.items()
            if name != FORBIDDEN
        }
    if isinstance(value, list):
        return [_clean(element) for element in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = str(value)
        masked = mask_card_numbers(text)
        return value if masked == text else masked
    return value


def scrub_text(text: str) -> str:
    """Clean a text that may hold JSON, whole or broken, as well as its shape allows, and rather too much of it.

    From a forbidden member that is an object or a list on, nothing is kept: where it ends cannot be told.
    """
    plain = _ESCAPED_LETTER.sub(lambda match: chr(int(match[1], 16)), text)
    if FORBIDDEN in plain:
        text = _FORBIDDEN_MEMBER.sub(r"\1null", plain)
    return mask_card_numbers(text)
