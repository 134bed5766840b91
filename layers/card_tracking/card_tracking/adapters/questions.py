"""When D1 was last asked about a card, so that it is not asked again in every run."""

from collections.abc import Collection
from typing import Final

from card_tracking.adapters.deliveries import SECONDS_A_DAY
from card_tracking.adapters.table import Table, card_id_of, number, partition_key, text
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant

QUESTION_KEY: Final = "QUESTION"


class Questions:
    """The last question about each card: an item of its own, because a status is written only over what was read."""

    def __init__(self, table: Table, retention_days: int) -> None:
        """Keep them for so many days."""
        self._table = table
        self._retention_days = retention_days

    def asked_since(self, card_ids: Collection[str], since: Instant, deadline: Deadline) -> set[str]:
        """Return those of distinct cards that D1 has been asked about since then."""
        keys = [{"pk": text(partition_key(card_id)), "sk": text(QUESTION_KEY)} for card_id in card_ids]
        items = self._table.get(keys, deadline)
        return {card_id_of(item["pk"]["S"]) for item in items if int(item["askedAt"]["N"]) >= since}

    def record(self, card_id: str, now: Instant, deadline: Deadline) -> None:
        """Note that D1 was asked, and answered."""
        item = {
            "pk": text(partition_key(card_id)),
            "sk": text(QUESTION_KEY),
            "askedAt": number(now),
            "expiresAt": number(now // 1_000_000 + self._retention_days * SECONDS_A_DAY),
        }
        self._table.put([item], deadline)
