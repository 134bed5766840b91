"""How an operator says what is to be replayed."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from card_tracking.domain.instants import Instant, parse_instant
from card_tracking.errors import InvalidQuery
from card_tracking.use_cases.replay import Selection
from card_tracking.wire.faults import describe_faults


class ReplayOrder(BaseModel):
    """``{"reasons": […], "ids": […], "since": …, "until": …, "dryRun": true, "operationsASecond": 10}``.

    All optional: without a condition everything is replayed. ``ids`` are those of messages, requests, correlations,
    cards or operations; ``since`` and ``until`` are when D1's request arrived.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)

    reasons: list[str] | None = None
    ids: list[str] | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    dry_run: bool = True
    operations_a_second: Annotated[float, Field(gt=0, le=10_000)] = 10.0

    def selection(self) -> Selection:
        """Return the conditions."""
        return Selection(
            reasons=None if self.reasons is None else frozenset(self.reasons),
            ids=None if self.ids is None else frozenset(self.ids),
            since=_instant(self.since),
            until=_instant(self.until),
        )


def read_order(event: Any) -> ReplayOrder:
    """Read an order. Raises InvalidQuery that says what is wrong with it, without repeating a value."""
    try:
        return ReplayOrder.model_validate(event if isinstance(event, Mapping) else None)
    except ValidationError as error:
        raise InvalidQuery(describe_faults(error)) from None


def _instant(moment: AwareDatetime | None) -> Instant | None:
    return parse_instant(moment.isoformat()) if moment else None
