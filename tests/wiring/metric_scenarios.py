"""The table of metrics: for each scenario of the real handlers every metric that it emits, with its exact value.

A metric is a promise to alarms and dashboards. A new metric needs a scenario here (``test_metrics`` checks it).
"""

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

import metric_names
from card_tracking.adapters.d1_api import D1Api
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.domain.due_dates import WEEKDAYS, WorkingCalendar
from card_tracking.domain.instants import Instant, now
from card_tracking.errors import DependencyFailed, InvalidQuery
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import Origin
from tests.edges import fresh_edge
from tests.proof.doubles import Functions
from tests.samples import CARD, body, instant, operation, update
from tests.security.edges import ENVIRONMENT as ENVIRONMENT_OF_TOKENS
from tests.security.edges import KEY, Known
from tests.wiring.faults import always, break_topic, client_error
from tests.wiring.stack import ENVIRONMENT_OF_RECONCILING, ISSUER, Context, Stack
from tests.wiring.test_replay import put

OF_EACH_STATUS: Final = {
    "CARD_PROD_REQUESTED": "PENDING",
    "DATA_PREPARED": "PENDING",
    "DATA_EXCEPTION": "FAILED",
    "CARD_PROD_READY": "PENDING",
    "CARD_PROD_ONGOING": "PENDING",
    "CARD_PROD_EXCEPTION": "PENDING",
    "CARD_PROD_DONE": "PENDING",
    "CARD_PROD_CANCELED": "PENDING",
    "CARD_SHIPPED": "SUCCESSFUL",
}
FAILURE: Final = operation(status="FAILED", details={"status": "DATA_EXCEPTION"})
CANCELED: Final = operation(details={"status": "CARD_PROD_CANCELED"})
SHIPPED: Final = operation(status="SUCCESSFUL", details={"status": "CARD_SHIPPED"})
SUBJECT: Final = "CN=d1,O=Thales"
DELAY: Final = next(name for name in metric_names.ALL if name.startswith("OldestAlert"))
UNITS: Final = {DELAY: "Seconds"}
"""Units of metrics that do not count; the unit of all others is Count."""

