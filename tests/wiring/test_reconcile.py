"""The real handler asks D1 by mutual TLS, and what D1 answers goes the way of its notifications."""

import importlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from unittest.mock import patch

import pytest

from card_tracking.adapters import questions
from card_tracking.domain.due_dates import WEEKDAYS, WorkingCalendar
from card_tracking.domain.instants import Instant, format_instant, now
from card_tracking.errors import InvalidQuery
from card_tracking.use_cases import reconcile as use_case
from reconcile_cards import composition
from tests.d1.server import Told
from tests.reconcile.d1_on_demand import D1, TOKEN_PATH, Bank, known_bank, pem_of, running_d1
from tests.samples import CARD, LATER_START, OPERATION, TEST_CARD_NUMBER, operation
from tests.security.certificates import Authority
from tests.wiring.conftest import CurrentOutput
from tests.wiring.faults import Faulty, always, client_error, once, without_pauses
from tests.wiring.stack import ENVIRONMENT_OF_RECONCILING, Context, Stack, client

SECRET: Final = ENVIRONMENT_OF_RECONCILING["D1_CREDENTIALS_ARN"]
DAY: Final = 86_400 * 1_000_000
SHIPPED: Final = operation(status="SUCCESSFUL", details={"status": "CARD_SHIPPED"})
FAILED: Final = operation(status="FAILED", details={"status": "DATA_EXCEPTION"}, errorCode="E", error="pan")


@dataclass(slots=True)
class Reconciliation:
    """The function, the D1 that it asks, and the pauses that it makes."""

    app: ModuleType
    d1: D1
    bank: Bank
    stack: Stack
    pauses: list[float] = field(default_factory=list)

    def __call__(self, **order: Any) -> dict[str, Any]:
        """Give an order."""
        answer: dict[str, Any] = self.app.handler(order, Context(milliseconds_left=300_000))
        return answer


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bank, Authority]:
    """Set up a bank that Thales knows."""
    thales = Authority(tmp_path_factory.mktemp("thales"), "thales")
    public = Authority(tmp_path_factory.mktemp("public"), "public")
    return known_bank("BANK000001", thales, public), thales


@pytest.fixture(scope="session")
def app(environment: dict[str, str]) -> ModuleType:
    """Import the handler as Lambda does."""
    with patch.dict(os.environ, environment | ENVIRONMENT_OF_RECONCILING):
        module = importlib.import_module("reconcile_cards.app")
    for handler in module.logger.handlers:
        handler.stream = CurrentOutput()
    return module


@pytest.fixture
def reconciliation(
    stack: Stack, app: ModuleType, bank: tuple[Bank, Authority], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Reconciliation]:
    """Run D1, give the function its secret, and note its pauses instead of making them."""
    of_bank, thales = bank
    client("secretsmanager").create_secret(Name=SECRET, SecretString=of_bank.secret())
    with running_d1(of_bank, of_bank.server_ca.server(), thales) as (d1, _):
        found = Reconciliation(app, d1, of_bank, stack)
        urls = {"d1_api_url": d1.url, "token_url": d1.url + TOKEN_PATH, "token_audience": d1.url}
        api = composition.compose_api(app.settings, replace(app.own_settings, **urls))
        monkeypatch.setattr(app, "reconcile", replace(app.reconcile, api=api, pause=found.pauses.append))
        yield found


def days_ago(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch, days: float) -> Callable[[], None]:
    """Let what D1 sends now have arrived days ago; return what ends that."""
    module = reconciliation.stack.receive
    real = module.now
    monkeypatch.setattr(module, "now", lambda: Instant(now() - int(days * DAY)))
    return lambda: monkeypatch.setattr(module, "now", real)


