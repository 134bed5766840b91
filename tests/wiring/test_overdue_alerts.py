"""Cards that are late: alerted once a working day each, also through a crash, an outage, or two runs at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from card_tracking.adapters.alert_outbox import LEASE_SECONDS
from card_tracking.deadline import Deadline
from card_tracking.domain.due_dates import WEEKDAYS, WorkingCalendar
from card_tracking.domain.instants import Instant
from card_tracking.errors import DependencyFailed, OutOfTime
from card_tracking.use_cases import alert_overdue
from tests.samples import CARD, OPERATION, TEST_CARD_NUMBER, instant, operation
from tests.wiring.faults import Faulty, always, client_error, never, once, without_pauses
from tests.wiring.stack import ISSUER, Context, Stack, client
from tests.wiring.test_logs_and_metrics import assert_clean, counts, logs

FRIDAY, SATURDAY, MONDAY, TUESDAY = (f"2026-03-{day:02}T06:00:00Z" for day in (6, 7, 9, 10))
NEXT_FRIDAY, NEXT_SATURDAY = (f"2026-03-{day:02}T06:00:00Z" for day in (13, 14))
LATE = operation(details={"status": "CARD_PROD_READY", "dueDate": "2026-03-06", "productionSite": "Pont-Audemer"})

Today = Callable[[str], None]


@pytest.fixture
def today(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Today:
    """Let it be a time; the relay runs when the leases of that time have ended. It begins on a Monday."""

    def let_it_be(text: str) -> None:
        moment = instant(text)
        later = Instant(moment + (LEASE_SECONDS + 1) * 1_000_000)
        use_case = replace(stack.overdue.alert_overdue_cards, now=lambda: moment)
        monkeypatch.setattr(stack.overdue, "alert_overdue_cards", use_case)
        monkeypatch.setattr(stack.relay, "relay", replace(stack.relay.relay, now=lambda: later))

    let_it_be(MONDAY)
    return let_it_be


def late_cards(count: int) -> list[dict[str, Any]]:
    """Make so many cards that are late."""
    return [LATE | {"cardId": f"card-{number:03}", "operationId": f"operation-{number}"} for number in range(count)]


def break_table(stack: Stack, monkeypatch: pytest.MonkeyPatch, faulty: Faulty) -> None:
    """Let the table fail for alert_overdue_cards."""
    without_pauses(monkeypatch)
    monkeypatch.setattr(stack.overdue.alert_overdue_cards.reader._table, "client", faulty)
    monkeypatch.setattr(stack.overdue.alert_overdue_cards.outbox._table, "client", faulty)


def break_topic(stack: Stack, monkeypatch: pytest.MonkeyPatch, faulty: Faulty) -> None:
    """Let the topic fail for alert_overdue_cards."""
    without_pauses(monkeypatch)
    monkeypatch.setattr(stack.overdue.alert_overdue_cards.topic, "_client", faulty)


def told(stack: Stack) -> Counter[str]:
    """Count the alerts that have come since the last look, by card."""
    return Counter(alert["cardId"] for alert in stack.alerts())


def test_message(stack: Stack, today: Today) -> None:
    """A subscriber gets what is known of the card, the day, and a kind by which it tells this alert from others."""
    stack.post(LATE, operation(details={"status": "CARD_PROD_ONGOING"}))
    assert stack.alert_overdue() == {"day": "2026-03-09", "overdue": 1, "raised": 1, "published": 1}
    [alert] = stack.alerts()
    attributes = {name: attribute["Value"] for name, attribute in alert.pop("attributes").items()}
    assert attributes == {
        "kind": "OVERDUE",
        "status": "CARD_PROD_ONGOING",
        "issuerId": ISSUER,
        "productionSite": "Pont-Audemer",
        "alertId": alert["alertId"],
        "superseded": "false",
    }
    assert alert.pop("subject") == f"OVERDUE: card {CARD}"
    assert alert.pop("receivedAt")
    assert alert.pop("alertId")
    assert alert == {
        "kind": "OVERDUE",
        "overdueOn": "2026-03-09",
        "issuerId": ISSUER,
        "cardId": CARD,
        "status": "CARD_PROD_ONGOING",
        "operationId": OPERATION,
        "operationStatus": "PENDING",
        "startTime": LATE["startTime"],
        "dueDate": "2026-03-06",
        "productionSite": "Pont-Audemer",
        "superseded": False,
    }


def test_row(stack: Stack, today: Today, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of an overdue card expires after RetentionDays from its creation on, whenever it is published."""
    stack.post(LATE)
    with monkeypatch.context() as broken:
        break_topic(stack, broken, Faulty(client("sns"), always(client_error("InternalFailure", 500))))
        stack.alert_overdue()
    [pending] = stack.items("ALERT#")
    stack.run_relay()
    [published] = stack.items("ALERT#")
    assert int(pending["expiresAt"]["N"]) == instant(MONDAY) // 1_000_000 + 400 * 86_400
    assert published.pop("publishedAt") == {"S": "2026-03-09T06:01:01.000Z"}
    assert published == {
        name: value for name, value in pending.items() if name not in {"leaseEndsAt", "pendingShard", "waitsSince"}
    }


