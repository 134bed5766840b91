"""One PRODUCE operation as one notification reported it, and its place in the order of all such reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from card_tracking.domain.instants import NEVER, Instant
from card_tracking.domain.statuses import UNPLACED_RANK, rank

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


class Position(NamedTuple):
    """Where an update stands: the highest position seen is what the card's status shows.

    D1 gives no time per update, so neither the order of arrival nor ``startTime`` (the same in all updates of an
    operation) can order them. A newer operation comes first, then the stage, then the progress of the shipment.
    """

    started: Instant
    operation_id: str
    rank: int
    shipment_updated: Instant

    @property
    def operation(self) -> tuple[Instant, str]:
        """The operation alone: a higher one is a newer production of the same card (renewal, replacement)."""
        return self.started, self.operation_id

    @property
    def stage(self) -> tuple[Instant, str, int]:
        """The operation and how far it has come; the progress of a shipment is no new stage."""
        return self.started, self.operation_id, self.rank


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """What D1 said of one card in production, field by field (contract, "The operation").

    Times and dates are kept as D1 wrote them; ``started``, ``shipment_updated`` and ``received`` are instants.
    """

    card_id: str
    operation_id: str
    operation_status: str
    status: str
    start_time: str
    started: Instant
    end_time: str | None = None
    error_code: str | None = None
    error: str | None = None
    reason: str | None = None
    due_date: str | None = None
    production_site: str | None = None
    input_file_name: str | None = None
    issuer_request_id: str | None = None
    shipment: Mapping[str, Json] | None = None
    shipment_updated: Instant = NEVER
    other_fields: Mapping[str, Json] | None = None
    received: Instant = field(default=NEVER, compare=False)
    """When it reached us: no part of what was said, so two deliveries of one update are equal."""

    @property
    def position(self) -> Position:
        """Where this update stands among all updates of its card."""
        return Position(
            self.started, self.operation_id, rank(self.status, self.operation_status), self.shipment_updated
        )

    @property
    def is_placed(self) -> bool:
        """Whether the update has a place of its own; an unknown status of a pending operation has none."""
        return rank(self.status, self.operation_status) != UNPLACED_RANK
