"""One PRODUCE operation as one notification reported it, and its position in the order of all updates of a card."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from card_tracking.domain.instants import NEVER, Instant, whole_second
from card_tracking.domain.statuses import FAILED, SUCCESSFUL, UNRANKED, rank

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


class Progress(NamedTuple):
    """How far an operation is. Progress only grows: a lower one that arrives late is older news."""

    rank: int
    ended: bool
    """Whether the operation has ended. At one rank this beats pending: a late PENDING update reopens nothing."""
    shipment_updated: Instant


HOLD_PROGRESS: Final = Progress(UNRANKED, ended=False, shipment_updated=NEVER)
"""Progress of a card of which only holds are known."""


class Position(NamedTuple):
    """The order of all updates of one card: the highest position seen is what the card's status shows.

    D1 sends no time per update, so neither the order of arrival nor ``startTime`` (the same in all updates of an
    operation) can order them. The newer operation is higher, then the one with more progress.
    """

    started: Instant
    """Start of the operation in whole seconds: D1 writes one start with different fractions."""
    operation_id: str
    progress: Progress

    @property
    def operation(self) -> tuple[Instant, str]:
        """The operation alone. A higher one is a newer production of the same card (renewal, replacement)."""
        return self.started, self.operation_id


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """Content of a PRODUCE operation, field by field (contract, "The operation").

    Times and dates are texts as D1 wrote them; ``started``, ``shipment_updated`` and ``received`` are instants.
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
    """``shipment.lastUpdatedAt``, read before a large shipment is cut; NEVER if there is none."""
    other_fields: Mapping[str, Json] | None = None
    received: Instant = field(default=NEVER, compare=False)
    """When it reached us. It is no part of the content, so two deliveries of one update are equal."""

    @property
    def is_hold(self) -> bool:
        """Whether the update has no rank: an unknown status of an operation that neither succeeded nor failed."""
        return rank(self.status, self.operation_status) == UNRANKED

    @property
    def is_ended(self) -> bool:
        """Whether the operation has ended: it succeeded, it failed, or it has an end time."""
        return self.operation_status in {SUCCESSFUL, FAILED} or self.end_time is not None

    @property
    def progress(self) -> Progress:
        """How far the operation is; HOLD_PROGRESS for a hold."""
        if self.is_hold:
            return HOLD_PROGRESS
        return Progress(rank(self.status, self.operation_status), self.is_ended, self.shipment_updated)

    @property
    def position(self) -> Position:
        """Position among all updates of the card."""
        return Position(whole_second(self.started), self.operation_id, self.progress)
