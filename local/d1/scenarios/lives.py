"""The ordinary lives of a card, one message a state, in their order."""

from random import Random

from local.d1.cards import DELIVERED, new_cards
from local.d1.script import Script


def lifecycle(draw: Random, cards: int) -> Script:
    """A card goes through every stage and is on its way."""
    script = Script()
    for card in new_cards(draw, cards):
        life = [*card.production(), card.shipped(), card.tracked(1), card.tracked(2)]
        script.send_in_turn(life)
        script.ends(life[-1])
    return script


def failure(draw: Random, cards: int) -> Script:
    """The data of a card is refused after it had been taken for good."""
    script = Script()
    for card in new_cards(draw, cards):
        life = [card.requested(), card.prepared(), card.data_exception()]
        script.send_in_turn(life)
        script.ends(life[-1], facts=card.estimates)
    return script


def cancel(draw: Random, cards: int) -> Script:
    """The issuer cancels a card, whatever D1 then says of the operation's status."""
    script = Script()
    for number, card in enumerate(new_cards(draw, cards)):
        canceled = card.canceled(("SUCCESSFUL", "FAILED", "PENDING")[number % 3])
        order = card.other_operation("UPDATE_ORDER", draw)
        script.send_in_turn([card.requested(), card.prepared(), card.ready(), order, canceled])
        script.ends(canceled)
    return script


def shipment(draw: Random, cards: int) -> Script:
    """A shipped card is tracked to the door; one checkpoint comes late."""
    script = Script()
    for card in new_cards(draw, cards):
        late = draw.randrange(1, DELIVERED)
        checkpoints = [card.tracked(number) for number in range(1, DELIVERED + 1) if number != late]
        script.send_in_turn([card.done(), card.shipped(), *checkpoints, card.tracked(late)])
        script.ends(card.tracked(DELIVERED))
    return script
