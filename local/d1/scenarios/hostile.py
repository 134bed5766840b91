"""What nobody should send, and somebody will: none of it may cost anything else, or count as a failure of ours."""

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from random import Random
from typing import Any, Final

from local.d1.cards import Card, new_card
from local.d1.script import Message, Operation, Script, body_of

TEST_CARD_NUMBER: Final = "4111 1111 1111 1111"
MASKED_CARD_NUMBER: Final = "**** **** **** 1111"
LONGEST_TEXT: Final = 1_000
"""What the status keeps of a text; the history keeps all of it."""
TOO_LARGE: Final = 400_000
NESTED: Final = 50_000
NOTHINGS: Final = 150

UNREADABLE: Final = (
    ("NOT_JSON", b""),
    ("NOT_JSON", b'{"operations": ['),
    ("NOT_JSON", b"operations=%5B%5D"),
    ("NOT_JSON", b"[" * NESTED),
    ("NOT_AN_OBJECT", b"[]"),
    ("NOT_AN_OBJECT", b"null"),
    ("OPERATIONS_MISSING", b"{}"),
    ("OPERATIONS_NOT_A_LIST", b'{"operations": null}'),
    ("OPERATIONS_NOT_A_LIST", b'{"operations": {"0": {}}}'),
)


def hostile(draw: Random, cards: int) -> Script:
    """Bodies that are no notifications, and operations that are made to hurt."""
    script = Script()
    for _ in range(cards):
        for reason, body in UNREADABLE:
            script.messages.append(Message(body, rejected=(reason,), answer=HTTPStatus.BAD_REQUEST))
        for write in (_others, _encodings, _texts, _types):
            write(script, lambda: new_card(draw))
    return script


def _others(script: Script, card: Callable[[], Card]) -> None:
    """Add a stranger's issuer, nothing at all, nothing many times, and far too much."""
    stranger, giant = card(), card()
    script.messages.append(
        Message(body_of([stranger.data_exception()]), answer=HTTPStatus.NOT_FOUND, issuer="AnotherOne")
    )
    script.never_known(stranger.card_id)
    script.messages.append(Message(body_of([])))
    script.messages.append(Message(body_of([{}] * NOTHINGS), rejected=("FIELD_MISSING",) * NOTHINGS))
    too_large = giant.update("DATA_EXCEPTION", "FAILED", error="x" * TOO_LARGE)
    script.messages.append(Message(body_of([too_large]), rejected=("TOO_LARGE",)))
    script.never_known(giant.card_id)


def _encodings(script: Script, card: Callable[[], Card]) -> None:
    """Add good operations that are oddly written."""
    marked, plain, broken = card().prepared(), card().prepared(), card().canceled()
    script.messages.append(Message(b"\xef\xbb\xbf" + body_of([marked]), [marked]))
    script.messages.append(Message(body_of([plain]), [plain], headers={"Content-Type": "text/plain"}))
    script.ends(marked)
    script.ends(plain)
    # Half of an emoji, as a sender leaves it that cuts texts at a length.
    broken["details"]["reason"] = "cut \ud83d"
    script.messages.append(Message(json.dumps({"operations": [broken]}).encode(), [broken]))
    script.ends(broken, unchecked={"reason"})
    odd = card().prepared()
    body = body_of([odd | {"odd": 0}]).replace(b'"odd": 0', b'"odd": [NaN, 1e999, ' + b"9" * 5_000 + b"]")
    script.messages.append(Message(body, [odd]))
    script.ends(odd)


def _texts(script: Script, card: Callable[[], Card]) -> None:
    """Add texts that are to break logs, mails, queries and privacy; each is a failure and alerts like any other."""
    for error, kept in (
        (f"card {TEST_CARD_NUMBER} refused", f"card {MASKED_CARD_NUMBER} refused"),
        ("Subject: all is well\r\n\r\nBcc: everyone@bank.example", None),
        ("'; DROP TABLE cards; -- ${jndi:ldap://x} {{7*7}} <script>alert(1)</script>", None),
        ("\u202egnihtyreve si lla \u0000\u0007 🂡", None),
        ("x" * 5 * LONGEST_TEXT, "x" * LONGEST_TEXT),
    ):
        operation = card().data_exception() | {"error": error}
        script.send(operation)
        script.ends(operation | {"error": kept or error})
    secret = card().prepared()
    told = secret | {"details": secret["details"] | {"consumerId": TEST_CARD_NUMBER}}
    script.send(told)
    script.ends(secret)
    injected = card().prepared()
    injected["cardId"] = f'"; DROP {injected["cardId"]}'
    script.send(injected)
    script.ends(injected)


def _types(script: Script, card: Callable[[], Card]) -> None:
    """Add operations whose optional fields have no type that is documented."""
    oddities: list[Any] = [{}, [], "shipped", None, {"status": None}, {"status": ["CARD_SHIPPED"]}]
    for details in oddities:
        operation: Operation = _without_identifiers(card().prepared()) | {"details": details}
        stated: dict[str, Any] = operation | {"details": {}}
        script.messages.append(Message(body_of([operation]), [stated]))
        script.ends(stated)
    numbers = _without_identifiers(card().data_exception()) | {"error": 5, "errorCode": {"code": [1]}, "endTime": ""}
    script.send(numbers)
    kept = {name: value for name, value in numbers.items() if name != "endTime"}
    script.ends(kept | {"error": "5", "errorCode": '{"code":[1]}'})


def _without_identifiers(operation: Operation) -> Operation:
    return _without(operation, ("inputFileName", "issuerRequestId")) | {
        "details": _without(operation["details"], ("inputFileName", "issuerRequestId"))
    }


def _without(document: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}
