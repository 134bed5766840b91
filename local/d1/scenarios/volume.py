"""Many cards at once."""

from random import Random
from typing import Final

from local.d1.cards import Card, new_card
from local.d1.script import Operation, Script

OPERATIONS_A_BODY: Final = 50
CARDS_A_STORM_BODY: Final = 20
FAILURES: Final = 0.02
CANCELLATIONS: Final = 0.01

WORKING_DAY: Final = {
    # When D1 tells of each stage, in hours of a working day of nine.
    "CARD_PROD_REQUESTED": (0.0, 0.3),
    "DATA_PREPARED": (0.5, 1.5),
    "DATA_EXCEPTION": (0.5, 1.5),
    "CARD_PROD_READY": (1.5, 3.0),
    "CARD_PROD_CANCELED": (3.0, 4.0),
    "CARD_PROD_ONGOING": (3.0, 6.0),
    "CARD_PROD_DONE": (5.0, 8.0),
    "CARD_SHIPPED": (8.0, 9.0),
}
HOURS: Final = 9.0
TELLINGS_AN_HOUR: Final = 12


def bulk(draw: Random, cards: int) -> Script:
    """Bodies of fifty operations hold several states of each card, as D1 sends them in bulk."""
    script = Script()
    operations: list[Operation] = []
    for number in range(cards):
        card = new_card(draw, "BULK.xml")
        life = [card.requested(), card.prepared(), card.data_exception() if number % 10 == 0 else card.ready()]
        operations += life
        script.ends(life[-1], facts=card.estimates)
    _send_in_bodies(script, operations, OPERATIONS_A_BODY)
    return script


def order_batch(draw: Random, cards: int) -> Script:
    """An order of a thousand cards over a working day, a minute long: some fail, some are canceled."""
    script = Script()
    tellings: dict[int, list[Operation]] = {}
    for _ in range(cards):
        life = _day_of(new_card(draw, "ORDER_BATCH.xml"), draw)
        hour = 0.0
        for operation in life:
            begins, ends = WORKING_DAY[operation["details"]["status"]]
            hour = draw.uniform(max(begins, hour), ends)
            tellings.setdefault(int(hour * TELLINGS_AN_HOUR), []).append(operation)
        script.ends(life[-1], facts=_facts(life))
    for telling, operations in sorted(tellings.items()):
        _send_in_bodies(script, operations, OPERATIONS_A_BODY, at=telling / TELLINGS_AN_HOUR / HOURS)
    return script


def storm(draw: Random, cards: int) -> Script:
    """The data of hundreds of cards is refused within seconds."""
    script = Script()
    failures = []
    for _ in range(cards):
        card = new_card(draw, "STORM.xml")
        failures.append(card.data_exception())
        script.ends(failures[-1])
    _send_in_bodies(script, failures, CARDS_A_STORM_BODY)
    return script


def _day_of(card: Card, draw: Random) -> list[Operation]:
    fate = draw.random()
    if fate < FAILURES:
        return [card.requested(), card.prepared(), card.data_exception()]
    if fate < FAILURES + CANCELLATIONS:
        return [card.requested(), card.prepared(), card.ready(), card.canceled()]
    return [*card.production(), card.shipped()]


def _facts(life: list[Operation]) -> dict[str, str]:
    """Return the day and the place that an update before the last told."""
    told = life[-2]["details"]
    return {name: told[name] for name in ("dueDate", "productionSite")}


def _send_in_bodies(script: Script, operations: list[Operation], size: int, at: float | None = None) -> None:
    for start in range(0, len(operations), size):
        script.send(*operations[start : start + size], at=at)
