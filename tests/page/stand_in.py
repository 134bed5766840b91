"""A stack that says what a test tells it to say."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import EndpointConnectionError

from local.page.answers import Page
from local.page.scenarios import Scenarios
from local.stack import account_only


@dataclass
class StandIn:
    """What ``local.page.news.Reader`` promises, from memory."""

    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    coming: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Sequence[str]] = field(default_factory=list)
    """The cards of each question, in turn."""
    looks: int = 0
    looks_at_rejected: int = 0
    is_down: bool = False

    def knows(self, card: dict[str, Any]) -> None:
        """Change what is known of a card."""
        self.known[card["cardId"]] = card

    def versions(self) -> Mapping[str, str]:
        """Make a version out of all that is known."""
        self.looks += 1
        if self.is_down:
            raise EndpointConnectionError(endpoint_url="http://nowhere")
        return {card_id: str(card) for card_id, card in self.known.items()}

    def cards(self, card_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Tell cards."""
        self.asked.append(card_ids)
        return {card_id: self.known[card_id] for card_id in card_ids}

    def alerts(self) -> Iterator[Mapping[str, Any]]:
        """Hand out each alert once."""
        while self.coming:
            yield self.coming.pop(0)

    def count_rejected(self) -> int:
        """Count messages."""
        return len(self.kept)

    def rejected(self) -> Sequence[Mapping[str, Any]]:
        """Show messages."""
        self.looks_at_rejected += 1
        return list(self.kept)

    def story(self, card_id: str, rejected: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Tell a story that says what it was told from."""
        return {"cardId": card_id, "rejected": len(rejected)}


def card(number: int, status: str = "DATA_PREPARED", **more: Any) -> dict[str, Any]:
    """Write a card as ``get_card_status`` answers with it."""
    at = f"2026-03-02T06:{number // 60 % 60:02}:{number % 60:02}.000Z"
    known = {
        "cardId": f"card-{number}",
        "status": status,
        "operationId": f"operation-{number}",
        "operationStatus": "PENDING",
        "startTime": "2026-03-02T06:00:00Z",
        "receivedAt": at,
        "milestones": {status: at},
    }
    return known | more


def cards(numbers: Iterable[int]) -> dict[str, dict[str, Any]]:
    """Write many cards, by id."""
    return {one["cardId"]: one for one in map(card, numbers)}


def page_of(reader: StandIn) -> Page:
    """Make a page that tells of a stand-in; no scenario of it has anywhere to go."""
    return Page(reader, Scenarios(account_only("eu-west-1")))
