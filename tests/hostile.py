"""Bodies that are meant to break something, each with two operations that must be stored all the same."""

import json
from typing import Final

from tests.samples import body, operation


def with_number(digits: str) -> str:
    """Write a body whose first operation holds this number, and whose second is good."""
    return body(operation(x="NUMBER"), operation()).replace('"NUMBER"', digits)


ODD_AND_YET_STORED: Final = (
    body(operation(error="cut \ud83d in an emoji"), operation()),
    body(operation(error="NUL \x00 and \x1f and \u2028"), operation()),
    body(operation(x=float("nan"), y=float("inf"), z=-float("inf")), operation()),
    with_number("9" * 3_000),
    with_number("9" * 4_300),
    with_number("9" * 5_000),
    with_number("-" + "9" * 5_000),
    with_number("1e999"),
    with_number("-1e999"),
    with_number("0." + "1" * 5_000),
    with_number("[" * 150 + "]" * 150),
    with_number("5e-324"),
    "\ufeff" + body(operation(), operation()),
    body(operation(error="?"), operation()).replace("?", "\udc80"),
    " \r\n\t" + body(operation(), operation()) + "\n",
    '{"operations": null, "operations": ' + json.dumps([operation(), operation()]) + "}",
    body(operation(**{"": 1, " ": 2, "\u0000": 3, "a.b": 4, "#pk": 5, ":v": 6, "__proto__": 7}), operation()),
    body(operation(pk="x", sk="y", version=9, card="z", leaseEndsAt=1, expiresAt=1, status="PENDING"), operation()),
    body(operation(startTime="9999-12-31T23:59:59-23:59"), operation(startTime="0001-01-01T00:00:00+23:59")),
    body(operation(details={"status": "A\nB\r\n\x07"}), operation(cardId="a b/#?\n\x00")),
)
