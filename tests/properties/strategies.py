"""Histories of one card as D1 might send them, and worse, in D1's own form and read as the product reads them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hypothesis import strategies as st

from card_tracking.domain.instants import Instant
from card_tracking.domain.statuses import FAILED, PENDING, RANKS, SUCCESSFUL
from card_tracking.domain.update import CardUpdate
from card_tracking.wire.notification import read_notification
from tests.samples import CARD, body

UNKNOWN_STATUSES: Final = ("CARD_RETURNED", "ON_HOLD", "10", "?X", "shipment")
STARTS: Final[Mapping[str, Sequence[str]]] = {
    # One second in several precisions and offsets, which is one start.
    "A": ("2026-03-02T09:15:00.25Z", "2026-03-02T09:15:00Z", "2026-03-02T10:15:00.999999+01:00"),
    # Started in the same second as A: ordered by id alone.
    "B": ("2026-03-02T09:15:00.250Z",),
    # Later than A and B, although its text compares as earlier.
    "C": ("2026-03-02T23:15:01+14:00", "2026-03-02T09:15:01.5Z"),
    # Two seconds of one operation; no other operation starts between them, which the law excludes.
    "D": ("2026-09-14T07:00:00.9-05:00", "2026-09-14T12:00:01.1Z"),
}
TEXTS: Final = st.sampled_from(["x", "y", "x" * 999, "x" * 1_000, "x" * 1_001, "é", ""])
"""Around MAX_TEXT_LENGTH, with an empty text that counts as none."""
FILLERS: Final = st.sampled_from([0, 1, 100, 7_800, 7_900, 7_990, 8_000, 8_100, 20_000])
"""Around MAX_OBJECT_LENGTH."""
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
UPDATED: Final = st.sampled_from(
    [
        "2026-04-01T00:00:00Z",
        "2026-04-01T02:00:00.5+02:00",
        "2026-04-01T00:00:00.000001Z",
        "2026-04-03T00:00:00Z",
        "soon",
    ]
)
RECEIPTS: Final = st.integers(1_767_225_600_000, 1_800_000_000_000).map(lambda millis: Instant(millis * 1000))


@st.composite
def shipments(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a shipment with members in any order, some of them too long to be kept."""
    members = {
        "lastUpdatedAt": draw(UPDATED),
        "carrier": draw(TEXTS),
        "message": "m" * draw(FILLERS),
        "hub": draw(JSON),
        "lastCheckpoint": {"message": "c" * draw(FILLERS)},
    }
    names = draw(st.lists(st.sampled_from(sorted(members)), unique=True))
    return {name: members[name] for name in names}


@st.composite
def operations(draw: st.DrawFn, *, holds: bool = True) -> dict[str, Any]:
    """Draw an operation; without ``holds`` only one whose update has a rank."""
    operation_id = draw(st.sampled_from(sorted(STARTS)))
    operation_status = draw(st.sampled_from([PENDING, SUCCESSFUL, FAILED, "PAUSED"]))
    has_rank = holds or operation_status in {SUCCESSFUL, FAILED}
    status = draw(st.sampled_from((*RANKS, *UNKNOWN_STATUSES) if has_rank else tuple(RANKS)))
    details: dict[str, Any] = {"status": status} if status != "UNKNOWN" else {}
    optional: dict[str, st.SearchStrategy[Any]] = {
        "dueDate": TEXTS,
        "productionSite": TEXTS,
        "inputFileName": TEXTS,
        "issuerRequestId": TEXTS,
        "reason": TEXTS,
        "shipment": shipments(),
        "priority": JSON,
        "note": FILLERS.map(lambda length: "n" * length),
    }
    names = draw(st.lists(st.sampled_from(sorted(optional)), unique=True, max_size=4))
    details |= draw(st.fixed_dictionaries({name: optional[name] for name in names}))
    more: dict[str, Any] = {}
    if draw(st.booleans()):
        more["endTime"] = "2026-03-09T10:00:00Z"
    if draw(st.booleans()) or details:
        more["details"] = details
    return {
        "operationId": operation_id,
        "operation": "PRODUCE",
        "status": operation_status,
        "startTime": draw(st.sampled_from(STARTS[operation_id])),
        "cardId": CARD,
        "error": draw(TEXTS),
        **more,
    }


def read_update(operation: Mapping[str, Any], received: Instant) -> CardUpdate:
    """Read the update of one operation, as the product reads it."""
    [update] = read_notification(body(operation), received).updates
    return update


def updates(*, holds: bool = True) -> st.SearchStrategy[CardUpdate]:
    """Draw an update, received at any time."""
    return st.builds(read_update, operations(holds=holds), RECEIPTS)


@st.composite
def close_updates(draw: st.DrawFn) -> CardUpdate:
    """Draw an update of one operation in few variants, so that contents share a position and holds meet."""
    details = {"status": draw(st.sampled_from(["DATA_PREPARED", "CARD_PROD_READY", "ON_HOLD", "CARD_LOST"]))}
    if due_date := draw(st.sampled_from(["", "x", "y"])):
        details["dueDate"] = due_date
    operation = {
        "operationId": "A",
        "operation": "PRODUCE",
        "status": draw(st.sampled_from([PENDING, PENDING, SUCCESSFUL, FAILED])),
        "startTime": STARTS["A"][0],
        "cardId": CARD,
        "details": details,
    }
    if draw(st.booleans()):
        operation["endTime"] = "2026-03-09T10:00:00Z"
    return read_update(operation, draw(RECEIPTS))


def any_histories(max_size: int) -> st.SearchStrategy[list[CardUpdate]]:
    """Draw updates that the law covers and updates that it does not."""
    return st.lists(updates(), min_size=1, max_size=max_size) | st.lists(close_updates(), min_size=1, max_size=max_size)


def histories(max_size: int = 10) -> st.SearchStrategy[list[CardUpdate]]:
    """Draw updates that the law covers: no holds, no two contents at one position."""
    return st.lists(
        updates(holds=False), min_size=1, max_size=max_size, unique_by=lambda one: (one.operation_id, one.progress)
    )
