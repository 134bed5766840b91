"""AWS clients that fail when a test says so."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from tests.wiring.stack import Stack, client

SECRET: Final = "4111111111111111"
"""In every error that AWS answers here; nothing of it may come out."""

Fault = Callable[[str, int], Exception | None]
"""Told an operation and how often it was called before; returns what to raise instead of calling it."""


def client_error(code: str, status: int = 400) -> ClientError:
    """Make an error that AWS answered."""
    answer: Any = {"Error": {"Code": code, "Message": SECRET}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Operation")


def every_fault() -> list[Exception]:
    """Make an error of every kind that AWS clients raise."""
    return [
        client_error("ProvisionedThroughputExceededException"),
        client_error("InternalServerError", 500),
        client_error("ValidationException"),
        client_error("AccessDeniedException"),
        ReadTimeoutError(endpoint_url=SECRET),
        ConnectTimeoutError(endpoint_url=SECRET),
    ]


class Faulty:
    """A client whose calls raise what a fault says; with ``after`` only once the call took effect."""

    def __init__(self, real: Any, fault: Fault, *, after: bool = False) -> None:
        """Wrap a client."""
        self._real = real
        self._fault = fault
        self._after = after
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        """Give an operation of the client."""
        operation = getattr(self._real, name)

        @wraps(operation)
        def call(**request: Any) -> Any:
            error = self._fault(name, self.calls.count(name))
            self.calls.append(name)
            if error is not None and not self._after:
                raise error
            answer = operation(**request)
            if error is not None:
                raise error
            return answer

        return call


def always(error: Exception) -> Fault:
    """Fail every call."""
    return lambda name, before: error


def once(operation: str, number: int, error: Exception) -> Fault:
    """Fail one call of one operation."""
    return lambda name, before: error if (name, before) == (operation, number) else None


def never(name: str, before: int) -> None:
    """Fail no call: the client only notes them."""


def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(time, "sleep", lambda _: None)


def break_table(stack: Stack, monkeypatch: pytest.MonkeyPatch, fault: Fault, *, after: bool = False) -> Faulty:
    """Let the table fail for receive_notification, and for the outbox behind it."""
    without_pauses(monkeypatch)
    faulty = Faulty(client("dynamodb"), fault, after=after)
    monkeypatch.setattr(stack.receive.receive.store._table, "client", faulty)
    monkeypatch.setattr(stack.receive.receive.outbox._table, "client", faulty)
    return faulty


def break_topic(stack: Stack, monkeypatch: pytest.MonkeyPatch, fault: Fault, *, after: bool = False) -> Faulty:
    """Let the topic fail for receive_notification and relay_alerts."""
    without_pauses(monkeypatch)
    faulty = Faulty(client("sns"), fault, after=after)
    monkeypatch.setattr(stack.receive.receive.topic, "_client", faulty)
    monkeypatch.setattr(stack.relay.relay.topic, "_client", faulty)
    return faulty


def break_queue(stack: Stack, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> Faulty:
    """Let the queue of rejected operations fail."""
    without_pauses(monkeypatch)
    faulty = Faulty(client("sqs"), fault)
    monkeypatch.setattr(stack.receive.receive.rejected_queue, "_client", faulty)
    return faulty
