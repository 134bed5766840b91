"""The latest status of one card, as it is stored and returned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from card_tracking.domain.instants import Instant
from card_tracking.domain.update import CardUpdate, Position, Progress

STICKY_FIELDS: Final = ("due_date", "production_site", "input_file_name", "issuer_request_id")
"""Fields that stay valid for the rest of an operation although later updates may leave them out."""


class StickyField(NamedTuple):
    """The latest value of a sticky field, and the progress of the update that it came with."""

    progress: Progress
    value: str


@dataclass(frozen=True, slots=True)
class CardStatus:
    """The highest update seen of a card's newest operation, and what must be remembered to keep it right."""

    shown: CardUpdate
    position: Position
    """The highest position seen. It is ``shown``'s, unless a hold shows or another update had a later ``startTime``."""
    milestones: Mapping[str, Instant]
    """When each status of this operation was first received."""
    sticky: Mapping[str, StickyField] = field(default_factory=dict)
    """By the names in STICKY_FIELDS; a field without a value is left out."""
    seen_digests: tuple[str, ...] = ()
    """Digests of contents that must change nothing when D1 repeats them, the oldest first."""

    def latest(self, name: str) -> str | None:
        """Return the latest value of one of STICKY_FIELDS, also if the update shown leaves it out; None if unknown."""
        return self.sticky[name].value if name in self.sticky else None