def test_a_missed_notification_is_made_good(reconciliation: Reconciliation, capsys: pytest.CaptureFixture[str]) -> None:
    """The status is D1's, the delivery says how it came, and what had been missed is named and counted."""
    reconciliation.stack.post(operation())
    reconciliation.d1.cards[CARD] = [SHIPPED]
    capsys.readouterr()

    answer = reconciliation(cardIds=[CARD])

    *entries, metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    missed = {"cardId": CARD, "operationId": OPERATION, "status": "CARD_SHIPPED"}
    assert answer == {"answered": 1, "missed": [missed], "unknownToD1": [], "failures": [], "finished": True}
    card = reconciliation.stack.card(CARD)
    assert card is not None
    assert card["status"] == "CARD_SHIPPED"
    told, asked = reconciliation.stack.query(cardId=CARD, history=True)["history"]
    assert (told["byReconciliation"], asked["byReconciliation"]) == (False, True)
    assert asked["correlationId"] == reconciliation.d1.correlation_ids[0]
    (entry,) = [entry for entry in entries if entry["message"] == "notification had been missed"]
    assert (entry["card_id"], entry["operation_id"], entry["status"]) == (CARD, OPERATION, "CARD_SHIPPED")
    assert (metrics["NotificationsMissed"], metrics["CardsReconciled"]) == ([1], [1])
    assert metrics["Updates.CARD_SHIPPED"] == [1]
    # The alarm on D1's silence must go off although we hear from D1 when we ask.
    assert "OperationsReceived" not in metrics


def test_nothing_was_missed(reconciliation: Reconciliation) -> None:
    """What D1 had told already changes nothing and is not named; that it was asked for is on record."""
    reconciliation.stack.post(operation())
    reconciliation.d1.cards[CARD] = [operation()]
    (before,) = reconciliation.stack.items("STATUS")

    answer = reconciliation(cardIds=[CARD])

    assert (answer["answered"], answer["missed"]) == (1, [])
    assert reconciliation.stack.items("STATUS") == [before]
    assert len(reconciliation.stack.items("DELIVERY#")) == 2


def test_which_of_several_were_missed(reconciliation: Reconciliation) -> None:
    """Of an answer with several updates only those are named that changed something; what is stale is not."""
    reconciliation.stack.post(operation(details={"status": "CARD_PROD_READY"}))
    ready, done = ({"status": status} for status in ("CARD_PROD_READY", "CARD_PROD_DONE"))
    reconciliation.d1.cards[CARD] = [operation(details=ready), operation(details=done), SHIPPED]

    assert [one["status"] for one in reconciliation(cardIds=[CARD])["missed"]] == ["CARD_PROD_DONE", "CARD_SHIPPED"]


def test_a_card_that_nobody_had_told_of(reconciliation: Reconciliation) -> None:
    """All that D1 says of it was missed, of a later operation too."""
    later = operation(operationId="renewal", startTime=LATER_START)
    reconciliation.d1.cards["new"] = [operation(cardId="new"), {**later, "cardId": "new"}]

    answer = reconciliation(cardIds=["new"])

    assert [one["operationId"] for one in answer["missed"]] == [OPERATION, "renewal"]
    assert reconciliation.stack.card("new") is not None


def test_a_missed_failure_alerts_once(reconciliation: Reconciliation) -> None:
    """However often it is asked for, and sent after all by D1 itself."""
    reconciliation.d1.cards[CARD] = [FAILED]

    reconciliation(cardIds=[CARD])
    reconciliation(cardIds=[CARD])
    reconciliation.stack.post(FAILED)

    (alert,) = reconciliation.stack.alerts()
    assert alert["status"] == "DATA_EXCEPTION"


def test_a_malformed_operation_is_rejected(reconciliation: Reconciliation) -> None:
    """It goes to the queue with its origin, and the good one beside it is stored."""
    reconciliation.d1.cards[CARD] = [SHIPPED, operation(startTime="never")]

    answer = reconciliation(cardIds=[CARD])

    assert (answer["answered"], answer["failures"]) == (1, [])
    assert reconciliation.stack.card(CARD) is not None
    (rejected,) = reconciliation.stack.rejected()
    assert rejected["byReconciliation"] is True
    assert rejected["correlationId"] == reconciliation.d1.correlation_ids[0]


