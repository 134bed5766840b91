"""What can go wrong with a call to AWS, and how it looks from the caller's side."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

Json = dict[str, Any]
Execute = Callable[[Json], Json]
"""Runs a request, or a part of it, against the real thing."""


class Fault(StrEnum):
    """One thing that goes wrong with one call."""

    THROTTLED = "throttled"
    BROKEN = "answers 500"
    UNREACHABLE = "cannot be reached"
    TIMED_OUT = "takes effect, then times out"
    CUT_OFF = "takes effect, then the connection breaks"
    PARTLY = "answers 200 with entries undone"
    PARTLY_TIMED_OUT = "takes effect in part, then times out"
    REFUSED = "refused once, and not worth trying again"
    DOWN = "its service is down from there on"
    OUT_OF_TIME = "takes effect and uses up the time"
    KILLED_BEFORE = "process killed before it"
    KILLED_MIDWAY = "process killed when half of it is done"
    KILLED_AFTER = "process killed after it"


ABSORBED: Final = frozenset(
    {
        Fault.THROTTLED,
        Fault.BROKEN,
        Fault.UNREACHABLE,
        Fault.TIMED_OUT,
        Fault.CUT_OFF,
        Fault.PARTLY,
        Fault.PARTLY_TIMED_OUT,
    }
)
"""A single one of these is over when the call is made again: D1 must not notice."""
ANSWER_LOST: Final = frozenset({Fault.TIMED_OUT, Fault.CUT_OFF, Fault.PARTLY_TIMED_OUT})
"""The caller cannot know whether the call took effect."""
KILLS: Final = frozenset({Fault.KILLED_BEFORE, Fault.KILLED_MIDWAY, Fault.KILLED_AFTER})
_WITHOUT_EFFECT: Final = frozenset({Fault.THROTTLED, Fault.BROKEN, Fault.UNREACHABLE, Fault.REFUSED, Fault.DOWN})
OF_BATCHES: Final = frozenset({Fault.PARTLY, Fault.PARTLY_TIMED_OUT, Fault.KILLED_MIDWAY})
"""Only a call with several entries can take effect in part."""
WITHOUT_ENTRIES: Final = frozenset({"DeleteMessage", "Invoke", "Query", "ReceiveMessage"})


class Killed(BaseException):
    """The process ends here. No ``except Exception`` of the product may stop it."""


THROTTLED_CODES: Final = {
    "dynamodb": "ThrottlingException",
    "lambda": "TooManyRequestsException",
    "sns": "Throttling",
    "sqs": "RequestThrottled",
}
THROTTLED_ENTRY_CODES: Final = {"dynamodb": "ThrottlingError", "sns": "InternalError", "sqs": "InternalError"}


def suffer(fault: Fault, service: str, operation: str, request: Json, execute: Execute) -> Json:
    """Make a call go wrong in one way; return or raise what the caller gets."""
    if fault in _WITHOUT_EFFECT:
        raise _refusal(fault, service, operation, request)
    answer: Json = {}
    if fault in OF_BATCHES:
        answer = execute_in_part(service, operation, request, execute)
    elif fault is not Fault.KILLED_BEFORE:
        answer = execute(request)
    if fault in KILLS:
        raise Killed
    if fault is Fault.CUT_OFF:
        raise ConnectionClosedError(endpoint_url=f"{service}, with {request}")
    if fault in ANSWER_LOST:
        raise ReadTimeoutError(endpoint_url=f"{service}, with {request}")
    return answer


def _refusal(fault: Fault, service: str, operation: str, request: Json) -> Exception:
    match fault:
        case Fault.THROTTLED:
            return client_error(THROTTLED_CODES[service], 400, operation, request)
        case Fault.REFUSED:
            return client_error("AccessDeniedException", 400, operation, request)
        case Fault.UNREACHABLE:
            return EndpointConnectionError(endpoint_url=f"{service}, with {request}")
        case _:
            return client_error("InternalServerError", 500, operation, request)


def client_error(code: str, status: int, operation: str, request: Json) -> ClientError:
    """Make an error of AWS. Its message repeats the request, as some of AWS's do: it must not get into a log."""
    return ClientError(
        {"Error": {"Code": code, "Message": f"refused: {request}"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]  # the part that is read
        operation,
    )


def execute_in_part(service: str, operation: str, request: Json, execute: Execute) -> Json:
    """Execute every other entry of a batch, none of a batch of one; answer 200 and report the rest as AWS does."""
    match operation:
        case "BatchExecuteStatement":
            return _statements_in_part(request, execute)
        case "BatchWriteItem":
            (table, puts), *_ = request["RequestItems"].items()
            answer = execute({"RequestItems": {table: puts[1::2]}}) if puts[1::2] else {}
            return answer | {"UnprocessedItems": {table: puts[::2]}}
        case "BatchGetItem":
            (table, gets), *_ = request["RequestItems"].items()
            done, undone = gets["Keys"][1::2], gets["Keys"][::2]
            answer = execute({"RequestItems": {table: gets | {"Keys": done}}}) if done else {"Responses": {table: []}}
            return answer | {"UnprocessedKeys": {table: gets | {"Keys": undone}}}
        case "PublishBatch":
            return _entries_in_part("PublishBatchRequestEntries", service, request, execute)
        case "SendMessageBatch" | "ChangeMessageVisibilityBatch":
            return _entries_in_part("Entries", service, request, execute)
        case _:
            raise ValueError(f"{operation} has no entries")


def _statements_in_part(request: Json, execute: Execute) -> Json:
    statements = request["Statements"]
    executed = iter(execute({"Statements": statements[1::2]})["Responses"] if statements[1::2] else [])
    throttled = {"Error": {"Code": THROTTLED_ENTRY_CODES["dynamodb"], "Message": "throttled"}}
    return {"Responses": [next(executed) if number % 2 else throttled for number in range(len(statements))]}


def _entries_in_part(member: str, service: str, request: Json, execute: Execute) -> Json:
    done, undone = request[member][1::2], request[member][::2]
    answer = execute(request | {member: done}) if done else {"Successful": [], "Failed": []}
    code = THROTTLED_ENTRY_CODES[service]
    failed = [{"Id": entry["Id"], "Code": code, "SenderFault": False} for entry in undone]
    return answer | {"Failed": [*answer.get("Failed", []), *failed]}
