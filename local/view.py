"""What happens in a running stack, a line each: every change of a card's status, and every alert."""

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any, Final

import boto3

from card_tracking.adapters.card_status_reader import MOST_CARDS, CardStatusReader
from card_tracking.wire.card_document import card_answer
from local.deployment import Deployment
from local.versions import status_versions

WATCH_QUEUE: Final = "live-view"
SHORTEST_PAUSE: Final = 0.2
PAUSE_TO_WORK: Final = 9
"""Looking takes longer the more cards there are, and must not take the machine from those who work on it."""


class LiveView:
    """Looks at the table and at a queue of its own: ``alertInboxUrl`` is for the user alone to read."""

    def __init__(self, deployment: Deployment) -> None:
        """Watch a deployment from now on."""
        self._dynamodb = boto3.client("dynamodb", **deployment.engine.access)
        self._sqs = boto3.client("sqs", **deployment.engine.access)
        self._table = deployment.outputs["StatusTableName"]
        self._queue = deployment.subscribe_queue(WATCH_QUEUE)
        self._reader = CardStatusReader(self._table, self._dynamodb)
        self._versions: dict[str, str] = {}
        self._cards: dict[str, dict[str, Any]] = {}

    def lines(self) -> Iterator[str]:
        """Answer what happens, as it happens, for ever."""
        while True:
            started = time.monotonic()
            clock = time.strftime("%H:%M:%S")
            for line in (*self._status_changes(), *self._alerts()):
                yield f"{clock}  {line}"
            time.sleep(max(SHORTEST_PAUSE, PAUSE_TO_WORK * (time.monotonic() - started)))

    def _status_changes(self) -> Iterable[str]:
        versions = status_versions(self._dynamodb, self._table)
        changed = [card_id for card_id, version in versions.items() if self._versions.get(card_id) != version]
        self._versions = versions
        for start in range(0, len(changed), MOST_CARDS):
            for card_id, status in self._reader.get_many(changed[start : start + MOST_CARDS]).items():
                card, before = card_answer(status), self._cards.get(card_id)
                self._cards[card_id] = card
                yield f"status  {card_id}  {' → '.join(_way(before, card))}{_facts(card)}"

    def _alerts(self) -> Iterable[str]:
        answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            alert = json.loads(json.loads(message["Body"])["Message"])
            late = "  (superseded)" if alert["superseded"] else ""
            yield f"ALERT   {alert['cardId']}  {alert['status']}{_facts(alert)}{late}"


def _way(before: dict[str, Any] | None, card: dict[str, Any]) -> list[str]:
    """Name the statuses from the last one seen to the present one: two bodies may lie between two looks."""
    old = before["milestones"] if before and before["operationId"] == card["operationId"] else {}
    between = sorted(card["milestones"].items(), key=lambda milestone: milestone[1])
    passed = [status for status, _ in between if status not in old and status != card["status"]]
    return [*([before["status"]] if before else []), *passed, card["status"]]


def _facts(card: dict[str, Any]) -> str:
    shipment = card.get("shipment") or {}
    facts = [
        card.get("errorCode"),
        card.get("error"),
        *(shipment.get(name) for name in ("carrier", "trackingNumber", "status", "message")),
    ]
    told = " ".join(str(fact) for fact in facts if fact)
    return f"  {told}" if told else ""
