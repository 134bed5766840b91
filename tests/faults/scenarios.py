"""What D1 can send, small and telling: each scenario with all that must be true in the end, whatever fails."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from card_tracking.use_cases.receive import ALERTS_AT_ONCE

STORM: Final = "more failures than are published at once"
CANARY: Final = "Quahog Street 7"
"""Stands in every body, in the free text: no log line may repeat it."""

STARTED: Final = "2026-01-17T06:28:02.492Z"
# A later instant than STARTED, and an earlier text.
RENEWED: Final = "2026-01-17T04:58:02.5-02:00"

Operation = dict[str, Any]


class Cause(NamedTuple):
    """What an alert is about, and whether the card was known to be further on."""

    card_id: str
    operation_id: str
    status: str
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """A notification, what came before it, and what must be true in the end."""

    name: str
    body: str
    statuses: Mapping[str, str]
    """Of every card."""
    alerts: frozenset[Cause] = frozenset()
    """Every one that was published, before or after."""
    earlier: tuple[str, ...] = ()
    """Bodies that were taken in before, without fault."""
    topic_was_down: bool = False
    """So that the alerts of ``earlier`` still wait in the outbox."""
    struck: str = "receive_notification"
    """The function whose calls go wrong."""
    status_code: int = 204
    rejected: frozenset[str] = frozenset()
    """Reasons of what must be in the queue."""
    recorded: tuple[Operation, ...] = field(default=())
    """The operations of ``body`` that must be in the history, once for each request that was answered 204."""

    def __str__(self) -> str:
        """Name the scenario for a report."""
        return self.name


def operation(card_id: str, stage: str, **fields: Any) -> Operation:
    """Make an operation in D1's shape."""
    details = {"status": stage, "productionSite": CANARY, **fields.pop("details", {})}
    said = {
        "operationId": "produce-1",
        "operation": "PRODUCE",
        "status": "PENDING",
        "startTime": STARTED,
        "cardId": card_id,
        "details": details,
    }
    return said | fields


def failure(card_id: str, **fields: Any) -> Operation:
    """Make a DATA_EXCEPTION in D1's shape."""
    return operation(
        card_id,
        "DATA_EXCEPTION",
        **{"status": "FAILED", "errorCode": "FIELD_INVALID_FORMAT", "error": f"address {CANARY}", **fields},
    )


def shipped(card_id: str, checkpoint: str, **fields: Any) -> Operation:
    """Make a CARD_SHIPPED in D1's shape."""
    shipment = {"carrier": "Quick", "trackingNumber": "Q-1", "lastUpdatedAt": checkpoint}
    return operation(card_id, "CARD_SHIPPED", **{"status": "SUCCESSFUL", "details": {"shipment": shipment}, **fields})


def body(*operations: Any) -> str:
    """Write a notification."""
    return json.dumps({"operations": operations})


def _taken(name: str, *operations: Operation, **expected: Any) -> Scenario:
    return Scenario(name, body(*operations), recorded=operations, **expected)


def _thirty() -> tuple[Operation, ...]:
    """Make a body that needs two statement batches, two puts and, for twelve failures, two publishing calls."""
    return tuple(
        failure(f"card-{number}") if number < 12 else operation(f"card-{number}", "DATA_PREPARED")
        for number in range(30)
    )


def _storm() -> tuple[Operation, ...]:
    """Make a body with more failures than are published before the answer."""
    return tuple(failure(f"card-{number}") for number in range(ALERTS_AT_ONCE + 11))


def _failed(*card_ids: str, superseded: bool = False, operation_id: str = "produce-1") -> frozenset[Cause]:
    return frozenset(Cause(card_id, operation_id, "DATA_EXCEPTION", superseded) for card_id in card_ids)


_TWELVE: Final = tuple(f"card-{number}" for number in range(12))
_LIFE: Final = body(operation("a", "CARD_PROD_REQUESTED"), operation("a", "CARD_PROD_READY"), shipped("a", STARTED))

