"""Whatever D1 or the table does, the run ends in time, tells what failed, and D1 is not hammered."""

import json
import ssl
from pathlib import Path
from typing import Final

import pytest

from card_tracking.adapters.d1_api import D1Api
from card_tracking.deadline import Deadline
from tests.d1.server import Told, serving
from tests.samples import CARD, operation
from tests.security.certificates import Authority
from tests.wiring.faults import Faulty, always, client_error, once, without_pauses
from tests.wiring.reconcile.reconciliation import SECRET, SHIPPED, Reconciliation, days_ago
from tests.wiring.stack import Context, client

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
    assert reconciliation.pauses == [7, 0.2, 1, 0.2]


def test_d1_asks_for_more_patience_than_there_is(reconciliation: Reconciliation) -> None:
    """Where it wants to be left alone for longer than the run lasts, the run is over, and D1 is not asked again."""
    reconciliation.d1.faults = [Told(429, headers={"Retry-After": "3600"})]

    answer = reconciliation(cardIds=["a", "b"])

    assert [failure["detail"] for failure in answer["failures"]] == ["production_status: 429"]
    assert not answer["finished"]
    assert reconciliation.d1.asked == ["a"]


def test_d1_asks_for_patience_near_the_end(reconciliation: Reconciliation) -> None:
    """A wait after which no time is left for a card ends the run without waiting."""
    reconciliation.d1.faults = [Told(503, headers={"Retry-After": "7"})]

    # 31 s beside the reserve of 2 s, of which a card needs 25 s.
    answer = reconciliation.app.handler({"cardIds": ["a", "b"]}, Context(milliseconds_left=33_000))

    assert not answer["finished"]
    assert reconciliation.d1.asked == ["a"]
    assert reconciliation.pauses == []


def test_one_card_that_always_fails(reconciliation: Reconciliation) -> None:
    """It is asked about twice, is a failure, and the others are reconciled."""
    for card_id in ("a", "b", "c"):
        reconciliation.d1.cards[card_id] = [operation(cardId=card_id)]
    reconciliation.d1.faults = [None, Told(500), Told(500), None]

    answer = reconciliation(cardIds=["a", "b", "c"])

    assert (answer["answered"], answer["finished"]) == (2, True)
    assert answer["failures"] == [{"cardId": "b", "detail": "production_status: 500"}]
    # After the second attempt too: the next card is asked of the same D1.
    assert reconciliation.pauses == [0.2, 1, 2, 0.2, 0.2]


def test_d1_goes_down_midway(reconciliation: Reconciliation) -> None:
    """After some cards in a row without an answer the run ends; what was stored stays, and the rest comes later."""
    cards = [f"c{number}" for number in range(20)]
    for card_id in cards:
        reconciliation.d1.cards[card_id] = [operation(cardId=card_id)]
    reconciliation.d1.faults = [None, None, *[Told(hang_up=True)] * 100]

    answer = reconciliation(cardIds=cards)

    assert (answer["answered"], answer["finished"]) == (2, False)
    assert [failure["cardId"] for failure in answer["failures"]] == cards[2:7]
    assert len(reconciliation.d1.asked) == 2 + 5 * 2
    assert sum(reconciliation.pauses) < 20

    reconciliation.d1.faults = []
    assert reconciliation(cardIds=cards)["answered"] == 20


@pytest.mark.parametrize(
    "no_answer",
    [[Told(500)] * 2, [Told(hang_up=True)] * 2, [Told(403)], [Told(400)], [Told(302)], [Told(200, "<html>")]],
)
def test_five_cards_in_a_row_end_the_run(reconciliation: Reconciliation, no_answer: list[Told]) -> None:
    """D1 can be down for all cards whatever it sends: the run ends, and five cards at most have lost their turn."""
    cards = [f"c{number}" for number in range(20)]
    reconciliation.d1.faults = [*no_answer * 20]

    answer = reconciliation(cardIds=cards)

    assert [failure["cardId"] for failure in answer["failures"]] == cards[:5]
    assert not answer["finished"]
    assert len(reconciliation.stack.items("QUESTION")) == 5


def test_four_cards_in_a_row_do_not_end_the_run(reconciliation: Reconciliation) -> None:
    """An answer about any card shows that D1 is up, also if it does not know the card."""
    cards = [f"c{number}" for number in range(15)]
    four = [Told(403)] * 4
    reconciliation.d1.faults = [*four, None, *four, None, *four, None]

    answer = reconciliation(cardIds=cards)

    assert (len(answer["failures"]), len(answer["unknownToD1"]), answer["finished"]) == (12, 3, True)


