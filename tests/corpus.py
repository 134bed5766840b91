"""The corpus of ``events/``: read, and compared with what came of it; whoever runs it sends and asks."""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

EVENTS: Final = Path(__file__).resolve().parent.parent / "events"


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a case."""

    body: str
    is_base64: bool
    headers: Mapping[str, str]
    issuer_id: str | None
    """None for the issuer that the stack serves."""

    def content(self) -> bytes:
        """Give the bytes that D1 would send."""
        return base64.b64decode(self.body) if self.is_base64 else self.body.encode()

    def event(self, issuer_id: str) -> dict[str, Any]:
        """Make the event that API Gateway would make of it, for a stack that serves ``issuer_id``."""
        return {
            "httpMethod": "POST",
            "resource": "/notifications/d1/v2/issuers/{issuerId}/cards",
            "pathParameters": {"issuerId": self.issuer_id or issuer_id},
            "headers": dict(self.headers),
            "body": self.body,
            "isBase64Encoded": self.is_base64,
        }


@dataclass(frozen=True, slots=True)
class Case:
    """One file of the corpus."""

    name: str
    promise: str
    requests: Sequence[Request]
    answers: Sequence[int]
    cards: Mapping[str, Mapping[str, Any] | None]
    alerts: Sequence[Mapping[str, Any]]
    rejected: Sequence[str]
    deliveries: Mapping[str, int]


@dataclass(slots=True)
class Outcome:
    """What came of a case."""

    answers: list[int] = field(default_factory=list)
    cards: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    """As ``get_card_status`` answers for the cards of the case."""
    deliveries: dict[str, int] = field(default_factory=dict)
    """How long the history of each card of ``Case.deliveries`` is."""
    alerts: list[Mapping[str, Any]] = field(default_factory=list)
    """Every alert that came, as subscribers get it (JSON); those of other cases' cards are ignored."""
    rejected: list[Mapping[str, Any]] = field(default_factory=list)
    """Every message of the queue of rejected operations (JSON); those of other cases are ignored."""


def load_cases(folder: Path = EVENTS) -> list[Case]:
    """Read every case."""
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def _read(path: Path) -> Case:
    document = json.loads(path.read_text(encoding="utf-8"))
    expected = document["expected"]
    return Case(
        name=path.stem,
        promise=document["promise"],
        requests=[_request(one, path.stem) for one in document.get("requests") or [document["request"]]],
        answers=expected["answers"],
        cards=expected["cards"],
        alerts=expected["alerts"],
        rejected=expected["rejected"],
        deliveries=expected.get("deliveries", {}),
    )


def _request(document: Mapping[str, Any], name: str) -> Request:
    body = document["body"]
    usual = {"Content-Type": "application/json", "x-correlation-id": name}
    headers = dict(document.get("headers", {}))
    given = {header.lower() for header in headers}
    return Request(
        body=body if isinstance(body, str) else json.dumps(body),
        is_base64=document.get("isBase64Encoded", False),
        headers={header: value for header, value in usual.items() if header.lower() not in given} | headers,
        issuer_id=document.get("issuerId"),
    )


def differences(case: Case, outcome: Outcome) -> list[str]:
    """Say in a line each where an outcome is not what the case promises."""
    found = []
    if outcome.answers != list(case.answers):
        found.append(f"answers: {outcome.answers}, not {list(case.answers)}")
    for card_id, expected in case.cards.items():
        found += _unlike(f"cards.{card_id}", expected, outcome.cards.get(card_id))
    found += _miscounted("alerts", map(_alert_key, case.alerts), map(_alert_key, _own_alerts(case, outcome)))
    own = [message["reason"] for message in outcome.rejected if message.get("correlationId") == case.name]
    found += _miscounted("rejected", case.rejected, own)
    for card_id, count in case.deliveries.items():
        if outcome.deliveries.get(card_id) != count:
            found.append(f"deliveries.{card_id}: {outcome.deliveries.get(card_id)}, not {count}")
    return found


def _own_alerts(case: Case, outcome: Outcome) -> list[Mapping[str, Any]]:
    return [alert for alert in outcome.alerts if alert["cardId"] in case.cards]


def _alert_key(alert: Mapping[str, Any]) -> tuple[Any, ...]:
    return alert["cardId"], alert["status"], alert["superseded"]


def _miscounted(name: str, expected: Iterable[Any], actual: Iterable[Any]) -> list[str]:
    wanted, came = Counter(expected), Counter(actual)
    return [f"{name}: {came[key]} of {key}, not {wanted[key]}" for key in wanted | came if came[key] != wanted[key]]


def _unlike(place: str, expected: Any, actual: Any) -> list[str]:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return [line for name in expected for line in _unlike(f"{place}.{name}", expected[name], actual.get(name))]
    return [] if expected == actual else [f"{place}: {actual!r}, not {expected!r}"]
