"""Causes that keep alerts or rejected operations from people."""

from typing import Final

from tests.alarms.of_services import table_is_down
from tests.alarms.rehearsal import rehearses
from tests.alarms.stage import OVERDUE, RELAY, REPLAY, Stage
from tests.proof.faults import Fault
from tests.proof.invocations import Call
from tests.samples import operation

FAILURE: Final = operation(status="FAILED", errorCode="E1", error="pan", details={"status": "DATA_EXCEPTION"})
MALFORMED: Final = operation(startTime="yesterday")
DELAYED: Final = "AlertsDelayedAlarm"


def topic_refuses(call: Call) -> Fault | None:
    """Plan that the topic refuses every message."""
    return Fault.REFUSED if call.service == "sns" else None


@rehearses(DELAYED, "the topic refuses every alert")
def refuse_alerts(stage: Stage) -> None:
    """Let a policy of the topic or of its key refuse, and be mended after an hour."""
    stage.pass_time(minutes=30)
    stage.relay_plan = topic_refuses
    stage.begin_cause()
    assert stage.deliver(FAILURE, plan=topic_refuses) == 204
    stage.pass_time(hours=1)
    stage.relay_plan = lambda call: None
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses(DELAYED, "`relay_alerts` does not run")
def stop_relay(stage: Stage) -> None:
    """Let the relay's schedule be off."""
    stage.pass_time(minutes=30)
    stage.schedules.remove(RELAY)
    stage.begin_cause()
    stage.pass_time(hours=1)
    stage.schedules.add(RELAY)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("AlertDeliveryFailedAlarm", "a subscriber does not take an alert")
def fail_delivery(stage: Stage) -> None:
    """Let an endpoint be down until SNS gives up."""
    stage.pass_time(minutes=31)
    stage.begin_cause()
    stage.fail_delivery()
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=2)


@rehearses("OverdueAlertsFailAlarm", "the table is down")
def fail_overdue(stage: Stage) -> None:
    """Let the run fail, and both of its repetitions."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    for _ in range(3):
        assert stage.invoke(OVERDUE, {}, table_is_down).error
        stage.pass_time(minutes=2)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("OverdueNotLookedForAlarm", "the schedule is off")
def stop_overdue(stage: Stage) -> None:
    """Let the schedule be off for a week, from a run on."""
    stage.pass_time(hours=22)
    stage.invoke(OVERDUE, {})
    stage.begin_cause()
    stage.schedules.remove(OVERDUE)
    stage.pass_time(days=7)
    stage.schedules.add(OVERDUE)
    stage.invoke(OVERDUE, {})
    stage.end_cause()
    stage.pass_time(hours=12)


@rehearses("OperationsRejectedAlarm", "D1 sends an operation that cannot be read")
def reject(stage: Stage) -> None:
    """Let an operation be rejected, and be taken off the queue after an hour."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    assert stage.deliver(MALFORMED) == 204
    stage.pass_time(hours=1)
    stage.delete_rejected()
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("RejectedExpiringAlarm", "rejected operations wait for ten days", "OperationsRejectedAlarm")
def keep_rejected(stage: Stage) -> None:
    """Let rejected operations wait, although an operator counts them every day: SQS then leaves them out of ages."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    assert stage.deliver(MALFORMED) == 204
    for _ in range(10):
        stage.pass_time(days=1)
        assert stage.invoke(REPLAY, {"dryRun": True}).answer
    stage.pass_time(minutes=1)
    stage.delete_rejected()
    stage.end_cause()
    stage.pass_time(hours=12)
