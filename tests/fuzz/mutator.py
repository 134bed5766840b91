"""Changes an input by the shape of its JSON as often as by its bytes: most spoilt bytes are no JSON any more."""

import json
import random
from collections.abc import Callable
from typing import Any, Final

from tests.fuzz.handler import HEADER_BYTES

HOSTILE: Final[tuple[Any, ...]] = (
    None,
    "",
    [],
    {},
    0,
    True,
    -1.5e300,
    10**40,
    float("nan"),
    4111111111111111,
    "4111 1111 1111 1111",
    "\ud800",
    "\x00\r\n",
    "x" * 260,
    "2026-03-02T09:15:00.25+14:00",
    "9999-12-31T23:59:59-23:59",
    "CARD_SHIPPED",
    "CARD_PROD_CANCELED",
    "DATA_EXCEPTION",
    "CARD_ON_HOLD",
    "PENDING",
    "FAILED",
    "SUCCESSFUL",
    "PRODUCE",
    '{"consumer\\u0049d": "a"}',
    "consumerId=a&b=",
)
NAMES: Final = (
    "operations",
    "operationId",
    "operation",
    "status",
    "startTime",
    "cardId",
    "details",
    "shipment",
    "lastUpdatedAt",
    "dueDate",
    "error",
    "consumerId",
    "trackingNumber",
    "reason",
    "operations",
    "body",
    "receivedAt",
)


def mutate(data: bytes, max_size: int, seed: int, mutate_bytes: Callable[[bytes, int], bytes]) -> bytes:
    """Change an input, the same way for the same seed."""
    chance = random.Random(seed)  # noqa: S311  # keeps no secret
    if chance.random() < 0.5:
        return mutate_bytes(data, max_size)
    try:
        document = json.loads(data[HEADER_BYTES:])
    except (ValueError, RecursionError):
        return mutate_bytes(data, max_size)
    for _ in range(chance.randint(1, 3)):
        _change(document, chance)
    head = bytes([chance.randrange(256), chance.randrange(256)]) if chance.random() < 0.2 else data[:HEADER_BYTES]
    changed = head + json.dumps(document).encode()
    return changed if len(changed) <= max_size else mutate_bytes(data, max_size)


def _change(document: Any, chance: random.Random) -> None:
    levels = [level for level in _levels(document) if level]
    if not levels:
        return
    level, other = chance.choice(levels), chance.choice(levels)
    key = chance.choice(list(level) if isinstance(level, dict) else range(len(level)))
    value = chance.choice((chance.choice(HOSTILE), *(other.values() if isinstance(other, dict) else other)))
    # A level within itself would be no JSON.
    value = json.loads(json.dumps(value))
    match chance.randrange(4):
        case 0:
            level[key] = value
        case 1:
            del level[key]
        case 2 if isinstance(level, dict):
            level[chance.choice(NAMES)] = value
        case _ if isinstance(level, list):
            level.insert(chance.randint(0, len(level)), value)


def _levels(value: Any) -> list[Any]:
    if not isinstance(value, dict | list):
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [value, *(level for one in inner for level in _levels(one))]
