"""Find the cards that D1 is to be asked about: open cards without news for long, and overdue cards."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.adapters.questions import Question, Questions
from card_tracking.deadline import Deadline
from card_tracking.domain.due_dates import is_due_before
from card_tracking.domain.instants import Instant, now
from card_tracking.domain.status import CardStatus
from card_tracking.errors import OutOfTime

UNANSWERED_PAUSE: Final = 86_400 * 1_000_000
"""Microseconds. A card that D1 gave no answer about is left out for a day, so that others get their turn."""
READING_SHARE: Final = 0.5
"""Part of the time left that may be spent on finding cards. The rest is for asking about the cards found by then."""


@dataclass(frozen=True, slots=True)
class FindSilentCards:
    """The use case, with all it works on."""

    reader: CardStatusReader
    questions: Questions
    now: Callable[[], Instant] = now

    def __call__(self, since: Instant, due_before: date, deadline: Deadline) -> Iterator[str]:
        """Yield the open cards without news since then, and those that were due before a day.

        Leave out the cards that D1 answered about since then, and those that it gave no answer about in the last day,
        if that was since then.

        The card that has waited longest comes first, counted from its latest news or the latest question. A question
        puts a card behind all that wait, whatever comes of it. So no card keeps another from its turn.

        Raises DependencyFailed if the table cannot be read. Raises OutOfTime after the last card if there was no time
        to find all of them.
        """
        reading = deadline.limited_to(deadline.seconds_left() * READING_SHARE)
        waiting: list[tuple[Instant, str]] = []
        out_of_time: OutOfTime | None = None
        try:
            for found in self._pages(since, due_before, reading):
                waiting += found
        except OutOfTime as error:
            out_of_time = error
        yield from (card_id for _, card_id in sorted(waiting))
        if out_of_time is not None:
            raise out_of_time

    def _pages(self, since: Instant, due_before: date, deadline: Deadline) -> Iterator[list[tuple[Instant, str]]]:
        """Yield the cards of each page of open cards, each card with the time since which it waits."""
        unanswered_since = Instant(max(since, self.now() - UNANSWERED_PAUSE))
        token: str | None = None
        while True:
            page = self.reader.open_cards(next_token=token, deadline=deadline)
            chosen = {
                status.shown.card_id: latest_news(status)
                for status in page.entries
                if latest_news(status) <= since or is_due_before(status, due_before)
            }
            questions = self.questions.latest(chosen, deadline)
            yield [
                (max(news, question.asked) if question else news, card_id)
                for card_id, news in chosen.items()
                if not (question := questions.get(card_id)) or _is_due_again(question, since, unanswered_since)
            ]
            token = page.next_token
            if token is None:
                return


def latest_news(status: CardStatus) -> Instant:
    """Return when the latest news of a card's production reached us. A repetition is no news."""
    return max(status.shown.received, *status.milestones.values())


def _is_due_again(question: Question, answered_since: Instant, unanswered_since: Instant) -> bool:
    """Return whether D1 is to be asked again about a card that it was asked about before."""
    return question.asked < (answered_since if question.answered else unanswered_since)
