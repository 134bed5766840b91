"""The latest status of one card, as it is kept and answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from card_tracking.domain.instants import Instant
from card_tracking.domain.update import CardUpdate, Position

FACTS: Final = ("due_date", "production_site", "input_file_name", "issuer_request_id")
"""Fields that stay true for the rest of an operation although later updates may leave them out."""


class CarriedFact(NamedTuple):
    """A fact that the update shown does not repeat, with the place in the operation of the update that told it."""

    rank: int
    shipment_updated: Instant
    value: str


@dataclass(frozen=True, slots=True)
class CardStatus:
    """The highest update seen of a card's newest operation, and what must be remembered to keep it right."""

    shown: CardUpdate
    position: Position
    """Of the highest update with a place of its own: ``shown``'s, unless an unknown status shows for the moment."""
    milestones: Mapping[str, Instant]
    """When each status of this operation was first received."""
    carried: Mapping[str, CarriedFact] = field(default_factory=dict)
    applied: tuple[str, ...] = ()
    """Digests of updates that have shown and must not show again when D1 repeats them, the oldest first."""

    def fact(self, name: str) -> str | None:
        """Tell one of FACTS: what the update shown says, or else what the highest update that tells it said."""
        value: str | None = getattr(self.shown, name)
        if value is None and name in self.carried:
            return self.carried[name].value
        return value
