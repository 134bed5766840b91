"""Which updates people must be told of, once per cause."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from card_tracking.domain.status import CardStatus
from card_tracking.domain.update import CardUpdate


class Cause(NamedTuple):
    """What one alert is about: repetitions of it, late or early, are no news."""

    card_id: str
    operation_id: str
    status: str

    @property
    def alert_id(self) -> str:
        """32 hexadecimal digits, the same in every repetition, so that a consumer can fold them."""
        return sha256(json.dumps(self).encode()).hexdigest()[:32]


def cause_of(update: CardUpdate) -> Cause:
    """Name the cause that an update reports."""
    return Cause(update.card_id, update.operation_id, update.status)


@dataclass(frozen=True, slots=True)
class Alert:
    """A cause, the update that first reported it, and whether the card was by then known to be further on."""

    update: CardUpdate
    superseded: bool

    @property
    def alert_id(self) -> str:
        """See ``Cause.alert_id``."""
        return cause_of(self.update).alert_id


def detect_alerts(
    updates: Iterable[CardUpdate], statuses: Mapping[str, CardStatus], alert_statuses: Collection[str]
) -> list[Alert]:
    """Return one alert for each cause among the updates, in their order.

    ``statuses`` holds each card's status after all updates. An update alerts because of what it reports and not
    because it changed the status: a late, stale or overtaken failure is still a failure that someone must know of.
    Whether the cause was alerted before is for the outbox to say.
    """
    first_reports: dict[Cause, CardUpdate] = {}
    for update in updates:
        if update.status in alert_statuses:
            first_reports.setdefault(cause_of(update), update)
    return [Alert(update, _is_superseded(update, statuses[update.card_id])) for update in first_reports.values()]


def is_known(alert: Alert, status: CardStatus) -> bool:
    """Say whether a card's status tells that an alert's cause was reported before; where it cannot tell, not."""
    return alert.update.operation_id == status.shown.operation_id and alert.update.status in status.milestones


def _is_superseded(update: CardUpdate, status: CardStatus) -> bool:
    if cause_of(status.shown) == cause_of(update):
        return False
    return not update.is_placed or status.position.stage > update.position.stage
