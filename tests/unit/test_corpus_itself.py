"""The corpus: complete, separable, and compared so that a difference is seen."""

import json
import re
from pathlib import Path

import pytest

from receive_notification import answers
from tests.corpus import EVENTS, Case, Outcome, Request, differences, load_cases

CASES = load_cases()


def good(case: Case) -> Outcome:
    """Make an outcome that is all that a case promises."""
    return Outcome(
        answers=list(case.answers),
        cards=dict(case.cards),
        deliveries=dict(case.deliveries),
        alerts=[dict(alert) for alert in case.alerts],
        rejected=[{"reason": reason, "correlationId": case.name} for reason in case.rejected],
    )


CASE = Case(
    name="case",
    promise="A promise.",
    requests=[Request("{}", is_base64=False, headers={}, issuer_id=None)],
    answers=[204],
    cards={"c": {"status": "S", "error": None, "shipment": {"carrier": "x"}}, "d": None},
    alerts=[{"cardId": "c", "status": "S", "superseded": False}],
    rejected=["R"],
    deliveries={"c": 2},
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_is_whole(case: Case) -> None:
    """Every case promises something in a sentence, and an answer for each request, from the table of answers."""
    assert re.fullmatch(r"[A-Z].+\.", case.promise)
    assert len(case.answers) == len(case.requests)
    assert set(case.answers) <= {answer.status_code for answer in answers.ALL}
    assert all(request.content() or request.body == "" for request in case.requests)
    assert {alert["cardId"] for alert in case.alerts} <= set(case.cards)
    assert differences(case, good(case)) == []


def test_cases_do_not_meet() -> None:
    """No card stands in two cases, so that all of them can run in one stack."""
    cards = [card_id for case in CASES for card_id in {*case.cards, *case.deliveries}]
    assert len(cards) == len(set(cards))
    assert len(CASES) > 40


def test_a_sentence_is_promised_once() -> None:
    """Every case is there for a promise of its own."""
    assert len({case.promise for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("answers", [503]),
        ("answers", []),
        ("cards", {"c": None, "d": None}),
        ("cards", {"c": {"status": "T", "shipment": {"carrier": "x"}}, "d": None}),
        ("cards", {"c": {"status": "S", "error": "e", "shipment": {"carrier": "x"}}, "d": None}),
        ("cards", {"c": {"status": "S", "shipment": {"carrier": "y"}}, "d": None}),
        ("cards", {"c": {"status": "S", "shipment": None}, "d": None}),
        ("cards", {"c": {"status": "S", "shipment": {"carrier": "x"}}, "d": {"status": "S"}}),
        ("alerts", []),
        ("alerts", [{"cardId": "c", "status": "S", "superseded": True}]),
        ("alerts", [{"cardId": "c", "status": "S", "superseded": False}] * 2),
        ("rejected", []),
        ("rejected", [{"reason": "R", "correlationId": "case"}, {"reason": "Q", "correlationId": "case"}]),
        ("deliveries", {"c": 3}),
        ("deliveries", {}),
    ],
)
def test_a_difference_is_seen(name: str, value: object) -> None:
    """A wrong answer, status, alert, rejection or history is told, each by itself."""
    outcome = good(CASE)
    assert differences(CASE, outcome) == []
    setattr(outcome, name, value)
    assert differences(CASE, outcome) != []


def test_what_others_caused_is_ignored() -> None:
    """Alerts and rejections of other cases, and members that a case does not name, are none of its business."""
    outcome = good(CASE)
    outcome.alerts.append({"cardId": "elsewhere", "status": "S", "superseded": False})
    outcome.rejected.append({"reason": "R", "correlationId": "another"})
    outcome.cards["c"] = {"status": "S", "shipment": {"carrier": "x", "more": 1}, "more": 2}
    assert differences(CASE, outcome) == []


def test_reading(tmp_path: Path) -> None:
    """A case is read with the usual headers unless it gives them itself, and a text body stays as it is."""
    expected = {"answers": [204, 204], "cards": {}, "alerts": [], "rejected": []}
    requests = [
        {"body": " {}"},
        {"body": "e30=", "isBase64Encoded": True, "headers": {"CONTENT-TYPE": "x"}, "issuerId": "I"},
    ]
    (tmp_path / "one.json").write_text(json.dumps({"promise": "P.", "requests": requests, "expected": expected}))
    [case] = load_cases(tmp_path)
    plain, encoded = case.requests
    assert plain.event("BANK")["body"] == " {}"
    assert plain.event("BANK")["pathParameters"] == {"issuerId": "BANK"}
    assert plain.headers == {"Content-Type": "application/json", "x-correlation-id": "one"}
    assert encoded.content() == b"{}"
    assert encoded.headers == {"CONTENT-TYPE": "x", "x-correlation-id": "one"}
    assert encoded.event("BANK")["pathParameters"] == {"issuerId": "I"}


def test_readme_names_the_members() -> None:
    """The README beside the files explains every member that they use."""
    text = (EVENTS / "README.md").read_text()
    for path in EVENTS.glob("*.json"):
        document = json.loads(path.read_text())
        used = {*document, *document["expected"], *(document.get("requests") or [document["request"]])[0]}
        assert all(f"`{name}`" in text or f".{name}`" in text for name in used - {"expected"})
