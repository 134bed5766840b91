"""What has been seen of a stack, so that a browser is told only what it does not know yet."""

import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, Protocol

from card_tracking.domain.statuses import RANKS
from card_tracking.wire.rejected_message import rejected_entries
from card_tracking.wire.rejections import OF_A_BODY, OF_AN_OPERATION

SHORTEST_PAUSE: Final = 0.5
PAUSE_TO_WORK: Final = 4
"""Looking takes longer the more cards there are, and must not take the machine from those who work on it."""
PAUSE_FOR_REJECTED: Final = 3.0
"""Looking at rejected operations keeps others from them for a moment."""
MOST_ALERTS: Final = 500
MOST_REJECTIONS: Final = 200
LONGEST_TEXT: Final = 4_000
STATUSES: Final = sorted(RANKS, key=lambda status: RANKS[status])


class Reader(Protocol):
    """What can be read of a stack; ``local.page.reading`` has the real one."""

    def versions(self) -> Mapping[str, str]:
        """Return the version of each card's status."""

    def cards(self, card_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return what is known of cards."""

    def alerts(self) -> Iterable[Mapping[str, Any]]:
        """Take the alerts that have come."""

    def count_rejected(self) -> int:
        """Count the messages with rejected operations."""

    def rejected(self) -> Sequence[Mapping[str, Any]]:
        """Look at the rejected operations."""

    def story(self, card_id: str, rejected: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Tell the story of a card."""


class _Seen(NamedTuple):
    revision: int
    content: Mapping[str, Any]


class News:
    """Looks at a stack when somebody asks, and not too often however many ask."""

    def __init__(self, reader: Reader) -> None:
        """Begin with nothing seen."""
        self._reader = reader
        self._lock = threading.Lock()
        self._run = secrets.token_hex(8)
        """Tells a browser that this is another server than the one it asked before: all it knows is void."""
        self._revision = 0
        self._due = 0.0
        self._versions: Mapping[str, str] = {}
        self._cards: dict[str, _Seen] = {}
        self._alerts: deque[_Seen] = deque(maxlen=MOST_ALERTS)
        self._rejected: Sequence[Mapping[str, Any]] = ()
        self._rejected_count = 0
        self._rejected_revision = 0
        self._rejected_due = 0.0

    def since(self, run: str, revision: int) -> dict[str, Any]:
        """Tell what is new to a browser that has seen so much of so called a run.

        ``run`` and ``revision`` of the answer are what to ask with the next time. Raises what the reader raises.
        """
        with self._lock:
            if time.monotonic() >= self._due:
                self._look()
            known = revision if run == self._run else -1
            return {
                "run": self._run,
                "revision": self._revision,
                "statuses": STATUSES,
                "cards": [card.content for card in self._cards.values() if card.revision > known],
                "alerts": [alert.content for alert in self._alerts if alert.revision > known],
                "rejected": self._told_rejected() if self._rejected_revision > known else None,
            }

    def story(self, card_id: str) -> Mapping[str, Any]:
        """Tell the story of a card. Raises what the reader raises."""
        with self._lock:
            return self._reader.story(card_id, self._rejected)

    def _look(self) -> None:
        started = time.monotonic()
        # Said beforehand: a stack that does not answer is not asked more often than another.
        self._due = started + SHORTEST_PAUSE
        self._revision += 1
        self._look_at_cards()
        for alert in self._reader.alerts():
            if all(alert["alertId"] != seen.content["alertId"] for seen in self._alerts):
                self._alerts.append(_Seen(self._revision, alert))
        if started >= self._rejected_due:
            self._look_at_rejected()
        ended = time.monotonic()
        self._due = ended + max(SHORTEST_PAUSE, PAUSE_TO_WORK * (ended - started))

    def _look_at_cards(self) -> None:
        versions = self._reader.versions()
        changed = [card_id for card_id, version in versions.items() if self._versions.get(card_id) != version]
        if changed:
            for card_id, card in self._reader.cards(changed).items():
                self._cards[card_id] = _Seen(self._revision, card)
        self._versions = versions

    def _look_at_rejected(self) -> None:
        count = self._reader.count_rejected()
        if count == self._rejected_count:
            return
        self._rejected = self._reader.rejected()
        self._rejected_count = count
        self._rejected_revision = self._revision
        self._rejected_due = time.monotonic() + PAUSE_FOR_REJECTED

    def _told_rejected(self) -> dict[str, Any]:
        newest = sorted(self._rejected, key=lambda document: str(document["receivedAt"]), reverse=True)
        # One message can hold a hundred thousand operations: no more of them are written than are shown.
        entries = (entry for document in newest for entry in _entries(document))
        return {"messages": self._rejected_count, "entries": list(islice(entries, MOST_REJECTIONS))}


def _entries(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Write what was rejected, an entry each; one message may hold several operations."""
    for entry in rejected_entries(document):
        operation = entry.get("operation")
        card_id = operation.get("cardId") if isinstance(operation, dict) else None
        kept = next((entry[name] for name in ("body", "bodyStart", "operationStart") if name in entry), operation)
        text = kept if isinstance(kept, str) else json.dumps(kept, indent=2, ensure_ascii=False)
        reason = str(entry.get("reason", ""))
        yield {
            "receivedAt": document["receivedAt"],
            "correlationId": document.get("correlationId"),
            "reason": reason,
            "meaning": {**OF_A_BODY, **OF_AN_OPERATION}.get(reason, "").replace("`", ""),
            "field": entry.get("field"),
            "cardId": card_id if isinstance(card_id, str) else None,
            "text": text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…",
        }
