"""Causes in AWS's services and in the functions themselves."""

from tests.alarms.rehearsal import rehearses
from tests.alarms.stage import QUERY, RECEIVE, RELAY, REPLAY, Stage
from tests.proof.faults import Fault
from tests.proof.invocations import Call, faultless
from tests.samples import operation

INDEXES = ("ByStatus", "ByInputFile", "ByIssuerRequest", "OpenCards", "PendingAlerts")


def table_is_down(call: Call) -> Fault | None:
    """Plan that no call to the table gets through."""
    return Fault.DOWN if call.service == "dynamodb" else None


def process_dies(call: Call) -> Fault:
    """Plan that the process dies, as it does in a time-out or without memory."""
    return Fault.KILLED_BEFORE


@rehearses("AnswersFailedAlarm", "the table is down")
def answer_503(stage: Stage) -> None:
    """Let D1 get 503 from the function."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    assert stage.deliver(operation(), plan=table_is_down) == 503
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("AnswersFailedAlarm", "D1 is faster than the gateway lets through")
def answer_503_without_function(stage: Stage) -> None:
    """Let D1 get 503 from the gateway."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    for _ in range(3):
        stage.refuse_at_gateway()
        stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("FunctionErrorsAlarm", "`receive_notification` dies", "AnswersFailedAlarm")
def crash_receive(stage: Stage) -> None:
    """Let the function that D1 calls die."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    assert stage.deliver(operation(), plan=process_dies) == 503
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("FunctionErrorsAlarm", "`relay_alerts` fails")
def fail_relay(stage: Stage) -> None:
    """Let the relay find no table."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    for _ in range(3):
        assert stage.invoke(RELAY, {}, table_is_down).error
        stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("FunctionErrorsAlarm", "`replay_rejected` fails")
def fail_replay(stage: Stage) -> None:
    """Let an operator order what makes no sense."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    assert stage.invoke(REPLAY, {"reason": 7}).error
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("QueriesFailedAlarm", "the table is down")
def fail_queries(stage: Stage) -> None:
    """Let valid queries fail for a quarter of an hour, one every third minute."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    for _ in range(5):
        assert stage.invoke(QUERY, {"cardId": "card"}, table_is_down).error
        stage.pass_time(minutes=3)
    stage.end_cause()
    stage.pass_time(hours=2)


@rehearses("QueriesFailedAlarm", "the table is down, and as many queries are refused")
def fail_and_refuse_queries(stage: Stage) -> None:
    """Let valid queries fail, and invalid ones be refused between them and after them."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    for plan in (table_is_down, faultless):
        for _ in range(5):
            stage.invoke(QUERY, {"cardId": "card"}, plan)
            stage.pass_time(minutes=2)
            assert stage.invoke(QUERY, {}).error
            stage.pass_time(minutes=1)
        if plan is table_is_down:
            stage.end_cause()
    stage.pass_time(hours=2)


def throttle(stage: Stage, function: str) -> None:
    """Let Lambda refuse a function for some minutes."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    stage.schedules.discard(function)
    for _ in range(3):
        stage.throttle_function(function)
        stage.pass_time(minutes=1)
    stage.end_cause()
    stage.schedules |= {function} & {RELAY}
    stage.pass_time(hours=1)


@rehearses("FunctionsThrottledAlarm", "none left for `receive_notification`", "AnswersFailedAlarm")
def throttle_receive(stage: Stage) -> None:
    """Let D1's notifications find no concurrency."""
    throttle(stage, RECEIVE)


@rehearses("FunctionsThrottledAlarm", "none left for `relay_alerts`")
def throttle_relay(stage: Stage) -> None:
    """Let the relay find no concurrency."""
    throttle(stage, RELAY)


@rehearses("FunctionsThrottledAlarm", "none left for `get_card_status`")
def throttle_query(stage: Stage) -> None:
    """Let queries find no concurrency."""
    throttle(stage, QUERY)


@rehearses("NearTheTimeLimitAlarm", "the table is slow")
def take_long(stage: Stage) -> None:
    """Let each of a notification's two calls to the table, with its retries, take eleven seconds."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    assert stage.deliver(operation(), plan=stage.slowly(11)) == 204
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


def throttle_table(stage: Stage, name: str, index: str | None = None) -> None:
    """Let the table throttle for a minute, which is over by itself, and later for ten minutes."""
    stage.pass_time(minutes=30)
    stage.throttle_table(name, index)
    stage.pass_time(minutes=30)
    stage.begin_cause()
    for _ in range(10):
        stage.throttle_table(name, index)
        stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("TableThrottledAlarm", "throttled reads")
def throttle_reads(stage: Stage) -> None:
    """Let reads be throttled."""
    throttle_table(stage, "ReadThrottleEvents")


@rehearses("TableThrottledAlarm", "throttled writes")
def throttle_writes(stage: Stage) -> None:
    """Let writes be throttled."""
    throttle_table(stage, "WriteThrottleEvents")


def _throttle_index(index: str) -> None:
    @rehearses("TableThrottledAlarm", f"throttled writes of {index}")
    def throttle_writes_of_index(stage: Stage) -> None:
        throttle_table(stage, "WriteThrottleEvents", index)


for _index in INDEXES:
    _throttle_index(_index)
