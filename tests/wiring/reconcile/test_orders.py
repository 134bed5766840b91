"""Which cards are asked about: those that are named, and those that the schedule finds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from card_tracking.domain.due_dates import WEEKDAYS, WorkingCalendar
from card_tracking.domain.instants import Instant, format_instant, now
from card_tracking.errors import InvalidQuery, OutOfTime
from tests.d1.server import Told
from tests.samples import CARD, body, operation
from tests.wiring.faults import Faulty, always, client_error, without_pauses
from tests.wiring.reconcile.reconciliation import DAY, SHIPPED, Reconciliation, days_ago
from tests.wiring.stack import client

OTHER_CARD: Final = [Told(200, body(operation(cardId="other")))]


@pytest.mark.parametrize("order", [{"cardIds": []}, {"cardIds": [""]}, {"cards": ["a"]}])
def test_an_order_that_makes_no_sense(reconciliation: Reconciliation, order: dict[str, Any]) -> None:
    """It asks D1 nothing, and says why."""
    with pytest.raises(InvalidQuery):
        reconciliation(**order)
    assert reconciliation.d1.asked == []


def test_the_schedule_asks_about_silent_and_overdue_cards(
    reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of which nothing was heard for so many days, and those that are late; no other, and none that ended."""
    stack = reconciliation.stack
    now_again = days_ago(reconciliation, monkeypatch, 3.01)
    stack.post(operation(cardId="silent"), operation(cardId="heard"), {**SHIPPED, "cardId": "shipped"})
    stack.post(operation(cardId="release-check", details=None))
    now_again()
    overdue = {"status": "DATA_PREPARED", "dueDate": "2026-03-01"}
    stack.post(operation(cardId="heard", details={"status": "CARD_PROD_READY"}), operation(cardId="recent"))
    stack.post(operation(cardId="overdue", details=overdue))

    assert reconciliation(dryRun=True) == {"cards": 2}
    assert reconciliation.d1.asked == []

    reconciliation()

    assert sorted(reconciliation.d1.asked) == ["overdue", "silent"]


