"""Histories of one card as D1 might tell them, and worse."""

from typing import Any

from hypothesis import strategies as st

from card_tracking.domain.instants import NEVER, Instant, format_instant
from card_tracking.domain.statuses import FAILED, PENDING, RANKS, SUCCESSFUL
from card_tracking.domain.update import CardUpdate
from tests.samples import instant, update

UNKNOWN_STATUSES = ("CARD_RETURNED", "ON_HOLD", "10", "?X")
OPERATIONS = (
    ("A", "2026-03-02T09:15:00.25Z"),
    ("B", "2026-03-02T09:15:00.250Z"),
    ("A", "2026-03-02T23:15:00.26+14:00"),
    ("C", "2026-09-14T07:00:00-05:00"),
)
"""Operations that begin at the same instant in different words, or later in a text that compares as earlier."""

OPERATION_STATUSES = st.sampled_from([PENDING, SUCCESSFUL, FAILED])
FACT = st.none() | st.sampled_from(["x", "y"])
RECEIPTS = st.integers(1_767_225_600_000, 1_800_000_000_000).map(lambda milliseconds: Instant(milliseconds * 1000))


@st.composite
def updates(draw: st.DrawFn, *, placed: bool = False) -> CardUpdate:
    """Draw an update; with ``placed`` only one that has a place of its own."""
    operation_id, start = draw(st.sampled_from(OPERATIONS))
    operation_status = draw(OPERATION_STATUSES)
    statuses = tuple(RANKS) if placed and operation_status == PENDING else (*RANKS, *UNKNOWN_STATUSES)
    fields: dict[str, Any] = {
        name: draw(FACT) for name in ("due_date", "production_site", "input_file_name", "issuer_request_id", "error")
    }
    shipped = draw(st.none() | st.integers(0, 3))
    if shipped is not None:
        moment = Instant(instant("2026-04-01T00:00:00Z") + shipped * 1_000_000)
        fields |= {"shipment": {"lastUpdatedAt": format_instant(moment), "carrier": draw(FACT)}}
        fields |= {"shipment_updated": moment}
    else:
        fields |= {"shipment_updated": NEVER}
    return update(
        draw(st.sampled_from(statuses)),
        operation_status,
        operation_id=operation_id,
        start=start,
        received=draw(RECEIPTS),
        **fields,
    )


def histories() -> st.SearchStrategy[list[CardUpdate]]:
    """Draw updates with distinct positions, for which every order must end alike."""
    return st.lists(updates(placed=True), min_size=1, max_size=10, unique_by=lambda one: one.position)
