"""Tokens of pages: the place where the next page of a query begins, bound to that query.

A token grants nothing: whoever can use one can read the whole table. So its digest is not keyed, and a forged token
is either refused or gives the page after the place that it names.
"""

import base64
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from card_tracking.errors import InvalidQuery

MAX_TOKEN_CHARACTERS: Final = 4_000
"""More than twice what the longest keys need."""
MAX_KEY_BYTES: Final = 1_024
"""DynamoDB's limit for sort keys; our partition keys are shorter too."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins."""

    shard: int = 0
    after: Mapping[str, str] = field(default_factory=dict)
    """Key of the last entry that was read in this shard; empty at the beginning of the shard."""


def query_digest(*choices: Any) -> str:
    """Return a digest of all that chooses the entries of a query. The limit does not: it may change between pages."""
    return blake2b(json.dumps(choices).encode(), digest_size=8).hexdigest()


def write_token(query: str, place: Place) -> str:
    """Write the token of the page of a query that begins at a place."""
    content = {"query": query, "shard": place.shard, "after": dict(place.after)}
    # Not ASCII: escapes would make a token of the longest keys longer than a query may hold.
    return base64.urlsafe_b64encode(json.dumps(content, ensure_ascii=False).encode()).decode()


def read_token(token: str | None, query: str, names: Collection[str], shards: int = 1) -> Place:
    """Read where a page begins: with None at the beginning, else where the token of the same query says.

    ``names`` are those of the key of an entry. Raises InvalidQuery if the token is not one of this query.
    """
    if token is None:
        return Place()
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise foreign_token()
    try:
        content = json.loads(base64.b64decode(token, b"-_", validate=True).decode())
        shard, after = content["shard"], content["after"]
        is_valid = (
            content["query"] == query
            # A bool is an int to isinstance.
            and type(shard) is int
            and 0 <= shard < shards
            and (after == {} or set(after) == set(names))
            and all(isinstance(value, str) and 1 <= len(value.encode()) <= MAX_KEY_BYTES for value in after.values())
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        is_valid = False
    if not is_valid:
        raise foreign_token()
    return Place(shard, after)


def foreign_token() -> InvalidQuery:
    """Return the error for a token that is not one of the query it comes with."""
    return InvalidQuery("nextToken is not one that this query has returned: repeat the query without it")
