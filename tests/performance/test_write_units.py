"""What a notification is billed, as an engine reports it that counts as AWS does; docs/operations.md tells it."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Final

import pytest

from card_tracking.adapters.alert_outbox import AlertOutbox
from card_tracking.adapters.alert_topic import AlertTopic
from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.adapters.questions import Questions
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from card_tracking.domain.due_dates import WEEKDAYS, WorkingCalendar
from card_tracking.domain.instants import now, parse_instant
from card_tracking.use_cases.alert_overdue import AlertOverdueCards
from card_tracking.use_cases.reconcile import ReconcileCards
from local.engine import ROOT
from tests.performance.bodies import body, operation
from tests.performance.conftest import TABLE, CountingAws, Receive, receiving
from tests.proof.product import Services, composed


class Billed:
    """A client that asks for the write units of every call, and adds up those of the table."""

    def __init__(self, client: Any) -> None:
        """Stand before a client."""
        self._client = client
        self.units: Counter[str] = Counter()
        self.batch_get_item = client.batch_get_item

    def batch_write_item(self, **request: Any) -> Any:
        """Put, and add up."""
        return self._add(self._client.batch_write_item(ReturnConsumedCapacity="INDEXES", **request))

    def batch_execute_statement(self, **request: Any) -> Any:
        """Execute, and add up."""
        return self._add(self._client.batch_execute_statement(ReturnConsumedCapacity="INDEXES", **request))

    def _add(self, answer: Any) -> Any:
        for consumed in answer["ConsumedCapacity"]:
            self.units["table"] += consumed["Table"]["CapacityUnits"]
            for index, units in consumed.get("GlobalSecondaryIndexes", {}).items():
                self.units[index] += units["CapacityUnits"]
        return answer


@pytest.fixture
def billed(reporting_table: Any) -> Billed:
    """Give a client that bills."""
    return Billed(reporting_table)


@pytest.fixture
def receive(billed: Billed, aws: CountingAws) -> Iterator[Receive]:
    """Receive a body by the use case, on the table that bills."""
    yield from receiving(Services(billed, TABLE, aws, aws, aws))


@pytest.mark.parametrize("operations", [1, 100])
def test_a_new_status_costs_two_units(billed: Billed, receive: Receive, operations: int) -> None:
    """Status and delivery are a unit each, and the indexes of statuses and of open cards are one more each."""
    receive(body(f"new{operations}", operations))
    assert billed.units == {"table": 2 * operations, "ByStatus": operations, "OpenCards": operations}


@pytest.mark.parametrize("operations", [1, 100])
def test_the_next_status_costs_two_units(billed: Billed, receive: Receive, operations: int) -> None:
    """So does the next status; in the index of statuses an entry is taken out and another put in.

    The index of open cards goes by the due date, which stays as it is: nothing is written to it.
    """
    receive(body(f"next{operations}", operations))
    billed.units.clear()
    receive(body(f"next{operations}", operations, "CARD_PROD_READY"))
    assert billed.units == {"table": 2 * operations, "ByStatus": 2 * operations}


def test_a_due_date_and_an_end_are_written_to_the_index_of_open_cards(billed: Billed, receive: Receive) -> None:
    """A due date moves the card there, which is an entry out and another in; its end takes the entry out."""
    receive(body("due", 1, "CARD_PROD_REQUESTED").replace('"dueDate": "2025-01-21", ', ""))
    billed.units.clear()
    receive(body("due", 1))
    assert billed.units["OpenCards"] == 2
    billed.units.clear()
    receive(body("due", 1, "CARD_SHIPPED"))
    assert billed.units["OpenCards"] == 1


@pytest.mark.parametrize("operations", [1, 100])
def test_a_repetition_costs_its_delivery(billed: Billed, receive: Receive, operations: int) -> None:
    """The status of a duplicate is not written: no unit for it, and one for the delivery."""
    receive(body(f"again{operations}", operations))
    billed.units.clear()
    receive(body(f"again{operations}", operations))
    assert billed.units == {"table": operations}


def test_an_overdue_card_costs_what_an_alert_costs(billed: Billed, receive: Receive, aws: CountingAws) -> None:
    """Its row and the index of pending alerts, put in and marked: four units a day."""
    receive(body("late", 1))
    table = Table(billed, TABLE)  # type: ignore[arg-type]  # a client, so far as it is asked
    alert_overdue_cards = AlertOverdueCards(
        reader=CardStatusReader(TABLE, billed._client),
        outbox=AlertOutbox(table, 400),
        topic=AlertTopic(lambda: aws, "topic", "BANK000001"),  # type: ignore[arg-type,return-value]  # the same
        calendar=WorkingCalendar(WEEKDAYS),
        now=lambda: parse_instant("2025-01-22T06:00:00Z"),
    )
    billed.units.clear()

    report = alert_overdue_cards(Deadline())

    assert report.published == report.overdue > 0
    assert sum(billed.units.values()) == 4 * report.overdue


def test_a_question_costs_three_units(billed: Billed, aws: CountingAws) -> None:
    """That D1 is asked, the delivery of an answer without news, and that D1 answered are a unit each."""
    answer = body("asked", 1)
    (card_id,) = [one["cardId"] for one in json.loads(answer)["operations"]]
    with composed(Services(billed, TABLE, aws, aws, aws)) as compose:
        reconcile = ReconcileCards(
            api=SimpleNamespace(production_status=lambda *_: answer),  # type: ignore[arg-type]  # D1
            receive=compose(),
            questions=Questions(Table(billed, TABLE), 400),  # type: ignore[arg-type]  # the same as above
            issuer_id="BANK000001",
            now=now,
            pause=lambda _: None,
        )
        reconcile([card_id], 5, Deadline())
        billed.units.clear()

        report = reconcile([card_id], 5, Deadline())

    assert (report.answered, report.missed) == (1, [])
    assert billed.units == {"table": 3}
    assert "a question costs 3 write units" in (ROOT / "docs/operations.md").read_text()


LIFE: Final = (
    "CARD_PROD_REQUESTED",
    "DATA_PREPARED",
    "CARD_PROD_READY",
    "CARD_PROD_ONGOING",
    "CARD_PROD_DONE",
    "CARD_SHIPPED",
)


def live(receive: Receive, tag: str, **details: str) -> None:
    """Let a card be made, one notification a status; its due date is told with the second one, as D1 does."""
    for status in LIFE:
        told = operation(tag, 1, status)
        if status == LIFE[0]:
            told["details"] = {"status": status}
        told["details"] |= details
        receive(json.dumps({"operations": [told]}))


WORK: Final[Mapping[str, Callable[[Receive], object]]] = {
    "the life of a card: six updates, a due date and an input file": lambda receive: live(
        receive, "file", inputFileName="BANK000001_20250117.xml"
    ),
    "the same without an input file": lambda receive: live(receive, "bare"),
    "a new card whose first update fails, its alert published": lambda receive: receive(
        body("fail", 1, "DATA_EXCEPTION")
    ),
    "a repetition": lambda receive: receive(body("seen", 1)),
    "an operation other than `PRODUCE`": lambda receive: receive(
        json.dumps({"operations": [operation("other", 1) | {"operation": "SUSPEND"}]})
    ),
}


def documented() -> dict[str, int]:
    """Read the write units that docs/operations.md tells."""
    section = (ROOT / "docs/operations.md").read_text().split("### Write units")[1].split("\n#")[0]
    return {what: int(units) for what, units in re.findall(r"^\| (.+?) \| (\d+) \|$", section, re.MULTILINE)}


def test_nothing_else_is_documented() -> None:
    """Every figure in the document is one that is measured here."""
    assert list(documented()) == list(WORK)


@pytest.mark.parametrize("what", WORK)
def test_what_is_documented_is_what_is_billed(billed: Billed, receive: Receive, what: str) -> None:
    """Each figure in the document is what the engine bills, indexes and all."""
    if what == "a repetition":
        receive(body("seen", 1))
        billed.units.clear()

    WORK[what](receive)

    assert sum(billed.units.values()) == documented()[what]
