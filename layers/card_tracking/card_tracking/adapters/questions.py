"""When D1 was last asked about a card, so that it is not asked again in every run."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from card_tracking.adapters.deliveries import SECONDS_A_DAY
from card_tracking.adapters.table import Table, card_id_of, number, partition_key, text
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant

QUESTION_KEY: Final = "QUESTION"


@dataclass(frozen=True, slots=True)
class Question:
    """The latest question about a card."""

    asked: Instant
    answered: bool
    """Whether D1 answered and the answer is stored."""


class Questions:
    """The last question about each card: an item of its own, because a status is written only over what was read."""

    def __init__(self, table: Table, retention_days: int) -> None:
        """Keep them for so many days."""
        self._table = table
        self._retention_days = retention_days

    def latest(self, card_ids: Collection[str], deadline: Deadline) -> dict[str, Question]:
        """Return the latest question about each of distinct cards. Leave out cards that D1 was never asked about."""
        keys = [{"pk": text(partition_key(card_id)), "sk": text(QUESTION_KEY)} for card_id in card_ids]
        return {
            card_id_of(item["pk"]["S"]): Question(Instant(int(item["askedAt"]["N"])), item["answered"]["BOOL"])
            for item in self._table.get(keys, deadline)
        }

    def record(self, card_id: str, question: Question, deadline: Deadline) -> None:
        """Store a question in place of the one before."""
        item = {
            "pk": text(partition_key(card_id)),
            "sk": text(QUESTION_KEY),
            "askedAt": number(question.asked),
            "answered": {"BOOL": question.answered},
            "expiresAt": number(question.asked // 1_000_000 + self._retention_days * SECONDS_A_DAY),
        }
        self._table.put([item], deadline)