def test_how_it_came_outlives_a_rejection(reconciliation: Reconciliation) -> None:
    """What was rejected and goes through later still says that it was asked for."""
    reconciliation.d1.cards[CARD] = [operation(startTime="never")]
    reconciliation(cardIds=[CARD])
    (rejected,) = reconciliation.stack.rejected()
    mended = rejected | {"operation": operation()}
    queue = client("sqs").get_queue_url(QueueName="rejected")["QueueUrl"]
    client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(mended))

    reconciliation.stack.order_replay(dryRun=False, operationsASecond=10_000)

    (entry,) = reconciliation.stack.query(cardId=CARD, history=True)["history"]
    assert entry["byReconciliation"] is True


def test_d1_does_not_know_the_card(reconciliation: Reconciliation) -> None:
    """That is said, and is no failure."""
    answer = reconciliation(cardIds=[CARD])

    assert (answer["unknownToD1"], answer["failures"], answer["finished"]) == ([CARD], [], True)


OTHER: Final = [
    Told(200, json.dumps({"operations": [operation(cardId="other")]})),
    Told(200, json.dumps({"operations": [SHIPPED, operation(cardId="other")]})),
    Told(200, json.dumps({"operations": [operation(cardId="other", startTime="never")]})),
    Told(200, json.dumps({"operations": [operation(issuerId="BANK000002")]})),
    Told(200, json.dumps({"issuerId": "BANK000002", "operations": [operation()]})),
    Told(200, json.dumps({"issuerId": None, "operations": [operation()]})),
]


@pytest.mark.parametrize("told", OTHER)
def test_an_answer_about_another_card_or_issuer_is_refused(reconciliation: Reconciliation, told: Told) -> None:
    """The whole of it: nothing is stored, alerted or put into the queue."""
    reconciliation.d1.faults = [told]

    answer = reconciliation(cardIds=[CARD])

    assert [failure["cardId"] for failure in answer["failures"]] == [CARD]
    assert reconciliation.stack.items() == []
    assert reconciliation.stack.rejected() == []


def test_an_answer_for_our_issuer_is_taken(reconciliation: Reconciliation) -> None:
    """Where it names the issuer, and rightly."""
    reconciliation.d1.faults = [Told(200, json.dumps({"issuerId": "BANK000001", "operations": [operation()]}))]

    assert reconciliation(cardIds=[CARD])["answered"] == 1


RUBBISH: Final = ["", "<html>", "[]", "{}", '{"operations": 5}', "[" * 100_000]


def test_rubbish_stops_no_other_card(reconciliation: Reconciliation) -> None:
    """Each unreadable answer is a failure of its card, named by its reason; nothing of it is kept, and D1 asked on."""
    bad = [f"bad-{number}" for number in range(len(RUBBISH))]
    order = [card_id for pair in zip(bad, [f"good-{card_id}" for card_id in bad], strict=True) for card_id in pair]
    for card_id in order:
        reconciliation.d1.cards[card_id] = [operation(cardId=card_id)]
    reconciliation.d1.faults = [fault for text in RUBBISH for fault in (Told(200, text), None)]

    answer = reconciliation(cardIds=order)

    assert answer["answered"] == len(RUBBISH)
    assert [failure["cardId"] for failure in answer["failures"]] == bad
    assert answer["failures"][0]["detail"] == "NOT_JSON"
    assert answer["finished"]
    assert reconciliation.stack.rejected() == []


def test_the_rate_is_kept(reconciliation: Reconciliation) -> None:
    """No more cards a second than the parameter says, or the order."""
    reconciliation(cardIds=["a", "b"])
    reconciliation(cardIds=["a", "b"], cardsASecond=0.5)

    assert reconciliation.pauses == [0.2, 0.2, 2, 2]


