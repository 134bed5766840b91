"""A topic and other functions, in memory. They refuse what AWS refuses and its emulators accept."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from tests.proof.faults import client_error

ENTRIES_A_CALL: Final = 10
BYTES_A_CALL: Final = 262_144
_ENTRY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
_SUBJECT: Final = re.compile(r"[\x20-\x7e]{1,99}")

Json = dict[str, Any]


@dataclass(slots=True)
class Topic:
    """Takes PublishBatch; ``alerts`` are the machine-readable messages in the order of their publication."""

    alerts: list[Json] = field(default_factory=list)

    def publish_batch(self, **request: Any) -> Json:
        """Publish each entry for itself, as SNS does."""

        def take(entry: Json) -> str | None:
            fault = _fault_of_message(entry)
            if fault is None:
                self.alerts.append(json.loads(json.loads(entry["Message"])["default"]))
            return fault

        return take_batch("PublishBatch", request["PublishBatchRequestEntries"], take, len(self.alerts))


@dataclass(slots=True)
class Functions:
    """Takes Invoke of a function that nobody waits for; ``called`` are the functions in the order of their calls."""

    called: list[str] = field(default_factory=list)

    def invoke(self, **request: Any) -> Json:
        """Note the call, and answer as Lambda does before it runs the function."""
        if request["InvocationType"] != "Event":
            raise refusal("InvalidParameterValueException", "Invoke")
        self.called.append(request["FunctionName"])
        return {"StatusCode": 202}


def take_batch(operation: str, entries: list[Json], take: Callable[[Json], str | None], number: int) -> Json:
    """Take each entry of a batch for itself: ``take`` returns None, or the code of what is wrong with it."""
    if not 1 <= len(entries) <= ENTRIES_A_CALL:
        raise refusal("TooManyEntriesInBatchRequest", operation)
    if len({entry["Id"] for entry in entries}) < len(entries):
        raise refusal("BatchEntryIdsNotDistinct", operation)
    if any(not _ENTRY_ID.fullmatch(entry["Id"]) for entry in entries):
        raise refusal("InvalidBatchEntryId", operation)
    if sum(_bytes_of(entry) for entry in entries) > BYTES_A_CALL:
        raise refusal("BatchRequestTooLong", operation)
    answer: Json = {"Successful": [], "Failed": []}
    for entry in entries:
        fault = take(entry)
        if fault is None:
            taken = {"Id": entry["Id"]}
            if operation != "ChangeMessageVisibilityBatch":
                taken["MessageId"] = f"message-{number}-{entry['Id']}"
            if operation == "SendMessageBatch":
                taken["MD5OfMessageBody"] = "0" * 32
            answer["Successful"].append(taken)
        else:
            answer["Failed"].append({"Id": entry["Id"], "Code": fault, "SenderFault": True})
    return answer


def _fault_of_message(entry: Json) -> str | None:
    """Name what SNS would refuse in a message."""
    attributes = entry.get("MessageAttributes", {}).values()
    faultless = (
        _SUBJECT.fullmatch(entry["Subject"])
        and entry["Subject"][0] != " "
        and entry["MessageStructure"] == "json"
        and isinstance(json.loads(entry["Message"]).get("default"), str)
        and all(attribute["StringValue"] for attribute in attributes)
    )
    return None if faultless else "InvalidParameter"


def _bytes_of(entry: Json) -> int:
    body: str = entry.get("Message", "") + entry.get("MessageBody", "") + entry.get("Subject", "")
    attributes = sum(
        len(name.encode()) + len(value["DataType"].encode()) + len(value["StringValue"].encode())
        for name, value in entry.get("MessageAttributes", {}).items()
    )
    return len(body.encode()) + attributes


def refusal(code: str, operation: str) -> ClientError:
    """Make the error with which AWS refuses a whole request."""
    return client_error(code, 400, operation, {})