Step = Callable[[], Any]
Prepare = Callable[[Stack, pytest.MonkeyPatch], Step]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A step of one handler, and every metric of it."""

    name: str
    prepare: Prepare
    """Prepare the stack, and return the step."""
    metrics: Mapping[str, float]


def failures(count: int) -> list[dict[str, Any]]:
    """Return failures of distinct cards."""
    return [FAILURE | {"cardId": f"card-{number:03d}"} for number in range(count)]


# --- receive_notification ------------------------------------------------------------------------


def _post(*operations: Any, after: Sequence[Any] = (), text: str | None = None) -> Prepare:
    def prepare(stack: Stack, _: pytest.MonkeyPatch) -> Step:
        for earlier in after:
            stack.post(earlier)
        return lambda: stack.post(*operations, text=text)

    return prepare


def _call(issuer: str, request_id: str = "request-1") -> Prepare:
    event = {"pathParameters": {"issuerId": issuer}, "requestContext": {"requestId": request_id}, "body": body()}
    return lambda stack, _: lambda: stack.deliver(event)


def _storm(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Step:
    monkeypatch.setattr(stack.receive.receive.call_relay, "_client", Functions())
    return lambda: stack.post(*failures(63))


def _while_the_topic_is_down(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Step:
    break_topic(stack, monkeypatch, always(client_error("InternalFailure", 500)))
    return lambda: stack.post(*failures(3))


def _without_time(stack: Stack, _: pytest.MonkeyPatch) -> Step:
    stack.context = Context(milliseconds_left=0)
    return lambda: stack.post(operation())


def _against_rivals(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Step:
    """Let another delivery write two of three cards first, and one of them once more while they are merged again."""
    receive, store = stack.receive.receive, stack.receive.receive.store
    write, rounds = store.write, [["a", "b"], ["a"], []]

    def write_after_rivals(*arguments: Any) -> Any:
        rivals = [operation(cardId=one, details={"status": f"HELD_{len(rounds)}"}) for one in rounds.pop(0)]
        with monkeypatch.context() as undisturbed:
            undisturbed.setattr(store, "write", write)
            receive(read_notification(body(*rivals), now()), Origin(now(), "rival", None), Deadline())
        return write(*arguments)

    monkeypatch.setattr(store, "write", write_after_rivals)
    return lambda: stack.post(*[SHIPPED | {"cardId": one} for one in ("a", "b", "c")])


def _with_a_certificate(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Step:
    """Let D1 call with a certificate that expires in thirty days and a half."""
    monkeypatch.setattr(stack.receive, "settings", replace(stack.receive.settings, client_certificate_subject=SUBJECT))
    monkeypatch.setattr(time, "time", lambda: instant("2026-03-02T00:00:00Z") / 1_000_000)
    certificate = {"subjectDN": SUBJECT, "validity": {"notAfter": "Apr  1 12:00:00 2026 GMT"}}
    identity = {"requestContext": {"identity": {"clientCert": certificate}}}
    return lambda: stack.deliver({"pathParameters": {"issuerId": ISSUER}, "body": body(), **identity})


# --- The other functions -------------------------------------------------------------------------


def _relay(*ages: int, topic_is_down: bool = False) -> Prepare:
    """Let alerts wait that are so many seconds old, and that nobody but the relay may publish."""

    def prepare(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Step:
        at = now()
        for number, age in enumerate(ages):
            made = Instant(at - age * 1_000_000)
            alert = Alert(update("DATA_EXCEPTION", "FAILED", card_id=f"card-{number}", received=made), superseded=False)
            stack.relay.relay.outbox.add([alert], made, Deadline(), leased=False)
        if topic_is_down:
            break_topic(stack, monkeypatch, always(client_error("InternalFailure", 500)))
        monkeypatch.setattr(stack.relay, "relay", replace(stack.relay.relay, now=lambda: at))
        return stack.run_relay

    return prepare


def _query(**query: Any) -> Prepare:
    def prepare(stack: Stack, _: pytest.MonkeyPatch) -> Step:
        def step() -> None:
            try:
                stack.query(**query)
            except InvalidQuery:
                assert not query

        return step

    return prepare


def _query_of_a_broken_table(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Step:
    monkeypatch.setattr(stack.ask.reader._table, "name", "Elsewhere")

    def step() -> None:
        with pytest.raises(DependencyFailed):
            stack.query(cardId=CARD)

    return step


def _replay(*, dry_run: bool) -> Prepare:
    """Let three messages wait: two can be stored by now, with three operations between them, and one cannot."""

    def prepare(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Step:
        monkeypatch.setattr(stack.replay, "replay", replace(stack.replay.replay, pause=lambda _: None))
        put([operation(), operation(cardId="second")])
        put([operation(cardId="third")])
        put([{"cardId": CARD}])
        return lambda: stack.order_replay(dryRun=dry_run)

    return prepare


def _overdue(day: str, *, topic_is_down: bool = False) -> Prepare:
    """Let two cards be late, and one be due on the day itself."""

    def prepare(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Step:
        for number, due in enumerate(("2026-03-05", "2026-03-06", "2026-03-09")):
            stack.post(operation(cardId=f"card-{number}", details={"status": "DATA_PREPARED", "dueDate": due}))
        use_case = replace(
            stack.overdue.alert_overdue_cards,
            now=lambda: instant(f"{day}T06:00:00Z"),
            calendar=WorkingCalendar(WEEKDAYS[:5]),
        )
        monkeypatch.setattr(stack.overdue, "alert_overdue_cards", use_case)
        if topic_is_down:
            break_topic(stack, monkeypatch, always(client_error("InternalFailure", 500)))
            monkeypatch.setattr(use_case.topic, "_client", stack.relay.relay.topic._client)
        return stack.alert_overdue

    return prepare


class _D1(D1Api):
    """D1, once it has let us in: it answers about three cards, does not know the fourth, and fails for the fifth."""

    def production_status(self, card_id: str, correlation_id: str, deadline: Deadline) -> str | None:
        """Return what D1 knows of a card."""
        if card_id == "unanswered":
            raise DependencyFailed("production_status", "400")
        return {
            "failed": body(FAILURE | {"cardId": card_id}),
            "unknown status": body(operation(cardId=card_id, details={"status": "CARD_RETURNED"})),
            "told before": body(operation(cardId=card_id)),
        }.get(card_id)


def _reconcile(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Step:
    stack.post(operation(cardId="told before"))
    module = fresh_edge("reconcile_cards", ENVIRONMENT_OF_RECONCILING)
    reconcile = replace(module.reconcile, api=object.__new__(_D1), pause=lambda _: None)
    monkeypatch.setattr(module, "reconcile", reconcile)
    cards = ["failed", "unknown status", "told before", "unknown card", "unanswered"]
    monkeypatch.setattr(module, "_cards", lambda *_: cards)
    return lambda: module.handler({}, Context(milliseconds_left=300_000))


def _token(form: str, subject: str = SUBJECT, *, keys: Sequence[str] = (KEY,)) -> Prepare:
    def prepare(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Step:
        module = fresh_edge("issue_token", ENVIRONMENT_OF_TOKENS)
        known = Known(json.dumps({"clientId": "d1", "clientSecret": "secret"}))
        monkeypatch.setattr(module, "client_credentials", known)
        monkeypatch.setattr(module, "signing_key", Known(*keys))
        event = {
            "headers": {"authorization": f"Basic {base64.b64encode(b'd1:secret').decode()}"},
            "requestContext": {"identity": {"clientCert": {"subjectDN": subject}}},
            "body": form,
        }
        return lambda: module.handler(event, stack.context)

    return prepare


# --- The table -----------------------------------------------------------------------------------

TABLE: Final = (
    Scenario("an empty list", _post(), {"NotificationsReceived": 1}),
    Scenario(
        "an update of each status that we know",
        _post(
            *[
                operation(cardId=f"card-{number}", status=state, details={"status": status})
                for number, (status, state) in enumerate(OF_EACH_STATUS.items())
            ]
        ),
        {"NotificationsReceived": 1, "OperationsReceived": 9, "StatusesWritten": 9, "AlertsRaised": 2}
        | {"AlertsPublished": 2}
        | {f"Updates.{status}": 1 for status in OF_EACH_STATUS},
    ),
    Scenario(
        "three updates of one card, two of them repetitions",
        _post(operation(), operation(details={"status": "CARD_PROD_READY"}), operation(), after=[operation()]),
        {
            "NotificationsReceived": 1,
            "OperationsReceived": 3,
            "StatusesWritten": 1,
            "UpdatesWithoutChange": 2,
            "Updates.DATA_PREPARED": 2,
            "Updates.CARD_PROD_READY": 1,
        },
    ),
    Scenario(
        "two statuses that we do not know, and an operation without a status",
        _post(
            operation(cardId="a", details={"status": "HELD"}),
            operation(cardId="b", details={"status": "RETURNED"}),
            operation(cardId="c", details=None),
        ),
        {"NotificationsReceived": 1, "OperationsReceived": 3, "StatusesWritten": 3, "UnknownStatuses": 2},
    ),
    Scenario(
        "operations that cannot be stored beside others that are only recorded",
        _post({"cardId": "a"}, "no object", operation(operation="SUSPEND"), operation(operation="RESUME")),
        {"NotificationsReceived": 1, "OperationsReceived": 4, "OperationsRejected": 2},
    ),
    Scenario("no JSON", _post(text="no JSON"), {"NotificationsReceived": 1, "NotificationsUnreadable": 1}),
    Scenario("another issuer", _call("ANOTHER000"), {"NotificationsReceived": 1, "CallersRefused": 1}),
    Scenario("a refused release check", _call("ANOTHER000", "release-check-1"), {"NotificationsReceived": 1}),
    Scenario("a certificate", _with_a_certificate, {"NotificationsReceived": 1, "ClientCertificateDaysLeft": 30.5}),
    Scenario("no time", _without_time, {"NotificationsReceived": 1, "NotificationsFailed": 1}),
    Scenario(
        "a topic that is down",
        _while_the_topic_is_down,
        {
            "NotificationsReceived": 1,
            "OperationsReceived": 3,
            "StatusesWritten": 3,
            "AlertsRaised": 3,
            "AlertsLeftPending": 3,
            "Updates.DATA_EXCEPTION": 3,
        },
    ),
    Scenario(
        "a storm",
        _storm,
        {
            "NotificationsReceived": 1,
            "OperationsReceived": 63,
            "StatusesWritten": 63,
            "AlertsRaised": 63,
            "AlertsPublished": 50,
            "AlertsLeftPending": 13,
            "Updates.DATA_EXCEPTION": 63,
        },
    ),
    Scenario(
        "a failure that was received before",
        _post(FAILURE, after=[FAILURE]),
        {
            "NotificationsReceived": 1,
            "OperationsReceived": 1,
            "UpdatesWithoutChange": 1,
            "Updates.DATA_EXCEPTION": 1,
        },
    ),
    Scenario(
        "failed operations that alert nobody",
        _post(
            operation(cardId="a", status="FAILED", details=None),
            operation(cardId="b", status="FAILED", details={"status": "CARD_PROD_ONGOING"}),
            operation(cardId="c", status="FAILED", details=None),
            after=[operation(cardId="c", status="FAILED", details=None)],
        ),
        {
            "NotificationsReceived": 1,
            "OperationsReceived": 3,
            "StatusesWritten": 2,
            "UpdatesWithoutChange": 1,
            "FailuresWithoutAlert": 2,
            "Updates.CARD_PROD_ONGOING": 1,
        },
    ),
    Scenario(
        "three writes that another delivery made first",
        _against_rivals,
        {
            "NotificationsReceived": 1,
            "OperationsReceived": 3,
            "StatusesWritten": 3,
            "LostRaces": 3,
            "Updates.CARD_SHIPPED": 3,
        },
    ),
    Scenario(
        "a card that becomes canceled and shipped",
        _post(SHIPPED, after=[CANCELED]),
        {
            "NotificationsReceived": 1,
            "OperationsReceived": 1,
            "StatusesWritten": 1,
            "Contradictions": 1,
            "Updates.CARD_SHIPPED": 1,
        },
    ),
    Scenario(
        "a later update of a card that was canceled and shipped before",
        _post(
            SHIPPED | {"details": {"status": "CARD_SHIPPED", "shipment": {"lastUpdatedAt": "2026-03-09T09:00:00Z"}}},
            after=[CANCELED, SHIPPED],
        ),
        {
            "NotificationsReceived": 1,
            "OperationsReceived": 1,
            "StatusesWritten": 1,
            "Updates.CARD_SHIPPED": 1,
        },
    ),
    Scenario("a relay that finds nothing", _relay(), {"RelayRuns": 1, DELAY: 0, "AlertsPublished": 0}),
    Scenario("a relay after an outage", _relay(30, 120, 60), {"RelayRuns": 1, DELAY: 120, "AlertsPublished": 3}),
    Scenario(
        "a relay while the topic is down",
        _relay(30, 120, topic_is_down=True),
        {"RelayRuns": 1, DELAY: 120, "AlertsPublished": 0},
    ),
    Scenario("a query", _query(cardId=CARD), {"QueriesReceived": 1}),
    Scenario("a query that is refused", _query(), {"QueriesReceived": 1, "QueriesRefused": 1}),
    Scenario("a query while the table fails", _query_of_a_broken_table, {"QueriesReceived": 1}),
    Scenario("a dry run of a replay", _replay(dry_run=True), {"ReplaysOrdered": 1, "RejectedReplayed": 0}),
    Scenario("a replay", _replay(dry_run=False), {"ReplaysOrdered": 1, "RejectedReplayed": 3}),
    Scenario(
        "overdue cards on a working day",
        _overdue("2026-03-09"),
        {"OverdueRuns": 1, "CardsOverdue": 2, "AlertsRaised": 2, "AlertsPublished": 2, "AlertsLeftPending": 0},
    ),
    Scenario(
        "overdue cards while the topic is down",
        _overdue("2026-03-09", topic_is_down=True),
        {"OverdueRuns": 1, "CardsOverdue": 2, "AlertsRaised": 2, "AlertsPublished": 0, "AlertsLeftPending": 2},
    ),
    Scenario(
        "overdue cards on a Saturday",
        _overdue("2026-03-14"),
        {"OverdueRuns": 1, "AlertsRaised": 0, "AlertsPublished": 0, "AlertsLeftPending": 0},
    ),
    Scenario(
        "a reconciliation",
        _reconcile,
        {
            "ReconcileRuns": 1,
            "CardsReconciled": 3,
            "NotificationsMissed": 2,
            "CardsUnknownToD1": 1,
            "ReconciliationsFailed": 1,
            "StatusesWritten": 2,
            "UpdatesWithoutChange": 1,
            "AlertsRaised": 1,
            "AlertsPublished": 1,
            "Updates.DATA_EXCEPTION": 1,
            "UnknownStatuses": 1,
        },
    ),
    Scenario("a token", _token("grant_type=client_credentials"), {"TokensIssued": 1}),
    Scenario("a token of another kind", _token("grant_type=password"), {"TokensRefused": 1}),
    Scenario("a token without a key", _token("grant_type=client_credentials", keys=()), {"TokensRefused": 1}),
    Scenario("a token for a stranger", _token("", subject="CN=other"), {"CallersRefused": 1}),
)
