"""What people must be told of, once per cause: what D1 reports, and what it has not reported in time."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Final, NamedTuple

from card_tracking.domain.merge import merge
from card_tracking.domain.status import STICKY_FIELDS, CardStatus
from card_tracking.domain.statuses import FAILED
from card_tracking.domain.update import CardUpdate

STATUS: Final = "STATUS"
OVERDUE: Final = "OVERDUE"


class Cause(NamedTuple):
    """What an alert about a report of D1 is about: repetitions of it, late or early, are no news."""

    card_id: str
    operation_id: str
    status: str

    @property
    def alert_id(self) -> str:
        """32 hexadecimal digits, the same in every repetition, so that a consumer can fold them."""
        return _digest(self)


class OverdueDay(NamedTuple):
    """What an alert about a late card is about: that it is late on one day is told once, however often it is found."""

    card_id: str
    day: str
    """As ``2026-03-09``."""

    @property
    def alert_id(self) -> str:
        """As ``Cause.alert_id``."""
        return _digest(self)


def _digest(cause: tuple[str, ...]) -> str:
    return sha256(json.dumps(cause).encode()).hexdigest()[:32]


def cause_of(update: CardUpdate) -> Cause:
    """Name the cause that an update reports."""
    return Cause(update.card_id, update.operation_id, update.status)


@dataclass(frozen=True, slots=True)
class Alert:
    """What people are told: of an update that reported a cause first, or of a card that is late."""

    update: CardUpdate
    """The report; of a late card, the latest there is, with all facts that are known of it."""
    superseded: bool
    """Whether the card was by then known to be further on."""
    overdue_on: str | None = None
    """The day on which the card is late, as ``2026-03-09``; None where the alert is about a report."""

    @property
    def kind(self) -> str:
        """STATUS or OVERDUE."""
        return STATUS if self.overdue_on is None else OVERDUE

    @property
    def alert_id(self) -> str:
        """See ``Cause.alert_id``."""
        if self.overdue_on is None:
            return cause_of(self.update).alert_id
        return OverdueDay(self.update.card_id, self.overdue_on).alert_id


def overdue_alert(status: CardStatus, today: date) -> Alert:
    """Tell of a card that is late today."""
    fields: dict[str, str | None] = {name: status.latest(name) for name in STICKY_FIELDS}
    latest = replace(status.shown, **fields)  # type: ignore[arg-type]  # each of STICKY_FIELDS is a text of CardUpdate
    return Alert(latest, superseded=False, overdue_on=today.isoformat())


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


def failures_without_alert(
    before: CardStatus | None, updates: Sequence[CardUpdate], alert_statuses: Collection[str]
) -> list[CardUpdate]:
    """Return the updates of a card that are first to report a failed operation, and whose status alerts nobody.

    D1 may leave the status out, so such a failure can be one that people must know of. A failure is not found if it
    belongs to an operation before the card's newest, or if the card had passed the same status without a failure
    before: the card's status does not remember these.
    """
    found = []
    status = before
    if any(_fails_silently(update, alert_statuses) for update in updates):
        for update in updates:
            after = merge(status, update)
            if _fails_silently(update, alert_statuses) and _is_first_failure(status, update, after):
                found.append(update)
            status = after
    return found


def _fails_silently(update: CardUpdate, alert_statuses: Collection[str]) -> bool:
    return update.operation_status == FAILED and update.status not in alert_statuses


def _is_first_failure(before: CardStatus | None, update: CardUpdate, after: CardStatus) -> bool:
    """Return whether a failed update changes a status that did not know of this failure."""
    if before is None or after is before:
        return before is None
    if update.operation_id != before.shown.operation_id or update.status not in before.milestones:
        return True
    return after.shown is update and (before.shown.status, before.shown.operation_status) != (update.status, FAILED)


def _is_superseded(update: CardUpdate, status: CardStatus) -> bool:
    if cause_of(status.shown) == cause_of(update):
        return False
    if update.operation_id != status.position.operation_id:
        return True
    return update.is_hold or status.position.progress.rank > update.progress.rank
