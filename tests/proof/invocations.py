"""One invocation's calls to AWS: numbered across all clients, on record, and made to go wrong as planned."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from card_tracking.deadline import RESERVE_SECONDS
from tests.proof.faults import OF_BATCHES, WITHOUT_ENTRIES, Fault, Json, Killed, suffer
from tests.proof.service_model import faults_of_answer, faults_of_request, operation_named

CALL_SECONDS: Final = 0.005
TIME_OUT_SECONDS: Final = 1.2
TIMEOUT_SECONDS: Final = 28.0
"""Of receive_notification, in the template."""
REPLAY_TIMEOUT_SECONDS: Final = 300.0
"""Of replay_rejected, there."""


@dataclass(slots=True)
class Clock:
    """A time that passes only when a call or a pause takes some of it; stands in for the module ``time``."""

    microseconds: int = 1_768_631_282_492_000

    def time_ns(self) -> int:
        """Tell the time of day."""
        return self.microseconds * 1000

    def monotonic(self) -> float:
        """Tell a time to measure with."""
        return self.microseconds / 1_000_000

    def sleep(self, seconds: float) -> None:
        """Let time pass, and wait for nothing."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.microseconds += int(seconds * 1_000_000)


@dataclass(slots=True)
class Call:
    """A call to AWS as the product made it, and what of it took effect."""

    number: int
    service: str
    operation: str
    request: Json
    effects: list[tuple[Json, Json]] = field(default_factory=list)
    """Requests that reached the real thing for this call, each with its answer."""
    struck_by: Fault | None = None


Plan = Callable[[Call], Fault | None]
"""Decides of each call whether and how it goes wrong."""


def faultless(call: Call) -> None:
    """Plan nothing."""
    del call


def strike(number: int, fault: Fault) -> Plan:
    """Plan one fault for the call of a number; numbers start at 1."""
    return lambda call: fault if call.number == number else None


class Invocation:
    """The life of one process, from its first call to its last."""

    def __init__(self, clock: Clock, plan: Plan = faultless, seconds: float = TIMEOUT_SECONDS) -> None:
        """Begin now, and end after so many seconds."""
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self._clock = clock
        self._plan = plan
        self._end = clock.microseconds + int(seconds * 1_000_000)
        self._down: set[str] = set()
        self._killed = False
        self._lock = Lock()

    def remaining_milliseconds(self) -> int:
        """Tell what Lambda's context tells."""
        return (self._end - self._clock.microseconds) // 1000

    def client(self, service: str, real: Any) -> Any:
        """Put this invocation between the product and a client."""
        return _Client(self, service, real)

    def call(self, service: str, method: str, real: Callable[..., Json], request: Json) -> Json:
        """Make one call, or let it go wrong."""
        operation = operation_named(service, method)
        with self._lock:
            if self._killed:
                raise Killed
            call = Call(len(self.calls) + 1, service, operation, request)
            self.calls.append(call)
        self._inspect(call)
        fault = Fault.DOWN if service in self._down else self._plan(call)
        if fault in OF_BATCHES and operation in WITHOUT_ENTRIES:
            fault = None
        call.struck_by = fault

        def execute(part: Json) -> Json:
            answer = real(**part)
            call.effects.append((part, answer))
            return answer

        self._clock.advance(CALL_SECONDS)
        if fault is None:
            answer = execute(request)
        else:
            self._prepare_for(fault, service)
            answer = suffer(fault, service, operation, request, execute)
        self.violations += faults_of_answer(service, operation, answer)
        return answer

    def _inspect(self, call: Call) -> None:
        self.violations += faults_of_request(call.service, call.operation, call.request)
        if self.remaining_milliseconds() < RESERVE_SECONDS * 1000:
            self.violations.append(f"{call.operation} was started with {self.remaining_milliseconds()} ms left")

    def _prepare_for(self, fault: Fault, service: str) -> None:
        match fault:
            case Fault.DOWN:
                self._down.add(service)
            case Fault.TIMED_OUT | Fault.PARTLY_TIMED_OUT:
                self._clock.advance(TIME_OUT_SECONDS)
            case Fault.OUT_OF_TIME:
                self._clock.microseconds = max(self._clock.microseconds, self._end - 1_900_000)
            case Fault.KILLED_BEFORE | Fault.KILLED_MIDWAY | Fault.KILLED_AFTER:
                self._killed = True


class _Client:
    """Looks like the client behind it, and passes every call through the invocation."""

    def __init__(self, invocation: Invocation, service: str, real: Any) -> None:
        self._invocation = invocation
        self._service = service
        self._real = real

    def __getattr__(self, method: str) -> Callable[..., Json]:
        def call(**request: Any) -> Json:
            return self._invocation.call(self._service, method, getattr(self._real, method), request)

        call.__name__ = method
        return call