@pytest.mark.parametrize(("is_holiday", "found"), [(True, 0), (False, 1)])
def test_late_is_what_is_late_to_the_centre(
    reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch, is_holiday: bool, found: int
) -> None:
    """A card that was due yesterday is overdue today where the centre works today, as it is for everybody else."""
    today = datetime.fromtimestamp(now() // 1_000_000, UTC).date()
    holidays = [today.isoformat()] if is_holiday else []
    monkeypatch.setattr(reconciliation.app, "calendar", WorkingCalendar(WEEKDAYS, holidays))
    due = (today - timedelta(days=1)).isoformat()
    reconciliation.stack.post(operation(details={"status": "DATA_PREPARED", "dueDate": due}))

    assert reconciliation(dryRun=True) == {"cards": found}


def test_a_repetition_is_no_news(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card of which D1 only repeats what is known is silent."""
    now_again = days_ago(reconciliation, monkeypatch, 4)
    reconciliation.stack.post(operation())
    now_again()
    reconciliation.stack.post(operation())

    reconciliation()

    assert reconciliation.d1.asked == [CARD]


def test_a_late_notification_is_news(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card is not silent if an earlier status arrived late, although the status shown is old."""
    now_again = days_ago(reconciliation, monkeypatch, 4)
    reconciliation.stack.post(operation(details={"status": "CARD_PROD_READY"}))
    now_again()
    assert reconciliation(dryRun=True) == {"cards": 1}

    reconciliation.stack.post(operation(details={"status": "DATA_PREPARED"}))

    card = reconciliation.stack.card(CARD)
    assert card is not None
    assert card["status"] == "CARD_PROD_READY"
    assert reconciliation(dryRun=True) == {"cards": 0}


def test_no_card_is_asked_about_in_every_run(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether D1 had news, none, or did not know the card: it is asked again after as many days of silence."""
    now_again = days_ago(reconciliation, monkeypatch, 10)
    reconciliation.stack.post(operation(cardId="same"), operation(cardId="unknown"))
    now_again()
    reconciliation.d1.cards["same"] = [operation(cardId="same")]

    reconciliation()
    reconciliation()
    assert sorted(reconciliation.d1.asked) == ["same", "unknown"]

    later = replace(reconciliation.app.reconcile, now=lambda: Instant(now() + 3 * DAY + DAY // 2))
    monkeypatch.setattr(reconciliation.app, "reconcile", later)
    reconciliation()
    assert sorted(reconciliation.d1.asked) == ["same", "same", "unknown", "unknown"]


def after(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    """Let so many days pass for the schedule."""
    app = reconciliation.app
    later = Instant(now() + int(days * DAY))
    monkeypatch.setattr(app, "reconcile", replace(app.reconcile, now=lambda: later))
    monkeypatch.setattr(app, "find_silent_cards", replace(app.find_silent_cards, now=lambda: later))


@pytest.mark.parametrize(
    "no_answer",
    [[Told(500)] * 2, [Told(hang_up=True)] * 2, [Told(403)], [Told(400)], [Told(200, "<html>")], OTHER_CARD],
)
def test_a_card_without_an_answer_is_left_out_for_a_day(
    reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch, no_answer: list[Told]
) -> None:
    """Whatever D1 sent instead of an answer, the schedule asks about the card again after a day, not before."""
    now_again = days_ago(reconciliation, monkeypatch, 10)
    reconciliation.stack.post(operation())
    now_again()
    reconciliation.d1.cards[CARD] = [SHIPPED]
    reconciliation.d1.faults = [*no_answer]

    assert [failure["cardId"] for failure in reconciliation()["failures"]] == [CARD]
    assert reconciliation() == {"answered": 0, "missed": [], "unknownToD1": [], "failures": [], "finished": True}
    after(reconciliation, monkeypatch, days=0.98)
    assert reconciliation()["answered"] == 0
    after(reconciliation, monkeypatch, days=1.02)
    assert reconciliation()["answered"] == 1


def test_an_order_for_a_later_time_includes_cards_without_an_answer(
    reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card that D1 did not answer about during an outage is asked about by an order that names the outage's end."""
    now_again = days_ago(reconciliation, monkeypatch, 10)
    reconciliation.stack.post(operation())
    now_again()
    reconciliation.d1.faults = [Told(500), Told(500)]
    reconciliation()
    end_of_outage = format_instant(now())

    assert reconciliation(dryRun=True) == {"cards": 0}
    assert reconciliation(dryRun=True, silentSince=end_of_outage) == {"cards": 1}


def test_the_card_that_has_waited_longest_comes_first(
    reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cards are asked about by their latest news; a question without an answer puts a card behind the others."""
    for number in (5, 9, 7, 6, 8):
        now_again = days_ago(reconciliation, monkeypatch, number)
        reconciliation.stack.post(operation(cardId=f"c{number}"))
        now_again()
    reconciliation.d1.faults = [Told(400)] * 5

    reconciliation()
    assert reconciliation.d1.asked == ["c9", "c8", "c7", "c6", "c5"]

    now_again = days_ago(reconciliation, monkeypatch, 4)
    reconciliation.stack.post(operation(cardId="new"))
    now_again()
    after(reconciliation, monkeypatch, days=1.1)
    reconciliation.d1.asked.clear()
    reconciliation()
    assert reconciliation.d1.asked == ["new", "c9", "c8", "c7", "c6", "c5"]


def test_no_time_to_find_all_cards(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the run is for finding cards. Cards found by then are asked about, and the run is not finished."""
    now_again = days_ago(reconciliation, monkeypatch, 4)
    reconciliation.stack.post(*(operation(cardId=f"c{number}") for number in range(150)))
    now_again()
    reader = reconciliation.app.find_silent_cards.reader
    real = reader.open_cards
    seconds = []

    def slow(**request: Any) -> Any:
        seconds.append(request["deadline"].seconds_left())
        if len(seconds) > 1:
            raise OutOfTime("the time for reading is over")
        return real(**request)

    monkeypatch.setattr(reader, "open_cards", slow)

    answer = reconciliation()

    assert 140 < seconds[0] <= 149
    assert 100 <= len(reconciliation.d1.asked) < 150
    assert not answer["finished"]
    with pytest.raises(OutOfTime):
        reconciliation(dryRun=True)


def test_after_an_outage(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator names its end: every open card without news since is asked about once, however often he orders it."""
    now_again = days_ago(reconciliation, monkeypatch, 0.5)
    reconciliation.stack.post(*(operation(cardId=f"c{number}") for number in range(3)))
    now_again()
    end = format_instant(Instant(now() - DAY // 4))
    order = {"silentSince": end}
    assert reconciliation() == reconciliation() | {"answered": 0, "unknownToD1": []}

    reconciliation(**order)
    reconciliation(**order)

    assert sorted(reconciliation.d1.asked) == ["c0", "c1", "c2"]


def test_named_cards_are_asked_about_whatever_is_known(reconciliation: Reconciliation) -> None:
    """Each once in an order, in every order."""
    reconciliation(cardIds=["a", "b", "a"])
    reconciliation(cardIds=["a"])

    assert reconciliation.d1.asked == ["a", "b", "a"]


def test_more_cards_than_a_page(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them are found."""
    now_again = days_ago(reconciliation, monkeypatch, 4)
    reconciliation.stack.post(*(operation(cardId=f"c{number}") for number in range(230)))
    now_again()

    assert reconciliation(dryRun=True) == {"cards": 230}


def test_the_cards_cannot_be_found(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the table cannot be read, the answer says so, and does not say that all is done."""
    without_pauses(monkeypatch)
    table = reconciliation.app.find_silent_cards.reader._table
    monkeypatch.setattr(table, "client", Faulty(client("dynamodb"), always(client_error("AccessDeniedException"))))

    answer = reconciliation()

    assert answer["failures"] == [{"detail": "query: AccessDeniedException"}]
    assert not answer["finished"]


def test_questions_expire(reconciliation: Reconciliation) -> None:
    """That a card was asked about is not kept for ever."""
    reconciliation(cardIds=[CARD])

    (item,) = reconciliation.stack.items("QUESTION")
    assert int(item["expiresAt"]["N"]) - int(item["askedAt"]["N"]) // 1_000_000 == 400 * 86_400
