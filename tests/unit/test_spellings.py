"""Spellings of ``consumerId``: whatever joins its two words, it is dropped."""

import pytest

from card_tracking.wire.scrub import scrub

SECRET = "u-550e8400"


@pytest.mark.parametrize(
    "name", ["consumerId", "consumer_id", "consumer-id", "consumer id", "Consumer ID", "CONSUMERID"]
)
def test_consumer_id_is_dropped_in_any_spelling(name: str) -> None:
    """A member is dropped, and its value is taken out of a text that quotes it."""
    cleaned, text = scrub({"a": 1, name: SECRET, "error": f'bad {name}: "{SECRET}"'})

    assert SECRET not in text
    assert isinstance(cleaned, dict)
    assert list(cleaned) == ["a", "error"]
