"""The stack on a stage: the real handlers on a clock of the test's own, and the metrics that they and AWS emit."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any, Final

from card_tracking.deadline import Deadline
from tests.alarms import emitted
from tests.alarms.datapoints import MINUTES_PER_DAY, MINUTES_PER_HOUR, Datapoints, Metric
from tests.alarms.deployed import Deployed
from tests.alarms.emitted import Values
from tests.alarms.parameters import SUBJECT
from tests.proof.doubles import Functions, Topic
from tests.proof.engines import TableEngine
from tests.proof.invocations import Clock, Invocation, Plan, faultless
from tests.proof.product import ISSUER_ID, Ended, Services, run
from tests.proof.queue import Queue
from tests.samples import body, operation

MICROSECONDS_PER_MINUTE: Final = 60_000_000
MONDAY_MORNING: Final = 1_768_809_600_000_000
"""2026-01-19, 8:00 UTC."""
HISTORY_DAYS: Final = 8
"""How long the stack has run before a rehearsal begins: longer than any alarm looks back."""
FAR_FROM_EXPIRY: Final = 200
ORDINARY: Final = operation(cardId="ordinary", status="SUCCESSFUL", details={"status": "CARD_SHIPPED"})
RECEIVE: Final = "ReceiveNotificationFunction"
RELAY: Final = "RelayAlertsFunction"
QUERY: Final = "GetCardStatusFunction"
REPLAY: Final = "ReplayRejectedFunction"
RECONCILE: Final = "ReconcileCardsFunction"
OVERDUE: Final = "AlertOverdueCardsFunction"
_NUMBERS: Final = count()


class D1:
    """D1's answer about a card. An exception is raised instead; None says that D1 does not know the card."""

    def __init__(self, answer: str | Exception | None) -> None:
        """Give this answer about every card."""
        self.answer = answer

    def production_status(self, card_id: str, correlation_id: str, deadline: Deadline) -> str | None:
        """Answer about a card."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Stage:
    """One stack and its time. Schedules, D1's ordinary traffic and AWS's metrics go on while time passes."""

    def __init__(self, services: Services, clock: Clock, deployed: Deployed, past: "Stage | None" = None) -> None:
        """Begin now, after the past of another stage."""
        self.deployed = deployed
        self.datapoints: Datapoints = past.datapoints.copy() if past else Datapoints()
        self.schedules = {RELAY, RECONCILE, OVERDUE}
        """The functions whose schedule is on."""
        self.d1_sends = True
        self.relay_plan: Plan = faultless
        """What goes wrong with the calls of the relay."""
        self.certificate_days: float = FAR_FROM_EXPIRY
        """Days until the domain's certificate expires."""
        self._services = services
        self._clock = clock
        self._recorded: dict[str, list[tuple[Metric, list[float]]]] = past._recorded if past else {}
        self._queue_used = -emitted.SQS_ACTIVE_MINUTES
        self._failed_deliveries = 0
        self.begin = self.minute
        self.caused = self.mended = self.begin

    @property
    def minute(self) -> int:
        """The minute that it is, counted from 1970."""
        return self._clock.microseconds // MICROSECONDS_PER_MINUTE

    def begin_cause(self) -> None:
        """From now on, something is wrong."""
        self.caused = self.minute

    def end_cause(self) -> None:
        """From now on, all is well again."""
        self.mended = self.minute

    def emit(self, values: Values) -> None:
        """Add data points to this minute."""
        for metric, of in values:
            self.datapoints.add(metric, self.minute, of)

    # --- What happens ---------------------------------------------------------------------------

    def deliver(
        self,
        *operations: Any,
        subject: str = SUBJECT,
        days_left: float = FAR_FROM_EXPIRY,
        plan: Plan = faultless,
        request_id: str = "",
    ) -> int:
        """Let somebody call the API with operations; return the status of the response."""
        not_after = time.strftime("%b %d %H:%M:%S %Y GMT", time.gmtime(time.time() + days_left * 86_400))
        certificate = {"subjectDN": subject, "validity": {"notAfter": not_after}}
        event = {
            "body": body(*operations),
            "headers": {},
            "isBase64Encoded": False,
            "pathParameters": {"issuerId": ISSUER_ID},
            "requestContext": {
                "requestId": request_id or f"request-{next(_NUMBERS)}",
                "identity": {"clientCert": certificate},
            },
        }
        ended = self.invoke(RECEIVE, event, plan)
        status: int = ended.answer["statusCode"] if ended.answer else 503
        self.emit(emitted.of_request(self.deployed.gateway, status))
        return status

    def invoke(self, function: str, event: Any, plan: Plan = faultless, d1: D1 | None = None) -> Ended:
        """Run a function; ``d1`` is who ``reconcile_cards`` asks."""

        def prepare(app: Any) -> None:
            if d1 is not None:
                app.reconcile = replace(app.reconcile, api=d1, pause=self._clock.sleep)

        began = self._clock.microseconds
        ended = run(
            self.deployed.package(function),
            self._services,
            self._clock,
            Invocation(self._clock, plan, self.deployed.time_limit(function)),
            event,
            self.deployed.environment(function),
            prepare,
        )
        if ended.answer is not None or ended.error is not None:
            # A process that dies has printed no metrics.
            self.emit(emitted.read_logs(ended.output))
        milliseconds = (self._clock.microseconds - began) / 1000
        self.emit(emitted.of_invocation(function, milliseconds, failed=ended.answer is None))
        return ended

    def slowly(self, seconds: float) -> Plan:
        """Return a plan in which every call takes some seconds."""

        def slow(_call: object) -> None:
            self._clock.advance(seconds)

        return slow

    def throttle_function(self, function: str) -> None:
        """Let Lambda refuse an invocation; D1 gets 503 for a notification."""
        self.emit(emitted.of_throttled_invocation(function))
        if function == RECEIVE:
            self.refuse_at_gateway()

    def refuse_at_gateway(self) -> None:
        """Let API Gateway answer 503 without any function."""
        self.emit(emitted.of_request(self.deployed.gateway, 503))

    def throttle_table(self, name: str, index: str | None = None) -> None:
        """Let DynamoDB throttle reads or writes in this minute."""
        self.emit(emitted.of_throttled_table(name, self.deployed.resolve({"Ref": "StatusTable"}), index))

    def fail_delivery(self) -> None:
        """Let a subscriber of the topic of alerts refuse a message for good."""
        self._failed_deliveries += 1

    def receive_rejected(self, seconds: int) -> list[dict[str, Any]]:
        """Receive rejected operations, as a dry run of a replay does; they are invisible for so long."""
        found: list[dict[str, Any]] = self._services.queue.receive_message(
            MaxNumberOfMessages=10, VisibilityTimeout=seconds
        ).get("Messages", [])
        return found

    def delete_rejected(self) -> None:
        """Take rejected operations off the queue."""
        for message in self.receive_rejected(60):
            self._services.queue.delete_message(ReceiptHandle=message["ReceiptHandle"])

    # --- Time -----------------------------------------------------------------------------------

    def pass_time(self, *, minutes: int = 0, hours: int = 0, days: int = 0) -> None:
        """Let time pass, with all that happens on a schedule."""
        pending = self._alerts_are_pending()
        for _ in range(minutes + hours * MINUTES_PER_HOUR + days * MINUTES_PER_DAY):
            if RELAY in self.schedules and pending:
                self.invoke(RELAY, {}, self.relay_plan)
                pending = self._alerts_are_pending()
            elif RELAY in self.schedules:
                self._repeat(RELAY)
            self._run_other_schedules()
            self._emit_of_services()
            self._clock.microseconds = (self.minute + 1) * MICROSECONDS_PER_MINUTE

    def _run_other_schedules(self) -> None:
        if RECONCILE in self.schedules and self.minute % MINUTES_PER_HOUR == 0:
            self._repeat(RECONCILE)
        if OVERDUE in self.schedules and self.minute % MINUTES_PER_DAY == 6 * MINUTES_PER_HOUR:
            self._repeat(OVERDUE)
        if self.d1_sends and self.minute % MINUTES_PER_HOUR == MINUTES_PER_HOUR // 2:
            self._repeat(RECEIVE)

    def _repeat(self, function: str) -> None:
        """Emit what an ordinary run emits. It is always the same: the run itself is made once."""
        if function not in self._recorded:
            others, self.datapoints = self.datapoints, Datapoints()
            if function == RECEIVE:
                self.deliver(ORDINARY)
            else:
                self.invoke(function, {})
            self._recorded[function] = [*self.datapoints.of_minute(self.minute)]
            self.datapoints = others
        self.emit(iter(self._recorded[function]))

    def _emit_of_services(self) -> None:
        visible = self._services.queue.visible
        if self._services.queue.messages:
            self._queue_used = self.minute
        if self.minute - self._queue_used < emitted.SQS_ACTIVE_MINUTES:
            name = self.deployed.resolve({"Fn::GetAtt": ["RejectedQueue", "QueueName"]})
            self.emit(emitted.of_queue(name, visible))
        if self.minute % (MINUTES_PER_DAY // 2) == 0:
            arn = self.deployed.resolve({"Ref": "CertificateArn"})
            self.emit(emitted.of_certificate(arn, self.certificate_days))
        if self._failed_deliveries and self.minute % emitted.SNS_REPORTS_EVERY == 0:
            name = self.deployed.resolve({"Fn::GetAtt": ["AlertTopic", "TopicName"]})
            self.emit(emitted.of_failed_deliveries(name, self._failed_deliveries))
            self._failed_deliveries = 0

    def _alerts_are_pending(self) -> bool:
        request = {"TableName": self._services.table_name, "IndexName": "PendingAlerts", "Select": "COUNT"}
        return bool(self._services.dynamodb.scan(**request)["Count"])


@contextmanager
def new_stage(engine: TableEngine, deployed: Deployed, past: Stage | None = None) -> Iterator[Stage]:
    """Set up a stack on a Monday morning, after a past."""
    clock = Clock(MONDAY_MORNING)
    with engine.table(f"Rehearsal-{next(_NUMBERS)}") as table_name:
        services = Services(engine.dynamodb, table_name, Topic(), Queue(clock), Functions())
        yield Stage(services, clock, deployed, past)


def ordinary_past(engine: TableEngine, deployed: Deployed) -> Stage:
    """Return a stage on which ordinary days have passed, up to the Monday morning."""
    clock = Clock(MONDAY_MORNING - HISTORY_DAYS * MINUTES_PER_DAY * MICROSECONDS_PER_MINUTE)
    with engine.table(f"Rehearsal-{next(_NUMBERS)}") as table_name:
        services = Services(engine.dynamodb, table_name, Topic(), Queue(clock), Functions())
        past = Stage(services, clock, deployed)
        past.pass_time(days=HISTORY_DAYS)
    return past
