"""How an operator, or the schedule, says which cards are to be reconciled."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from card_tracking.domain.instants import Instant, parse_instant
from card_tracking.errors import InvalidQuery
from card_tracking.wire.faults import describe_faults

MOST_CARDS: Final = 1_000
"""In one order: as many as fit into a run at the slowest that D1 and we are together."""

CardId = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,48}$")]


class ReconcileOrder(BaseModel):
    """``{"cardIds": […]}``, ``{"silentSince": …}`` or ``{}``, each with ``"cardsASecond": …`` and ``"dryRun": true``.

    ``cardIds`` are asked about whatever is known of them. ``silentSince`` are the open cards of which nothing was
    heard since that time, such as the end of an outage, and those that are overdue; ``{}`` takes the stack's number of
    days. Cards that D1 answered about since that time are left out, and for a day those that it did not answer about.
    So an order can be repeated until it is finished.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)

    card_ids: Annotated[list[CardId], Field(min_length=1, max_length=MOST_CARDS)] | None = None
    silent_since: AwareDatetime | None = None
    cards_a_second: Annotated[float, Field(ge=0.1, le=100)] | None = None
    dry_run: bool = False

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "ReconcileOrder":
        if self.card_ids is not None and self.silent_since is not None:
            raise ValueError("cardIds or silentSince, not both")
        return self

    def since(self, silent_seconds: int, now: Instant) -> Instant:
        """Return the time since which nothing must have been heard of a card."""
        if self.silent_since is None:
            return Instant(now - silent_seconds * 1_000_000)
        return parse_instant(self.silent_since.isoformat())


def read_order(event: Any) -> ReconcileOrder:
    """Read an order. Raises InvalidQuery that says what is wrong with it, without repeating a value."""
    try:
        return ReconcileOrder.model_validate(event if isinstance(event, Mapping) else None)
    except ValidationError as error:
        raise InvalidQuery(describe_faults(error)) from None
