"""Every silent card gets its turn, whatever D1 does about other cards, in outages, crashes and beside another run."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proof.engines import TableEngine, fastest_engine
from tests.reconcile.hours import (
    DAY,
    HOUR,
    OUTAGES,
    SILENT,
    WITHOUT_ANSWER,
    Behaviour,
    Hours,
    Run,
    answered,
    crash,
    internal_error,
    no_token,
    shipped,
    simulated_hours,
    timed_out,
    unknown,
    unreachable,
)

EXAMPLES = settings.default.max_examples if settings.default else 0


@pytest.fixture(scope="module")
def engine() -> Iterator[TableEngine]:
    """Run the fastest engine there is: each example has hundreds of questions."""
    with fastest_engine() as running:
        yield running


class Turns:
    """Checks, run after run, that no card is passed over and none is asked about too often."""

    def __init__(self, cards: int) -> None:
        self.cards = cards
        self.asked_while_waiting: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.runs_waited: Counter[str] = Counter()
        self.last_asked: dict[str, int] = {}

    def check(self, run: Run, hours: Hours, *, concurrent: bool = False) -> None:
        """Check one run."""
        waiting = [card_id for card_id in run.due if card_id not in run.asked]
        for card_id in run.asked:
            # Not again within a day, with or without an answer.
            assert concurrent or run.started - self.last_asked.get(card_id, -DAY) >= DAY - HOUR
            self.last_asked[card_id] = run.started
            self.asked_while_waiting.pop(card_id, None)
            self.runs_waited.pop(card_id, None)
        is_up = hours.outage not in {no_token, unreachable}
        died = run.report is None
        for card_id in waiting:
            self.asked_while_waiting[card_id].update(run.asked)
            # No other card has two turns before this one has its turn.
            assert max(self.asked_while_waiting[card_id].values(), default=0) <= (2 if concurrent else 1)
            if is_up and not died:
                self.runs_waited[card_id] += 1
        # A run that reaches D1 and does not die gives at least five cards their turn.
        assert all(waited < ceil(self.cards / 5) for waited in self.runs_waited.values())
        if run.report is not None and run.report.finished:
            assert waiting == []


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Behaviour], list[Behaviour | None]]:
    """Draw what D1 does about each card, often the same about neighbours, and what it does about all in which hours."""
    behaviour = st.sampled_from((*WITHOUT_ANSWER, *WITHOUT_ANSWER, answered, shipped, unknown))
    blocks = draw(st.lists(st.tuples(behaviour, st.integers(1, 12)), min_size=1, max_size=5))
    outages = st.lists(st.tuples(st.sampled_from((None, None, *OUTAGES)), st.integers(1, 9)), min_size=1, max_size=4)
    hours = [one for one, length in draw(outages) for _ in range(length)]
    return [one for one, length in blocks for _ in range(length)], hours


def test_silent_cards_beside_cards_without_an_answer(engine: TableEngine) -> None:
    """Ten of 40 cards never have an answer; each day another card falls silent, and the next run asks about it."""
    with simulated_hours(engine) as hours:
        for number in range(40):
            hours.tell(f"c{number:02}", SILENT + DAY)
            hours.behaviours[f"c{number:02}"] = WITHOUT_ANSWER[number % 5] if 20 <= number < 30 else answered
        for day in range(12):
            card_id = f"new-{day}"
            hours.tell(card_id, SILENT - HOUR // 2)
            hours.behaviours[card_id] = shipped
            for hour in range(24):
                run = hours.run()
                hours.next_hour(run)
                # After a day, D1 has been asked about all that were silent at first.
                if hour == 1 and day:
                    assert card_id in run.asked


def test_more_cards_without_an_answer_than_a_day_has_turns(engine: TableEngine) -> None:
    """150 cards that never have an answer wait for 30 runs at most, although each is due again after 24."""
    with simulated_hours(engine) as hours:
        for number in range(150):
            hours.tell(f"c{number:03}", SILENT + DAY)
            hours.behaviours[f"c{number:03}"] = internal_error
        for _ in range(30):
            hours.next_hour(hours.run())
        assert set(hours.asked) == set(hours.behaviours)


@pytest.mark.parametrize("outage", OUTAGES)
def test_after_an_outage(engine: TableEngine, outage: Behaviour) -> None:
    """In an outage runs end soon. The first run after it asks about all but the five cards at most of each hour."""
    with simulated_hours(engine) as hours:
        for number in range(120):
            hours.tell(f"c{number:03}", SILENT + DAY)
            hours.behaviours[f"c{number:03}"] = answered
        hours.outage = outage
        for _ in range(10):
            run = hours.run()
            assert len(run.asked) == (1 if outage in {no_token, unreachable} else 5)
            assert run.report is not None
            assert not run.report.finished
            assert run.ended - run.started < 125_000_000
            hours.next_hour(run)
        in_vain = set(hours.asked)
        hours.outage = None

        run = hours.run()
        assert run.report is not None
        assert run.report.finished
        assert set(run.asked) == set(hours.behaviours) - in_vain
        assert len(in_vain) <= 50

        hours.pass_time(DAY / 1_000_000)
        assert set(hours.run().asked) == in_vain


def test_a_run_beside_another(engine: TableEngine) -> None:
    """A run by hand in the middle of a scheduled one asks about some cards twice, and takes no card's turn."""
    with simulated_hours(engine) as hours:
        for number in range(60):
            hours.tell(f"c{number:02}", SILENT + DAY + number)
            hours.behaviours[f"c{number:02}"] = [answered, internal_error, timed_out, internal_error][number % 4]
        turns = Turns(60)
        for hour in range(48):
            inner: list[Run] = []

            def meanwhile(_: str, at: int = len(hours.asked) + 1 + hour % 7, inner: list[Run] = inner) -> None:
                if len(hours.asked) == at and not inner:
                    hours.on_question = lambda _: None
                    inner.append(hours.run())

            hours.on_question = meanwhile
            run = hours.run()
            hours.on_question = lambda _: None
            turns.check(run, hours, concurrent=True)
            hours.next_hour(run)
        assert set(hours.asked) == set(hours.behaviours)


def test_a_crash_about_each_card(engine: TableEngine) -> None:
    """If the process dies with each question, each run still asks about another card."""
    with simulated_hours(engine) as hours:
        for number in range(12):
            hours.tell(f"c{number:02}", SILENT + DAY)
            hours.behaviours[f"c{number:02}"] = crash
        for _ in range(12):
            hours.next_hour(hours.run())
        assert hours.asked == [f"c{number:02}" for number in range(12)]


# An example has up to 60 cards and 60 runs.
@settings(max_examples=max(8, EXAMPLES // 200))
@given(history=histories())
def test_no_card_is_passed_over(engine: TableEngine, history: tuple[list[Behaviour], list[Behaviour | None]]) -> None:
    """A card waits for at most as many runs as cards in production divided by five; no other gets two turns before."""
    behaviours, outages = history
    with simulated_hours(engine) as hours:
        for number, behaviour in enumerate(behaviours):
            hours.tell(f"c{number:03}", SILENT + DAY)
            hours.behaviours[f"c{number:03}"] = behaviour
        turns = Turns(len(behaviours))
        for outage in [*outages, *[None] * 30]:
            hours.outage = outage
            run = hours.run()
            turns.check(run, hours)
            hours.next_hour(run)
        never = set(hours.behaviours) - set(hours.asked)
        assert never == set()
