"""Each reader of what others write, alone: nothing comes out but what it promises."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from pydantic_core import from_json

from card_tracking.adapters.page_tokens import query_digest, read_token
from card_tracking.adapters.rejected_queue import QueuedMessage
from card_tracking.domain.card_numbers import mask_card_numbers
from card_tracking.domain.instants import parse_instant
from card_tracking.errors import InvalidQuery
from card_tracking.use_cases.replay import Selection
from card_tracking.wire.notification import copy_to_keep
from card_tracking.wire.rejected_message import identifiers, read_rejected, rejected_entries, replayable_body
from card_tracking.wire.scrub import scrub
from get_card_status.queries import read_query
from receive_notification import request
from replay_rejected.orders import read_order
from tests.fuzz.handler import CONSUMER


def _read_event(text: str) -> None:
    for name in ("Authorization", "CONTENT-type", "x-Correlation-id"):
        for is_base64 in (True, False):
            event = {"headers": {name: text}, "body": text, "isBase64Encoded": is_base64}
            assert isinstance(request.body_text(event), str)
            assert isinstance(request.bearer_token(event), str)
            assert all(isinstance(one, str) for one in request.basic_credentials(event))
            request.correlation_id(event)


def _read_question(text: str) -> None:
    with suppress(InvalidQuery):
        read_query(_json(text))
    with suppress(InvalidQuery):
        read_order(_json(text)).selection()


def _scrub(text: str) -> None:
    with suppress(ValueError):
        cleaned, raw = scrub(from_json(text.encode("utf-8", "replace"), allow_inf_nan=False))
        assert json.loads(raw) == cleaned
        # What follows a member that was dropped from broken JSON, or a number's last digits, can look like one more.
        assert "consumer" in raw.lower() or "*" in raw or scrub(cleaned) == (cleaned, raw), "cleaning twice cleans more"


def _keep(text: str) -> None:
    for begun in (f'{{"consumerId": "{CONSUMER}", ', f"consumerId={CONSUMER}&", f'{{"consumerId": {{"a": "{CONSUMER}'):
        kept = copy_to_keep(begun + text)
        assert CONSUMER not in kept, "a copy holds a consumerId"
        kept.encode()


def _read_rejected(text: str) -> None:
    document = read_rejected(text.encode("utf-8", "replace").decode())
    message = QueuedMessage("message", "receipt", document)
    assert Selection().fits(message) is bool(document)
    if document:
        assert all(isinstance(one, str) for one in identifiers(document))
        replayable_body(document)
        list(rejected_entries(document))


def _read_token(text: str) -> None:
    for token in (text, base64.urlsafe_b64encode(text.encode("utf-8", "surrogateescape")).decode()):
        with suppress(InvalidQuery):
            assert read_token(token, QUERY, ["pk", "dueDate"], 16).shard in range(16)


def _mask(text: str) -> None:
    masked = mask_card_numbers(f"{text}; 4111 1111 1111 1111; {text}")
    assert len(masked) == 2 * len(text) + 23
    assert masked[len(text) : len(text) + 23] == "; **** **** **** 1111; "


def _read_time(text: str) -> None:
    with suppress(ValueError):
        parse_instant(text)


QUERY: Final = query_digest("table", "index")

READERS: Final[tuple[Callable[[str], None], ...]] = (
    _read_event,
    _read_question,
    _scrub,
    _keep,
    _read_rejected,
    _mask,
    _read_time,
    _read_token,
)


def read_anything(data: bytes) -> None:
    """Give an input to the reader that its first byte names."""
    READERS[data[0] % len(READERS)](data[2:].decode("utf-8", "surrogateescape"))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
