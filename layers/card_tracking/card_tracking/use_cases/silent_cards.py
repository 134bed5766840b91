"""Which cards D1 is to be asked about: those of which nothing was heard for long, and those that are overdue."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.adapters.questions import Questions
from card_tracking.deadline import Deadline
from card_tracking.domain.due_dates import is_due_before
from card_tracking.domain.instants import Instant
from card_tracking.domain.status import CardStatus


@dataclass(frozen=True, slots=True)
class FindSilentCards:
    """The use case, with all it works on."""

    reader: CardStatusReader
    questions: Questions

    def __call__(self, since: Instant, due_before: date, deadline: Deadline) -> Iterator[str]:
        """Yield the open cards of which nothing was heard since then, or that were due before a day.

        Those that D1 was asked about since then are left out. It reads page by page, as cards are taken from it: a run
        that ends early has read little in vain. Raises DependencyFailed or OutOfTime where the table cannot be read.
        """
        token: str | None = None
        while True:
            page = self.reader.open_cards(next_token=token, deadline=deadline)
            chosen = [
                status.shown.card_id
                for status in page.entries
                if latest_news(status) <= since or is_due_before(status, due_before)
            ]
            asked = self.questions.asked_since(chosen, since, deadline)
            yield from (card_id for card_id in chosen if card_id not in asked)
            token = page.next_token
            if token is None:
                return


def latest_news(status: CardStatus) -> Instant:
    """Tell when the latest that is known of a card's production reached us; a repetition is no news."""
    return max(status.shown.received, *status.milestones.values())
