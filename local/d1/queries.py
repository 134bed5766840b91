"""Where the cards are, asked as any other Lambda asks: by invoking ``get_card_status``."""

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from local.stack import Stack

CARDS_A_QUERY: Final = 100


class QueryFailed(Exception):
    """The function answered with an error; the message is its own."""


class Queries:
    """The function under its name or ARN."""

    def __init__(self, stack: Stack, function: str) -> None:
        """Ask this function."""
        self._functions = stack.session.client("lambda", endpoint_url=stack.endpoint_url)
        self._function = function

    def cards(self, card_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return what is known of cards, those of which nothing is known left out. Raises QueryFailed."""
        cards: dict[str, dict[str, Any]] = {}
        left = iter(dict.fromkeys(card_ids))
        while asked := list(islice(left, CARDS_A_QUERY)):
            cards |= {card["cardId"]: card for card in self._ask({"cardIds": asked})["cards"]}
        return cards

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        answer = self._functions.invoke(FunctionName=self._function, Payload=json.dumps(question))
        payload = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise QueryFailed(f"{self._function}: {payload.get('errorMessage', payload)}")
        told: dict[str, Any] = payload
        return told
