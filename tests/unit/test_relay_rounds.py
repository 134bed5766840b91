"""The relay: round after round while anything is due, and what it reports of all of them."""

from typing import Any

import pytest

from card_tracking.adapters.alert_topic import Publication
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.instants import Instant
from card_tracking.use_cases import relay as use_case
from card_tracking.use_cases.relay import RelayAlerts
from tests.samples import update

ALERT = Alert(update("DATA_EXCEPTION"), superseded=False)


def test_first_failure_of_all_rounds_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal in an earlier round is reported, although the rounds after it publish everything."""
    rounds = [[ALERT], [ALERT, ALERT], []]
    published = [Publication([], "InvalidParameter", can_go_on=True), Publication([ALERT] * 2, None, can_go_on=True)]
    monkeypatch.setattr(RelayAlerts, "_claim", lambda *_: rounds.pop(0))
    monkeypatch.setattr(use_case, "publish", lambda *_: published.pop(0))
    nothing: Any = None

    report = RelayAlerts(nothing, nothing, lambda: Instant(0))(Deadline())

    assert (report.claimed, len(report.published), report.failure) == (3, 2, "InvalidParameter")
