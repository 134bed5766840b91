"""The outbox: one row a cause, taken by one relay at a time, until it is marked."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from card_tracking.adapters.alert_outbox import LEASE_SECONDS, PENDING_SHARDS, AlertOutbox, PendingAlert, row_key
from card_tracking.adapters.table import Table
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant
from card_tracking.wire.alert_message import read_outbox_text
from tests.store_contract.conftest import RETENTION_DAYS
from tests.store_contract.samples import LATER, RECEIVED, alert

LEASE_END = Instant(RECEIVED + LEASE_SECONDS * 1_000_000)
HOUR = 3_600_000_000


def all_pending(outbox: AlertOutbox, deadline: Deadline) -> list[PendingAlert]:
    """Read what is pending in all shards, page by page."""
    found: list[PendingAlert] = []
    for shard in range(PENDING_SHARDS):
        last: PendingAlert | None = None
        while page := outbox.pending(shard, last, 3, deadline):
            found += page
            last = page[-1]
    return found


def cards_of(rows: Iterable[PendingAlert]) -> list[str]:
    """Name the cards of rows in their order."""
    return sorted(row.alert.update.card_id for row in rows)


def test_a_cause_is_new_once(outbox: AlertOutbox, deadline: Deadline) -> None:
    """Whoever adds a cause first gets it to publish; later ones get nothing, among others that are new."""
    first, second, third = alert("a"), alert("b"), alert("c")
    assert outbox.add([first, second], RECEIVED, deadline) == [
        PendingAlert(first, RECEIVED, LEASE_END),
        PendingAlert(second, RECEIVED, LEASE_END),
    ]
    assert cards_of(outbox.add([second, third, first], LATER, deadline)) == ["c"]


def test_pending_rows_are_read_whoever_holds_them(outbox: AlertOutbox, deadline: Deadline) -> None:
    """A row is read as it was added, from its creation on, with the end of its lease."""
    raised = [alert(card) for card in "abcdefgh"]
    added = outbox.add(raised, RECEIVED, deadline)
    assert sorted(all_pending(outbox, deadline), key=str) == sorted(added, key=str)
    assert [(row.alert, row.waits_since, row.lease_end) for row in added] == [
        (one, RECEIVED, LEASE_END) for one in raised
    ]


def test_rows_without_a_lease_end_it_at_once(outbox: AlertOutbox, deadline: Deadline) -> None:
    """What its inserter leaves to the relay has no lease to wait for; and a cause is still new only once."""
    assert cards_of(outbox.add([alert("a"), alert("b")], RECEIVED, deadline, leased=False)) == ["a", "b"]
    assert outbox.add([alert("a")], RECEIVED, deadline, leased=False) == []
    pending = all_pending(outbox, deadline)
    assert {(one.waits_since, one.lease_end) for one in pending} == {(RECEIVED, RECEIVED)}
    assert cards_of(outbox.claim(pending, RECEIVED, deadline)) == ["a", "b"]
    assert {one.lease_end for one in all_pending(outbox, deadline)} == {LEASE_END}


def test_no_lease_changes_how_long_an_alert_has_waited(outbox: AlertOutbox, deadline: Deadline) -> None:
    """However often a row is claimed, it waits since its creation."""
    outbox.add([alert("a")], RECEIVED, deadline)
    for hours in range(1, 7):
        assert outbox.claim(all_pending(outbox, deadline), Instant(RECEIVED + hours * HOUR), deadline)
    [pending] = all_pending(outbox, deadline)
    assert pending.waits_since == RECEIVED
    assert pending.lease_end == LEASE_END + 6 * HOUR


def test_a_marked_alert_is_not_pending(outbox: AlertOutbox, deadline: Deadline) -> None:
    """The mark takes the row out of the index; marking twice does no harm; the cause stays known."""
    outbox.add([alert("a"), alert("b")], RECEIVED, deadline)
    outbox.mark_published([alert("a")], RECEIVED, deadline)
    outbox.mark_published([alert("a")], LATER, deadline)
    assert [one.alert for one in all_pending(outbox, deadline)] == [alert("b")]
    assert outbox.add([alert("a")], LATER, deadline) == []


def test_a_published_row_keeps_the_cause_alone(outbox: AlertOutbox, table: Table, deadline: Deadline) -> None:
    """A row about a cause loses the alert's text and never expires; one about an overdue card keeps it and expires."""
    reported, late = alert("a"), replace(alert("b"), overdue_on="2026-01-19")
    outbox.add([reported, late], RECEIVED, deadline)
    outbox.mark_published([reported, late], LATER, deadline)
    assert table.get([row_key(reported)], deadline) == [
        {
            **row_key(reported),
            "operationId": {"S": "produce-1"},
            "status": {"S": "DATA_EXCEPTION"},
            "superseded": {"BOOL": False},
            "receivedAt": {"S": "2026-01-18T10:00:00.000Z"},
            "createdAt": {"S": "2026-01-18T10:00:00.000Z"},
            "publishedAt": {"S": "2026-01-18T11:00:00.000Z"},
        }
    ]
    [row] = table.get([row_key(late)], deadline)
    assert read_outbox_text(row["alert"]["S"]) == late
    assert row["expiresAt"] == {"N": str(RECEIVED // 1_000_000 + RETENTION_DAYS * 86_400)}
    assert not {"pendingShard", "waitsSince", "leaseEndsAt"} & row.keys()
    assert outbox.add([reported, late], LATER, deadline) == []


def test_a_mark_on_nothing_creates_nothing(outbox: AlertOutbox, deadline: Deadline) -> None:
    """Marking what was never added leaves no row that would keep the cause from alerting."""
    outbox.mark_published([alert("a")], RECEIVED, deadline)
    assert cards_of(outbox.add([alert("a")], RECEIVED, deadline)) == ["a"]


def test_one_of_two_relays_claims_an_alert(outbox: AlertOutbox, deadline: Deadline) -> None:
    """Both read the same lease; the first takes a new one, the second gets nothing until it reads that one."""
    outbox.add([alert("a"), alert("b")], RECEIVED, deadline)
    pending = all_pending(outbox, deadline)
    assert cards_of(outbox.claim(pending, LATER, deadline)) == ["a", "b"]
    assert outbox.claim(pending, LATER, deadline) == []
    again = all_pending(outbox, deadline)
    assert {one.lease_end for one in again} == {LATER + LEASE_SECONDS * 1_000_000}
    assert cards_of(outbox.claim(again, Instant(LATER + HOUR), deadline)) == ["a", "b"]


def test_a_lease_is_renewed_by_its_holder_alone(outbox: AlertOutbox, deadline: Deadline) -> None:
    """Whoever inserted a row renews its lease, again and again, until somebody else has claimed or published it."""
    rows = outbox.add([alert("a"), alert("b"), alert("c")], RECEIVED, deadline)
    first = outbox.claim(rows, Instant(RECEIVED + 50_000_000), deadline)
    assert [row.lease_end for row in first] == [LEASE_END + 50_000_000] * 3
    again = outbox.claim(first, Instant(RECEIVED + 100_000_000), deadline)
    assert cards_of(again) == ["a", "b", "c"]
    assert outbox.claim(first, Instant(RECEIVED + 101_000_000), deadline) == []
    assert outbox.claim(rows, LATER, deadline) == []
    outbox.claim(again[:1], LATER, deadline)
    outbox.mark_published([again[1].alert], LATER, deadline)
    assert cards_of(outbox.claim(again, LATER, deadline)) == ["c"]


@pytest.mark.parametrize(("seconds_left", "is_safe"), [(60, True), (30, True), (29.9, False), (0, False), (-5, False)])
def test_when_a_lease_is_safe(seconds_left: float, is_safe: bool) -> None:
    """A lease is safe as long as a round can be published and marked before it ends."""
    row = PendingAlert(alert("a"), RECEIVED, LEASE_END)
    assert row.is_safe(Instant(LEASE_END - int(seconds_left * 1_000_000))) is is_safe


def test_a_published_alert_cannot_be_claimed(outbox: AlertOutbox, deadline: Deadline) -> None:
    """A relay that read the row before it was marked comes too late: the claim does not bring it back."""
    outbox.add([alert("a")], RECEIVED, deadline)
    pending = all_pending(outbox, deadline)
    outbox.mark_published([alert("a")], LATER, deadline)
    assert outbox.claim(pending, LATER, deadline) == []
    assert all_pending(outbox, deadline) == []


def test_those_that_wait_longest_come_first(outbox: AlertOutbox, deadline: Deadline) -> None:
    """A bounded round takes the oldest, so that none waits for ever."""
    for age in range(30):
        outbox.add([alert(str(age))], Instant(RECEIVED - age * 1_000_000), deadline)
    for shard in range(PENDING_SHARDS):
        every = [one.waits_since for one in outbox.pending(shard, None, 100, deadline)]
        assert every == sorted(every)
        assert [one.waits_since for one in outbox.pending(shard, None, 3, deadline)] == every[:3]
    assert len(all_pending(outbox, deadline)) == 30


def test_reading_continues_behind_rows_that_are_gone(outbox: AlertOutbox, deadline: Deadline) -> None:
    """Each row is read once: published rows before it, and rows of the same moment, neither hide nor repeat it."""
    outbox.add([alert(str(number)) for number in range(40)], RECEIVED, deadline)
    read: list[PendingAlert] = []
    for shard in range(PENDING_SHARDS):
        last: PendingAlert | None = None
        while page := outbox.pending(shard, last, 3, deadline):
            outbox.mark_published([one.alert for one in page], LATER, deadline)
            read += page
            last = page[-1]
    assert cards_of(read) == sorted(str(number) for number in range(40))


def test_reading_continues_with_rows_that_come_later(outbox: AlertOutbox, deadline: Deadline) -> None:
    """A shard that was read to its end gives what was added since, and nothing twice."""
    outbox.add([alert(str(number)) for number in range(20)], RECEIVED, deadline)
    last = {shard: outbox.pending(shard, None, 100, deadline)[-1] for shard in range(PENDING_SHARDS)}
    assert [outbox.pending(shard, one, 100, deadline) for shard, one in last.items()] == [[]] * PENDING_SHARDS
    outbox.add([alert(str(number)) for number in range(20, 40)], LATER, deadline)
    found = [new for shard, one in last.items() for new in outbox.pending(shard, one, 100, deadline)]
    assert cards_of(found) == [str(number) for number in range(20, 40)]