@pytest.mark.parametrize(
    ("token_faults", "faults", "detail"),
    [
        ([Told(400)], [], "d1_token: 400"),
        ([Told(401)], [], "d1_token: 401"),
        ([Told(403)], [], "d1_token: 403"),
        ([Told(429)] * 2, [], "d1_token: 429"),
        ([Told(503)] * 2, [], "d1_token: 503"),
        ([Told(hang_up=True)] * 2, [], "d1_token: ProtocolError"),
        ([], [Told(401)] * 2, "production_status: 401"),
        ([], [Told(429)] * 2, "production_status: 429"),
    ],
)
def test_a_failure_that_concerns_every_card_ends_the_run(
    reconciliation: Reconciliation,
    capsys: pytest.CaptureFixture[str],
    token_faults: list[Told | None],
    faults: list[Told | None],
    detail: str,
) -> None:
    """The run ends at its first card, says so without naming a card, and costs no other card its turn."""
    reconciliation.d1.token_faults, reconciliation.d1.faults = token_faults, faults

    answer = reconciliation(cardIds=[f"c{number}" for number in range(20)])

    assert answer["failures"] == [{"detail": detail}]
    assert not answer["finished"]
    assert set(reconciliation.d1.asked) <= {"c0"}
    assert [item["pk"]["S"] for item in reconciliation.stack.items()] == ["CARD#c0"]
    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (error,) = [entry for entry in entries if entry.get("level") == "ERROR"]
    assert (error["message"], error["detail"]) == ("reconciliation ended early", detail)
    assert "card_id" not in error
    assert entries[-1]["ReconciliationsFailed"] == [1]


def test_d1_cannot_be_reached(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection ends the run at once, also if there is a token from before."""
    reconciliation(cardIds=["before"])
    with serving(lambda _: Told()) as gone:
        address = gone.url.replace("http:", "https:")
    monkeypatch.setattr(reconciliation.app.reconcile.api, "_url", address)

    answer = reconciliation(cardIds=["a", "b"])

    assert answer["failures"] == [{"detail": "production_status: NewConnectionError"}]
    assert not answer["finished"]


def test_d1_refuses_our_certificate(
    reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A failed TLS handshake ends the run at once, also if there is a token from before."""
    api = reconciliation.app.reconcile.api
    reconciliation(cardIds=["before"])
    server = Authority(tmp_path, "other").server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.pem)
    with serving(lambda _: Told(), context) as forged:
        monkeypatch.setattr(api, "_url", forged.url)
        answer = reconciliation(cardIds=["a", "b"])

    assert answer["failures"] == [{"detail": "production_status: CERTIFICATE_VERIFY_FAILED"}]
    assert not answer["finished"]


def test_a_crash_costs_one_card_its_turn(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking is recorded before the question, so the next run begins with other cards."""
    now_again = days_ago(reconciliation, monkeypatch, 10)
    reconciliation.stack.post(operation(cardId="deadly"))
    now_again()
    now_again = days_ago(reconciliation, monkeypatch, 9)
    reconciliation.stack.post(operation(cardId="other"))
    now_again()
    ask = reconciliation.app.reconcile.api.production_status

    class Crash(Exception):
        """What nobody catches."""

    def crash(api: D1Api, card_id: str, correlation_id: str, deadline: Deadline) -> str | None:
        if card_id == "deadly":
            raise Crash
        answer: str | None = ask(card_id, correlation_id, deadline)
        return answer

    monkeypatch.setattr(D1Api, "production_status", crash)

    with pytest.raises(Crash):
        reconciliation()
    answer = reconciliation()

    assert (answer["unknownToD1"], answer["finished"]) == (["other"], True)


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


def test_the_table_takes_no_question(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """D1 is not asked if that could not be recorded: each run would ask about the same cards."""
    without_pauses(monkeypatch)
    table = reconciliation.app.reconcile.questions._table
    fault = always(client_error("AccessDeniedException"))
    monkeypatch.setattr(table, "client", Faulty(client("dynamodb"), fault))

    answer = reconciliation(cardIds=["a", "b"])

    assert answer["failures"] == [{"detail": "batch_write_item: AccessDeniedException"}]
    assert (answer["finished"], reconciliation.d1.asked) == (False, [])


def test_the_table_fails(reconciliation: Reconciliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be stored is a failure of its card, which has no answer yet."""
    reconciliation.d1.cards[CARD] = [SHIPPED]
    without_pauses(monkeypatch)
    with monkeypatch.context() as broken:
        table = reconciliation.app.reconcile.receive.store._table
        fault = once("batch_execute_statement", 0, client_error("AccessDeniedException"))
        broken.setattr(table, "client", Faulty(client("dynamodb"), fault))
        answer = reconciliation(cardIds=[CARD])
    assert answer["failures"] == [{"cardId": CARD, "detail": "batch_execute_statement: AccessDeniedException"}]
    (question,) = reconciliation.stack.items()
    assert question["answered"] == {"BOOL": False}

    assert len(reconciliation(cardIds=[CARD])["missed"]) == 1
    (question,) = reconciliation.stack.items("QUESTION")
    assert question["answered"] == {"BOOL": True}


def test_a_secret_that_cannot_be_read(reconciliation: Reconciliation) -> None:
    """It is named, with AWS's own code, and nobody is asked."""
    client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)

    answer = reconciliation(cardIds=[CARD])

    assert answer["failures"] == [{"detail": "get_secret_value: ResourceNotFoundException"}]
