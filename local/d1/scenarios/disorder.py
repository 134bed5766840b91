"""What "at least once, in any order" comes to."""

from random import Random
from typing import Final

from local.d1.cards import DELIVERED, Card, new_cards, written_otherwise
from local.d1.script import Operation, Script

MOST_COPIES: Final = 4


def duplicates(draw: Random, cards: int) -> Script:
    """Every message comes up to four times, some at once and some at the very end."""
    script = Script()
    again: list[Operation] = []
    for number, card in enumerate(new_cards(draw, cards)):
        life = [card.requested(), card.prepared(), card.data_exception() if number % 2 else card.ready()]
        for operation in life:
            for _ in range(draw.randint(1, MOST_COPIES - 1)):
                script.send(operation)
        again += life
        script.ends(life[-1], facts=card.estimates)
    draw.shuffle(again)
    for operation in again:
        script.send(operation)
    return script


def reordered(draw: Random, cards: int) -> Script:
    """All states of all cards come in any order at once, their times in every form that D1 uses."""
    script = Script()
    updates: list[Operation] = []
    for number, card in enumerate(new_cards(draw, cards)):
        life = [*card.production(), card.shipped(), *(card.tracked(one + 1) for one in range(DELIVERED))]
        if number % 3 == 1:
            # Mended: the stages after it say so, whenever they arrive.
            life.insert(2, card.data_exception())
        for operation in life:
            operation["startTime"] = written_otherwise(card.started, draw)
        updates += life
        script.ends(life[-1])
    draw.shuffle(updates)
    for update in updates:
        script.send(update)
    return script


def two_operations(draw: Random, cards: int) -> Script:
    """A card is renewed: the second production counts, and late news of the first, even a failure, changes nothing."""
    script = Script()
    for number, card in enumerate(new_cards(draw, cards)):
        renewed = card.produced_again(draw)
        first = [*card.production(), card.shipped(), card.tracked(1)]
        second = [renewed.requested(), renewed.prepared(), renewed.ready()]
        late = [card.tracked(2), card.data_exception()]
        if number % 2:
            everything = [*first, *second, *late]
            draw.shuffle(everything)
            for operation in everything:
                script.send(operation)
        else:
            script.send_in_turn([*first, *second, *late])
        script.ends(second[-1])
    return script


def contradiction(draw: Random, cards: int) -> Script:
    """A card is both shipped and canceled, in either order, or has two truths about one moment."""
    script = Script()
    for number, card in enumerate(new_cards(draw, cards)):
        shipped, canceled = card.shipped(), card.canceled()
        match number % 4:
            case 0:
                script.send_in_turn([card.done(), shipped, canceled])
                script.ends(shipped)
            case 1:
                script.send_in_turn([card.done(), canceled, shipped])
                script.ends(shipped)
            case 2:
                script.send(canceled, shipped, card.done())
                script.ends(shipped)
            case _:
                _two_truths(script, card)
    return script


def _two_truths(script: Script, card: Card) -> None:
    """Correct a checkpoint without a later time: the later word holds, also when the earlier is repeated."""
    first, corrected = card.tracked(1), card.tracked(1)
    corrected["details"]["shipment"]["trackingNumber"] = card.tracking_number[::-1] + "7"
    script.send_in_turn([card.shipped(), first, corrected, first])
    script.ends(corrected)
