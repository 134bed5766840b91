"""A queue in memory, with messages that are out of sight for a while. It refuses what SQS refuses."""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from tests.proof.doubles import ENTRIES_A_CALL, refusal, take_batch
from tests.proof.faults import Json
from tests.proof.invocations import Clock

_ALLOWED: Final = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


@dataclass(slots=True)
class _Message:
    text: str
    visible_from: float = 0.0
    receipt: str = ""


@dataclass(slots=True)
class Queue:
    """Takes the calls that the product makes, by the time of a clock."""

    clock: Clock
    _messages: dict[str, _Message] = field(default_factory=dict)
    _sent: int = 0
    _received: int = 0

    @property
    def messages(self) -> list[Json]:
        """The documents in it, also those that are out of sight."""
        return [json.loads(message.text) for message in self._messages.values()]

    @property
    def visible(self) -> int:
        """The number of messages that a receiver could get now."""
        now = self.clock.monotonic()
        return sum(message.visible_from <= now for message in self._messages.values())

    @property
    def ids(self) -> set[str]:
        """The ids of the messages in it."""
        return set(self._messages)

    def put(self, text: str) -> str:
        """Put a message in; return its id."""
        self._sent += 1
        message_id = f"message-{self._sent}"
        self._messages[message_id] = _Message(text)
        return message_id

    def send_message_batch(self, **request: Any) -> Json:
        """Send each entry for itself, as SQS does."""

        def take(entry: Json) -> str | None:
            if not _ALLOWED.fullmatch(entry["MessageBody"]):
                return "InvalidMessageContents"
            self.put(entry["MessageBody"])
            return None

        return take_batch("SendMessageBatch", request["Entries"], take, self._sent)

    def receive_message(self, **request: Any) -> Json:
        """Give visible messages, and take them out of sight."""
        if not 1 <= request["MaxNumberOfMessages"] <= ENTRIES_A_CALL:
            raise refusal("InvalidParameterValue", "ReceiveMessage")
        now = self.clock.monotonic()
        visible = [(name, one) for name, one in self._messages.items() if one.visible_from <= now]
        given = []
        for name, message in visible[: request["MaxNumberOfMessages"]]:
            self._received += 1
            message.receipt = f"receipt-{self._received}"
            message.visible_from = now + request["VisibilityTimeout"]
            given.append({"MessageId": name, "ReceiptHandle": message.receipt, "Body": message.text})
        return {"Messages": given} if given else {}

    def delete_message(self, **request: Any) -> Json:
        """Take a message off; a receipt that is no longer the latest takes nothing off."""
        for name in [name for name, one in self._messages.items() if one.receipt == request["ReceiptHandle"]]:
            del self._messages[name]
        return {}

    def change_message_visibility_batch(self, **request: Any) -> Json:
        """Let messages come into sight at another time; one that is in sight already is the sender's fault."""

        def take(entry: Json) -> str | None:
            now = self.clock.monotonic()
            for message in self._messages.values():
                if message.receipt == entry["ReceiptHandle"] and message.visible_from > now:
                    message.visible_from = now + entry["VisibilityTimeout"]
                    return None
            return "MessageNotInflight"

        return take_batch("ChangeMessageVisibilityBatch", request["Entries"], take, self._sent)
