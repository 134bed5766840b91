"""When an alert may be published twice: only where nobody can know that it was published once.

That is so where the answer to the publishing call was lost, and where the process came to its end, or lost the table,
between publishing and marking. Both publications carry the same alertId.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from card_tracking.adapters.alert_outbox import ALERT_PREFIX
from card_tracking.adapters.retries import ATTEMPTS
from tests.proof.faults import ABSORBED, ANSWER_LOST
from tests.proof.invocations import Call, Invocation

_MARKS: Final = 'REMOVE "pendingShard"'


def excused_repetitions(invocations: Sequence[Invocation]) -> Counter[str]:
    """Count by alertId the publications after which one more is excused."""
    excused: Counter[str] = Counter()
    for invocation in invocations:
        for call in invocation.calls:
            if call.operation == "PublishBatch":
                later = invocation.calls[call.number :]
                marked = {alert_id for one in later for alert_id in _marked_by(one)}
                for alert_id in _published_by(call):
                    excused[alert_id] += call.struck_by in ANSWER_LOST or (
                        alert_id not in marked and _could_not_mark([call, *later])
                    )
    return excused


def _could_not_mark(calls: Sequence[Call]) -> bool:
    """Say whether faults from the publishing call on explain that there was no mark."""
    faults = [call.struck_by for call in calls if call.struck_by is not None]
    return any(fault not in ABSORBED for fault in faults) or len(faults) >= ATTEMPTS


def _published_by(call: Call) -> Iterator[str]:
    for request, answer in call.effects:
        taken = {entry["Id"] for entry in answer["Successful"]}
        for entry in request["PublishBatchRequestEntries"]:
            if entry["Id"] in taken:
                yield entry["MessageAttributes"]["alertId"]["StringValue"]


def _marked_by(call: Call) -> Iterator[str]:
    if call.operation != "BatchExecuteStatement":
        return
    for request, answer in call.effects:
        for statement, response in zip(request["Statements"], answer["Responses"], strict=True):
            if _MARKS in statement["Statement"] and "Error" not in response:
                for parameter in statement["Parameters"]:
                    if parameter.get("S", "").startswith(ALERT_PREFIX):
                        yield parameter["S"].removeprefix(ALERT_PREFIX)