def test_d1_asks_for_patience(reconciliation: Reconciliation) -> None:
    """After 429 and 503 it waits as long as D1 says, or ever longer, and asks again."""
    reconciliation.d1.cards["a"] = [operation(cardId="a")]
    reconciliation.d1.cards["b"] = [operation(cardId="b")]
    reconciliation.d1.faults = [Told(429, headers={"Retry-After": "7"}), None, Told(503), None]

    answer = reconciliation(cardIds=["a", "b"])

    assert (answer["answered"], answer["failures"]) == (2, [])
    assert reconciliation.pauses == [7, 0.2, use_case.FIRST_PAUSE_SECONDS, 0.2]


def test_d1_asks_for_more_patience_than_there_is(reconciliation: Reconciliation) -> None:
    """Where it wants to be left alone for longer than the run lasts, the run is over, and D1 is not asked again."""
    reconciliation.d1.faults = [Told(429, headers={"Retry-After": "3600"})]

    answer = reconciliation(cardIds=["a", "b"])

    assert [failure["detail"] for failure in answer["failures"]] == ["production_status: 429"]
    assert not answer["finished"]
    assert reconciliation.d1.asked == ["a"]


def test_one_card_that_always_fails(reconciliation: Reconciliation) -> None:
    """It is asked about twice, is a failure, and the others are reconciled."""
    for card_id in ("a", "b", "c"):
        reconciliation.d1.cards[card_id] = [operation(cardId=card_id)]
    reconciliation.d1.faults = [None, Told(500), Told(500), None]

    answer = reconciliation(cardIds=["a", "b", "c"])

    assert (answer["answered"], answer["finished"]) == (2, True)
    assert answer["failures"] == [{"cardId": "b", "detail": "production_status: 500"}]


def test_d1_goes_down_midway(reconciliation: Reconciliation) -> None:
    """After some cards in a row without an answer the run ends; what was stored stays, and the rest comes later."""
    cards = [f"c{number}" for number in range(20)]
    for card_id in cards:
        reconciliation.d1.cards[card_id] = [operation(cardId=card_id)]
    reconciliation.d1.faults = [None, None, *[Told(hang_up=True)] * 100]

    answer = reconciliation(cardIds=cards)

    assert (answer["answered"], answer["finished"]) == (2, False)
    assert [failure["cardId"] for failure in answer["failures"]] == cards[2:7]
    assert len(reconciliation.d1.asked) == 2 + 5 * use_case.ATTEMPTS

    reconciliation.d1.faults = []
    assert reconciliation(cardIds=cards)["answered"] == 20


def test_d1_is_down_altogether(reconciliation: Reconciliation) -> None:
    """Not even a token: the run ends soon."""
    reconciliation.d1.down = True

    answer = reconciliation(cardIds=[f"c{number}" for number in range(20)])

    assert len(answer["failures"]) == use_case.FAILURES_IN_A_ROW
    assert not answer["finished"]
    assert sum(reconciliation.pauses) < 60


def test_we_are_refused(reconciliation: Reconciliation) -> None:
    """A token that is not taken although it is new is no reason to hammer D1."""
    reconciliation.d1.faults = [Told(401)] * 100

    answer = reconciliation(cardIds=[f"c{number}" for number in range(20)])

    assert len(answer["failures"]) == use_case.FAILURES_IN_A_ROW
    assert reconciliation.d1.tokens_given == 1 + use_case.FAILURES_IN_A_ROW


def test_a_401_once(reconciliation: Reconciliation) -> None:
    """A token that D1 has forgotten costs a new one and no card."""
    reconciliation.d1.cards[CARD] = [operation()]
    reconciliation(cardIds=["before"])
    reconciliation.d1.valid_token = "forgotten"

    assert reconciliation(cardIds=[CARD])["answered"] == 1
    assert reconciliation.d1.tokens_given == 2


