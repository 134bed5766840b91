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

_FORBIDDEN_MEMBER: Final = re.compile(rf'(["\']?{FORBIDDEN}["\']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|[^\s,}}\]&]+)')


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
        return mask_card_numbers(value)
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
    """Clean a text that could not be read as JSON, as well as its shape allows."""
    return mask_card_numbers(_FORBIDDEN_MEMBER.sub(r"\1null", text))