def test_once_a_working_day(stack: Stack, today: Today) -> None:
    """However often it is run: one alert a card and working day, each with its own id, until the card is shipped."""
    stack.post(LATE)
    seen: list[str] = []
    days = ((FRIDAY, 0), (SATURDAY, 0), (MONDAY, 1), (TUESDAY, 1), (NEXT_FRIDAY, 1), (NEXT_SATURDAY, 0))
    for moment, expected in days:
        today(moment)
        assert sum(stack.alert_overdue()["raised"] for _ in range(3)) == expected
        alerts = [alert["alertId"] for alert in stack.alerts()]
        assert len(alerts) == expected
        seen += alerts
    assert len(set(seen)) == len(seen) == 3
    stack.post(operation(status="SUCCESSFUL", details={"status": "CARD_SHIPPED"}))
    today("2026-03-16T06:00:00Z")
    assert stack.alert_overdue() == {"day": "2026-03-16", "overdue": 0, "raised": 0, "published": 0}
    assert stack.alerts() == []


def test_by_the_calendar(stack: Stack, today: Today, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a holiday nobody is told; the day after, it is the first working day after the due date."""
    stack.post(LATE)
    calendar = WorkingCalendar(WEEKDAYS[:5], {"2026-03-09"})
    for moment, raised in ((MONDAY, 0), (TUESDAY, 1)):
        today(moment)
        monkeypatch.setattr(
            stack.overdue, "alert_overdue_cards", replace(stack.overdue.alert_overdue_cards, calendar=calendar)
        )
        assert stack.alert_overdue()["raised"] == raised


def test_an_overdue_card_that_fails_then(stack: Stack, today: Today) -> None:
    """The failure alerts for itself, on the same day and by another id; from then on the card is not late any more."""
    stack.post(LATE)
    stack.alert_overdue()
    stack.post(operation(status="FAILED", details={"status": "CARD_PROD_CANCELED"}))
    overdue, canceled = stack.alerts()
    assert "kind" not in canceled
    assert canceled["attributes"]["kind"]["Value"] == "STATUS"
    assert overdue["alertId"] != canceled["alertId"]
    today(TUESDAY)
    assert stack.alert_overdue()["overdue"] == 0


def test_pages(stack: Stack, today: Today, monkeypatch: pytest.MonkeyPatch) -> None:
    """More cards than one round takes are all told of, each once; those in time are not."""
    monkeypatch.setattr(alert_overdue, "ALERTS_A_ROUND", 10)
    stack.post(*late_cards(130), operation(details={"status": "DATA_PREPARED", "dueDate": "2026-03-09"}))
    assert stack.alert_overdue() == {"day": "2026-03-09", "overdue": 130, "raised": 130, "published": 130}
    assert told(stack) == {one["cardId"]: 1 for one in late_cards(130)}
    assert not [row for row in stack.items("ALERT#") if "pendingShard" in row]


def test_two_runs_at_once(stack: Stack, today: Today) -> None:
    """Runs beside each other tell of each card once between them."""
    stack.post(*late_cards(100))
    use_case = stack.overdue.alert_overdue_cards
    with ThreadPoolExecutor(4) as threads:
        reports = list(threads.map(lambda _: use_case(Deadline()), range(4)))
    assert [report.overdue for report in reports] == [100] * 4
    assert sum(len(report.raised) for report in reports) == sum(report.published for report in reports) == 100
    assert told(stack) == {one["cardId"]: 1 for one in late_cards(100)}


def test_crash_between_publish_and_mark(stack: Stack, today: Today, monkeypatch: pytest.MonkeyPatch) -> None:
    """The only possible repetition: published, and not marked. The relay repeats it under the same alertId."""
    stack.post(LATE)
    with monkeypatch.context() as broken:
        marking = once("batch_execute_statement", 1, client_error("AccessDeniedException"))
        break_table(stack, broken, Faulty(client("dynamodb"), marking))
        assert stack.alert_overdue() == {"day": "2026-03-09", "overdue": 1, "raised": 1, "published": 1}
    assert stack.alert_overdue()["raised"] == 0
    assert stack.run_relay() == {"claimed": 1, "published": 1}
    first, second = stack.alerts()
    assert first == second


def test_crash_before_publishing(stack: Stack, today: Today, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that nobody published are the relay's, late by a minute or two; a second run does not double them."""
    stack.post(*late_cards(3))
    with monkeypatch.context() as broken:
        break_topic(stack, broken, Faulty(client("sns"), always(KeyboardInterrupt())))  # type: ignore[arg-type]  # a double
        with pytest.raises(KeyboardInterrupt):
            stack.alert_overdue()
    assert stack.alert_overdue()["raised"] == 0
    assert stack.run_relay() == {"claimed": 3, "published": 3}
    assert told(stack) == {one["cardId"]: 1 for one in late_cards(3)}


def test_topic_down(
    stack: Stack, today: Today, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While the topic is down all cards get their rows and it is not asked again; the relay publishes them, once."""
    monkeypatch.setattr(alert_overdue, "ALERTS_A_ROUND", 10)
    stack.post(*late_cards(45))
    with monkeypatch.context() as broken:
        topic = Faulty(client("sns"), always(client_error("InternalFailure", 500)))
        break_topic(stack, broken, topic)
        assert stack.alert_overdue() == {"day": "2026-03-09", "overdue": 45, "raised": 45, "published": 0}
    assert len(topic.calls) == 2
    assert "alerts left to the relay" in capsys.readouterr().out
    assert stack.run_relay() == {"claimed": 45, "published": 45}
    assert told(stack) == {one["cardId"]: 1 for one in late_cards(45)}


def test_one_alert_is_refused(stack: Stack, today: Today, monkeypatch: pytest.MonkeyPatch) -> None:
    """One alert that the topic refuses for itself keeps none of the others."""
    monkeypatch.setattr(alert_overdue, "ALERTS_A_ROUND", 10)
    stack.post(*late_cards(30))
    real = Faulty(client("sns"), never)

    class Refusing:
        """A topic that refuses one card's."""

        def publish_batch(self, TopicArn: str, PublishBatchRequestEntries: list[dict[str, Any]]) -> Any:  # noqa: N803  # as boto3 names them
            """Take all others."""
            bad = [one for one in PublishBatchRequestEntries if "card-003" in one["Subject"]]
            rest = [one for one in PublishBatchRequestEntries if one not in bad]
            answer = real.publish_batch(TopicArn=TopicArn, PublishBatchRequestEntries=rest) if rest else {}
            failed = [{"Id": one["Id"], "SenderFault": True, "Code": "InvalidParameter"} for one in bad]
            return answer | {"Failed": failed}

    break_topic(stack, monkeypatch, Refusing())  # type: ignore[arg-type]  # a double
    assert stack.alert_overdue() == {"day": "2026-03-09", "overdue": 30, "raised": 30, "published": 29}
    assert len(told(stack)) == 29


def test_table_fails(stack: Stack, today: Today, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that fails half-way fails the function, whose repetition goes on; no card twice, none never."""
    monkeypatch.setattr(alert_overdue, "ALERTS_A_ROUND", 10)
    stack.post(*late_cards(30))
    with monkeypatch.context() as broken:
        break_table(stack, broken, Faulty(client("dynamodb"), once("query", 9, client_error("AccessDeniedException"))))
        with pytest.raises(DependencyFailed):
            stack.alert_overdue()
    already = told(stack)
    assert 0 < len(already) < 30
    assert stack.alert_overdue()["raised"] == 30 - len(already)
    assert already + told(stack) == {one["cardId"]: 1 for one in late_cards(30)}


def test_time_runs_out(stack: Stack, today: Today, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that has no time for all cards says so by failing; the next one goes on, and tells of each card once."""
    monkeypatch.setattr(alert_overdue, "ALERTS_A_ROUND", 10)
    stack.post(*late_cards(60))

    class Fading(Context):
        """An invocation whose time goes by with every look at it."""

        def get_remaining_time_in_millis(self) -> int:
            """Take a little off."""
            self.milliseconds_left -= 400
            return self.milliseconds_left

    stack.context = Fading(milliseconds_left=12_000)
    with pytest.raises(OutOfTime):
        stack.alert_overdue()
    rows = len(stack.items("ALERT#"))
    assert 0 < rows < 60
    stack.context = Context()
    assert stack.alert_overdue()["raised"] == 60 - rows
    stack.run_relay()
    assert told(stack) == {one["cardId"]: 1 for one in late_cards(60)}


def test_no_time_at_all(stack: Stack, today: Today) -> None:
    """Without time nothing is begun."""
    stack.post(LATE)
    stack.context = Context(milliseconds_left=1_000)
    with pytest.raises(OutOfTime):
        stack.alert_overdue()
    assert stack.items("ALERT#") == []


def test_logs_and_metrics(stack: Stack, today: Today, capsys: pytest.CaptureFixture[str]) -> None:
    """Counted are the cards that are late and the alerts; logged are identifiers, and nothing that was sent."""
    planted = {"status": TEST_CARD_NUMBER, "dueDate": "2026-03-06", "reason": "Castrop-Rauxel"}
    stack.post(LATE, LATE | {"cardId": "strange", "details": planted})
    capsys.readouterr()
    stack.alert_overdue()
    stack.alert_overdue()
    output = capsys.readouterr().out
    assert_clean(output)
    alerts = {"AlertsRaised": 2, "AlertsPublished": 2, "AlertsLeftPending": 0}
    assert counts(output) == {"OverdueRuns": 2, "CardsOverdue": 4} | alerts
    raised = [entry for entry in logs(output) if entry["message"] == "alert raised"]
    assert sorted(entry["card_id"] for entry in raised) == sorted([CARD, "strange"])
    assert {entry["kind"] for entry in raised} == {"OVERDUE"}
    assert {entry["alert_id"] for entry in raised} == {alert["alertId"] for alert in stack.alerts()}
    today(SATURDAY)
    stack.alert_overdue()
    counted = counts(capsys.readouterr().out)
    assert counted["OverdueRuns"] == 1
    assert "CardsOverdue" not in counted


def test_logs_of_the_relay(
    stack: Stack, today: Today, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The relay logs an alert about an overdue card without its status, which can be any text of D1's."""
    stack.post(LATE | {"details": {"status": "Castrop-Rauxel", "dueDate": "2026-03-06"}})
    with monkeypatch.context() as broken:
        break_topic(stack, broken, Faulty(client("sns"), always(client_error("InternalFailure", 500))))
        stack.alert_overdue()
    capsys.readouterr()
    assert stack.run_relay()["published"] == 1
    output = capsys.readouterr().out
    assert_clean(output)
    [entry] = [entry for entry in logs(output) if entry["message"] == "alert relayed"]
    assert (entry["kind"], entry["card_id"]) == ("OVERDUE", CARD)