def test_no_time(reconciliation: Reconciliation) -> None:
    """Without time for a card none is begun, and the answer says that there are more."""
    answer = reconciliation.app.handler({"cardIds": [CARD]}, Context(milliseconds_left=20_000))

    assert not answer["finished"]
    assert reconciliation.d1.asked == []


def test_the_table_fails(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be stored is a failure, not noted as asked about, and asked about again in the next run."""
    reconciliation.d1.cards[CARD] = [SHIPPED]
    without_pauses(monkeypatch)
    with monkeypatch.context() as broken:
        table = reconciliation.app.reconcile.receive.store._table
        fault = once("batch_execute_statement", 0, client_error("AccessDeniedException"))
        broken.setattr(table, "client", Faulty(client("dynamodb"), fault))
        answer = reconciliation(cardIds=[CARD])
    assert answer["failures"] == [{"cardId": CARD, "detail": "batch_execute_statement: AccessDeniedException"}]
    assert reconciliation.stack.items() == []

    assert len(reconciliation(cardIds=[CARD])["missed"]) == 1


def test_a_secret_that_cannot_be_read(reconciliation: Reconciliation) -> None:
    """It is named, with AWS's own code, and nobody is asked."""
    client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)

    answer = reconciliation(cardIds=[CARD])

    assert answer["failures"] == [{"cardId": CARD, "detail": "get_secret_value: ResourceNotFoundException"}]


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


def test_a_card_without_an_answer_is_asked_about_again(
    reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the very next run."""
    now_again = days_ago(reconciliation, monkeypatch, 10)
    reconciliation.stack.post(operation())
    now_again()
    reconciliation.d1.cards[CARD] = [SHIPPED]
    reconciliation.d1.faults = [Told(500), Told(500)]

    assert reconciliation()["answered"] == 0
    assert reconciliation()["answered"] == 1


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

    (item,) = reconciliation.stack.items(questions.QUESTION_KEY)
    assert int(item["expiresAt"]["N"]) - int(item["askedAt"]["N"]) // 1_000_000 == 400 * 86_400


CITY: Final = "Castrop-Rauxel"


def test_nothing_of_it_is_in_the_log(
    reconciliation: Reconciliation, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Neither key nor token, nor assertion, nor anything of an answer, whatever comes of it."""
    planted = operation(
        status="FAILED",
        error=f"{TEST_CARD_NUMBER} {CITY}",
        consumerId=CITY,
        details={"status": f"{CITY} {TEST_CARD_NUMBER}", "reason": CITY},
    )
    d1 = reconciliation.d1
    d1.cards = {CARD: [planted], "failed": [{**planted, "cardId": "failed", "details": {"status": "DATA_EXCEPTION"}}]}
    d1.faults = [
        Told(200, CITY),
        Told(200, json.dumps({"operations": [{**planted, "cardId": CITY}]})),
        Told(400, CITY, {"x": CITY}),
        Told(500, CITY),
        Told(302, CITY, {"Location": f"https://{CITY}"}),
    ]
    order = ["a", "b", "c", "d", CARD, "failed"]

    answers = [reconciliation(cardIds=order), reconciliation(cardIds=order)]
    stranger = Authority(tmp_path, "own").client("bank", "CN=BANK000001")
    broken = replace(reconciliation.bank, certificate=stranger).secret()
    client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=broken)
    reconciliation.app.reconcile.api._access._secret._read_at = float("-inf")
    answers.append(reconciliation(cardIds=order))

    said = capsys.readouterr().out + json.dumps(answers)
    assert "notification had been missed" in said
    assert "card not reconciled" in said
    key = pem_of(reconciliation.bank.signing_key).splitlines()[1]
    for canary in (CITY, TEST_CARD_NUMBER, key, "PRIVATE KEY", "Bearer", "eyJ", *(f"token-{n}" for n in range(1, 5))):
        assert canary not in said
