"""Ordinary days, on which no alarm may fire."""

from collections.abc import Callable, Mapping
from typing import Final

from check_release.synthetic import CARD_ID
from tests.alarms.of_alerts import FAILURE, MALFORMED, topic_refuses
from tests.alarms.stage import D1, OVERDUE, QUERY, RECONCILE, REPLAY, Stage
from tests.proof.faults import Fault
from tests.proof.invocations import strike
from tests.samples import body, operation


def quiet_day(stage: Stage) -> None:
    """Let nothing happen but what is on a schedule."""
    stage.d1_sends = False
    stage.pass_time(days=1)


def busy_day(stage: Stage) -> None:
    """Let D1 order, fail and ship cards, people query them, and AWS stumble in the ways that retries absorb."""
    cards = [f"card-{number}" for number in range(200)]
    prepared = [operation(cardId=card, details={"status": "DATA_PREPARED", "dueDate": "2026-01-05"}) for card in cards]
    failed = [FAILURE | {"cardId": card} for card in cards[:70]]
    for part in range(0, len(prepared), 50):
        assert stage.deliver(*prepared[part : part + 50]) == 204
        stage.pass_time(minutes=1)
    assert stage.deliver(*prepared[:50]) == 204
    for number, fault in enumerate((Fault.THROTTLED, Fault.BROKEN, Fault.TIMED_OUT), start=1):
        assert stage.deliver(prepared[number], plan=strike(number, fault)) == 204
    stage.pass_time(minutes=10)
    # A storm: the first alerts go out at once, the relay publishes the others.
    assert stage.deliver(*failed) == 204
    stage.pass_time(minutes=10)
    # The topic stumbles for three minutes.
    stage.relay_plan = topic_refuses
    assert stage.deliver(FAILURE | {"cardId": cards[100]}, plan=topic_refuses) == 204
    stage.pass_time(minutes=3)
    stage.relay_plan = lambda call: None
    stage.pass_time(minutes=10)
    # Somebody writes a client of get_card_status.
    for minute in range(10):
        assert stage.invoke(QUERY, {"cardId": cards[minute]}).answer
        assert stage.invoke(QUERY, {"card": cards[minute]}).error
        stage.pass_time(minutes=1)
    stage.throttle_table("ReadThrottleEvents")
    stage.throttle_table("WriteThrottleEvents")
    stage.pass_time(minutes=1)
    stage.throttle_table("WriteThrottleEvents", "ByStatus")
    stage.pass_time(minutes=15)
    assert stage.deliver(operation(cardId=CARD_ID, details=None), request_id=f"{CARD_ID}-1") == 204
    assert stage.invoke(RECONCILE, {"cardIds": cards[150:151]}, d1=D1(body(prepared[150]))).answer
    assert stage.invoke(OVERDUE, {}).answer
    stage.pass_time(hours=2)


def weekend(stage: Stage) -> None:
    """Let D1 be silent for 71 hours, and nobody look for overdue cards from Friday to Monday."""
    stage.invoke(OVERDUE, {})
    stage.schedules.remove(OVERDUE)
    stage.d1_sends = False
    stage.pass_time(hours=71)
    assert stage.deliver(operation()) == 204
    stage.pass_time(hours=1)
    stage.invoke(OVERDUE, {})
    stage.pass_time(hours=2)


def careful_week(stage: Stage) -> None:
    """Let D1 send an operation each morning that cannot be read, and operators take it off the queue by the evening."""
    for _ in range(8):
        assert stage.deliver(MALFORMED) == 204
        stage.pass_time(hours=10)
        assert stage.invoke(REPLAY, {"dryRun": True}).answer
        stage.pass_time(minutes=1)
        stage.delete_rejected()
        stage.pass_time(hours=14)


DAYS: Final[Mapping[Callable[[Stage], None], frozenset[str]]] = {
    quiet_day: frozenset(),
    busy_day: frozenset(),
    weekend: frozenset(),
    careful_week: frozenset({"OperationsRejectedAlarm"}),
}
"""Each with the alarms that belong to it."""
