"""What the contract's page does not show, and its change policy announces."""

from random import Random
from typing import Any, Final

from local.d1.cards import new_card, new_cards
from local.d1.script import Message, Operation, Script, body_of

GOOD_CARDS_A_BODY: Final = 3


def unknown_status(draw: Random, cards: int) -> Script:
    """Statuses that nobody has heard of: on hold, returned, destroyed."""
    script = Script()
    for number, card in enumerate(new_cards(draw, cards)):
        on_hold = card.update("CARD_PROD_ON_HOLD")
        begun = [card.requested(), card.prepared()]
        match number % 5:
            case 0:  # It shows while nothing better is known.
                script.send_in_turn([*begun, on_hold])
                script.ends(on_hold, facts=card.estimates)
            case 1:  # The next known stage lifts it, and its repetition does not bring it back.
                script.send_in_turn([*begun, on_hold, card.ready(), on_hold])
                script.ends(card.ready())
            case 2:  # The repetition of what was known before does not lift it.
                script.send_in_turn([*begun, on_hold, card.prepared(), card.requested()])
                script.ends(on_hold, facts=card.estimates)
            case 3:  # A success stands above the shipment.
                returned = card.update("CARD_RETURNED", "SUCCESSFUL")
                script.send_in_turn([card.done(), card.shipped(), returned, card.tracked(1)])
                script.ends(returned, facts=card.estimates)
            case _:  # A failure ends the production, and what is still pending is older.
                destroyed = card.update("CARD_DESTROYED", "FAILED", errorCode="DESTROYED")
                script.send_in_turn([card.done(), destroyed, on_hold])
                script.ends(destroyed, facts=card.estimates)
    return script


def malformed(draw: Random, cards: int) -> Script:
    """One operation of a body cannot be read: the others are stored, and it is kept with the reason."""
    script = Script()
    for number in range(cards):
        good = new_cards(draw, GOOD_CARDS_A_BODY)
        spoilt = new_card(draw)
        reason, bad = _spoil(spoilt.data_exception(), number)
        operations: list[Any] = [card.prepared() for card in good]
        script.messages.append(
            Message(body_of([*operations[:2], bad, *operations[2:]]), operations=tuple(operations), rejected=(reason,))
        )
        for operation in operations:
            script.ends(operation)
        script.never_known(spoilt.card_id)
    return script


def _spoil(operation: Operation, number: int) -> tuple[str, Any]:
    """Return why an operation cannot be stored, and the operation made so."""
    spoilt: list[tuple[str, Any]] = [
        ("OPERATION_NOT_AN_OBJECT", operation["cardId"]),
        ("FIELD_MISSING", {name: value for name, value in operation.items() if name != "operationId"}),
        ("FIELD_MISSING", {name: value for name, value in operation.items() if name != "startTime"}),
        ("FIELD_INVALID", operation | {"operationId": 17}),
        ("FIELD_INVALID", operation | {"status": None}),
        ("START_TIME_UNREADABLE", operation | {"startTime": "the day before yesterday"}),
        ("TOO_LARGE", operation | {"operationId": "x" * 300}),
    ]
    return spoilt[number % len(spoilt)]
