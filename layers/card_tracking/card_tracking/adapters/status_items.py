"""The status item: one a card, written only over the version that was read."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from card_tracking.adapters.table import Item, Statement, Table, card_id_of, number, partition_key, shard_of, text
from card_tracking.deadline import Deadline
from card_tracking.domain.due_dates import due_date, is_open
from card_tracking.domain.status import CardStatus
from card_tracking.wire.card_document import read_status, status_text

STATUS_KEY: Final = "STATUS"
STATUS_INDEX: Final = "ByStatus"
INPUT_FILE_INDEX: Final = "ByInputFile"
ISSUER_REQUEST_INDEX: Final = "ByIssuerRequest"
OPEN_INDEX: Final = "OpenCards"
"""Sparse: of the cards that are still in production, those first that were to be shipped first."""

NO_DUE_DATE: Final = "~"
"""Sorts after every date."""

INDEX_SHARDS: Final = 16
"""A status has a handful of values and one file can hold 100,000 cards: one key each would throttle the table."""
_LONGEST_INDEX_KEY_BYTES: Final = 1_000


@dataclass(frozen=True, slots=True)
class StoredStatus:
    """A status as it was read, and the version that a write must still find."""

    status: CardStatus
    version: int


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A status to be written over what was read: over nothing where ``previous`` is None."""

    status: CardStatus
    previous: StoredStatus | None

    @property
    def card_id(self) -> str:
        """The card whose status this is."""
        return self.status.shown.card_id


def status_key(card_id: str) -> Item:
    """Name the status item of a card."""
    return {"pk": text(partition_key(card_id)), "sk": text(STATUS_KEY)}


def status_shard(status: str, shard: int) -> str:
    """Name one shard of the cards that have a status."""
    return f"{status}#{shard:02d}"


def input_file_shard(input_file_name: str, shard: int) -> str:
    """Name one shard of the cards that an input file asked for."""
    return f"{input_file_name}#{shard:02d}"


def open_shard(shard: int) -> str:
    """Name one shard of the cards that are still in production."""
    return f"{shard:02d}"


def read_statuses(table: Table, card_ids: Collection[str], deadline: Deadline) -> dict[str, StoredStatus]:
    """Read the statuses of distinct cards, consistently; a card without one is left out."""
    items = table.get([status_key(card_id) for card_id in card_ids], deadline)
    stored = {}
    for item in items:
        card_id = card_id_of(item["pk"]["S"])
        status = read_status(card_id, item["status"]["S"], item["card"]["S"])
        stored[card_id] = StoredStatus(status, int(item["version"]["N"]))
    return stored


def write_statement(table: Table, change: StatusChange) -> Statement:
    """Write the statement that stores a change, and is refused where another delivery came first."""
    attributes = _attributes(change.status)
    if change.previous is None:
        return table.insert({**status_key(change.card_id), "version": number(1), **attributes})
    removed = [name for name in _attributes(change.previous.status) if name not in attributes]
    return table.update(
        status_key(change.card_id),
        {"version": number(change.previous.version + 1), **attributes},
        removed,
        condition={"version": number(change.previous.version)},
    )


def _attributes(status: CardStatus) -> Item:
    shown = status.shown
    shard = shard_of(shown.card_id, INDEX_SHARDS)
    attributes = {
        "card": text(status_text(status)),
        "status": text(shown.status),
        "statusShard": text(status_shard(shown.status, shard)),
    }
    if is_open(status):
        due = due_date(status)
        attributes["openShard"] = text(open_shard(shard))
        attributes["dueDate"] = text(due.isoformat() if due else NO_DUE_DATE)
    input_file_name = status.latest("input_file_name")
    if _can_be_indexed(input_file_name):
        attributes["inputFileShard"] = text(input_file_shard(input_file_name or "", shard))
    issuer_request_id = status.latest("issuer_request_id")
    if _can_be_indexed(issuer_request_id):
        attributes["issuerRequestId"] = text(issuer_request_id or "")
    return attributes


def _can_be_indexed(value: str | None) -> bool:
    return value is not None and len(value.encode()) <= _LONGEST_INDEX_KEY_BYTES