ON_ARRIVAL: Final = (
    _taken("one update", operation("a", "DATA_PREPARED"), statuses={"a": "DATA_PREPARED"}),
    _taken("one failure", failure("a"), statuses={"a": "DATA_EXCEPTION"}, alerts=_failed("a")),
    _taken(
        "two cards, one of them failed",
        operation("a", "CARD_PROD_READY"),
        failure("b"),
        statuses={"a": "CARD_PROD_READY", "b": "DATA_EXCEPTION"},
        alerts=_failed("b"),
    ),
    _taken(
        "failure overcome within the body",
        operation("a", "CARD_PROD_REQUESTED"),
        failure("a"),
        operation("a", "CARD_PROD_READY"),
        statuses={"a": "CARD_PROD_READY"},
        alerts=_failed("a", superseded=True),
    ),
    _taken(
        "thirty cards, twelve of them failed",
        *_thirty(),
        statuses={f"card-{number}": "DATA_EXCEPTION" if number < 12 else "DATA_PREPARED" for number in range(30)},
        alerts=_failed(*_TWELVE),
    ),
    _taken(
        STORM,
        *_storm(),
        statuses={one["cardId"]: "DATA_EXCEPTION" for one in _storm()},
        alerts=_failed(*(one["cardId"] for one in _storm())),
    ),
    Scenario(
        "malformed among good",
        body(operation("a", "DATA_PREPARED"), {"cardId": "b"}, failure("c"), 7),
        recorded=(operation("a", "DATA_PREPARED"), failure("c")),
        rejected=frozenset({"FIELD_MISSING", "OPERATION_NOT_AN_OBJECT"}),
        statuses={"a": "DATA_PREPARED", "c": "DATA_EXCEPTION"},
        alerts=_failed("c"),
    ),
    Scenario("unreadable", f"not JSON, {CANARY}", status_code=400, rejected=frozenset({"NOT_JSON"}), statuses={}),
    _taken(
        "repetition of a failure",
        failure("a"),
        earlier=(body(failure("a")),),
        statuses={"a": "DATA_EXCEPTION"},
        alerts=_failed("a"),
    ),
    _taken(
        "failure told after the card was shipped",
        failure("a"),
        earlier=(_LIFE,),
        statuses={"a": "CARD_SHIPPED"},
        alerts=_failed("a", superseded=True),
    ),
    _taken(
        "next status of the same operation",
        shipped("a", STARTED),
        earlier=(body(operation("a", "CARD_PROD_REQUESTED")), body(operation("a", "DATA_PREPARED"))),
        statuses={"a": "CARD_SHIPPED"},
    ),
    _taken(
        "renewal, its time in another zone, then canceled",
        operation("a", "CARD_PROD_CANCELED", operationId="renew-1", startTime=RENEWED),
        earlier=(_LIFE,),
        statuses={"a": "CARD_PROD_CANCELED"},
        alerts=frozenset({Cause("a", "renew-1", "CARD_PROD_CANCELED")}),
    ),
    _taken(
        "late update of the operation before",
        operation("a", "CARD_PROD_DONE"),
        earlier=(body(operation("a", "DATA_PREPARED", operationId="renew-1", startTime=RENEWED)),),
        statuses={"a": "DATA_PREPARED"},
    ),
    _taken(
        "failure of the operation before",
        failure("a"),
        earlier=(body(operation("a", "DATA_PREPARED", operationId="renew-1", startTime=RENEWED)),),
        statuses={"a": "DATA_PREPARED"},
        alerts=_failed("a", superseded=True),
    ),
    _taken("not ours to track", operation("a", "SUSPENDED", operation="SUSPEND"), statuses={}),
)
"""Faults strike receive_notification."""

ON_RELAY: Final = (
    Scenario(
        "relay of one alert",
        body(),
        earlier=(body(failure("a")),),
        topic_was_down=True,
        struck="relay_alerts",
        statuses={"a": "DATA_EXCEPTION"},
        alerts=_failed("a"),
    ),
    Scenario(
        "relay of twelve alerts",
        body(),
        earlier=(body(*(failure(card_id) for card_id in _TWELVE)),),
        topic_was_down=True,
        struck="relay_alerts",
        statuses=dict.fromkeys(_TWELVE, "DATA_EXCEPTION"),
        alerts=_failed(*_TWELVE),
    ),
)
"""Faults strike relay_alerts."""

ALL: Final = ON_ARRIVAL + ON_RELAY
