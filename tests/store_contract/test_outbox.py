"""The outbox: one row a cause, taken by one relay at a time, until it is marked."""

from card_tracking.adapters.alert_outbox import LEASE_SECONDS, PENDING_SHARDS, AlertOutbox, PendingAlert
from card_tracking.deadline import Deadline
from card_tracking.domain.instants import Instant
from tests.store_contract.samples import LATER, RECEIVED, alert

LEASE_END = Instant(RECEIVED + LEASE_SECONDS * 1_000_000)


def all_due(outbox: AlertOutbox, now: Instant, deadline: Deadline, limit: int = 100) -> list[PendingAlert]:
    """Find what is due in all shards."""
    return [one for shard in range(PENDING_SHARDS) for one in outbox.due(shard, now, limit, deadline)]


def test_a_cause_is_new_once(outbox: AlertOutbox, deadline: Deadline) -> None:
    """Whoever adds a cause first gets it to publish; later ones get nothing, among others that are new."""
    first, second, third = alert("a"), alert("b"), alert("c")
    assert outbox.add([first, second], RECEIVED, deadline) == [first, second]
    assert outbox.add([second, third, first], LATER, deadline) == [third]


def test_nothing_is_due_within_its_lease(outbox: AlertOutbox, deadline: Deadline) -> None:
    """Until the lease ends, the row is its inserter's; from then on it is due, as it was added."""
    raised = [alert(card) for card in "abcdefgh"]
    outbox.add(raised, RECEIVED, deadline)
    assert all_due(outbox, Instant(LEASE_END - 1), deadline) == []
    due = all_due(outbox, LEASE_END, deadline)
    assert sorted((one.alert for one in due), key=str) == sorted(raised, key=str)
    assert {one.due for one in due} == {LEASE_END}


def test_what_has_no_lease_is_due_at_once(outbox: AlertOutbox, deadline: Deadline) -> None:
    """What its inserter leaves to the relay, the relay finds without waiting; and a cause is still new only once."""
    assert outbox.add([alert("a"), alert("b")], RECEIVED, deadline, leased=False) == [alert("a"), alert("b")]
    assert outbox.add([alert("a")], RECEIVED, deadline, leased=False) == []
    due = all_due(outbox, RECEIVED, deadline)
    assert sorted(outbox.claim(due, RECEIVED, deadline), key=str) == sorted([alert("a"), alert("b")], key=str)
    assert all_due(outbox, RECEIVED, deadline) == []


def test_a_marked_alert_is_never_due(outbox: AlertOutbox, deadline: Deadline) -> None:
    """The mark takes the row out of the index; marking twice does no harm; the cause stays known."""
    outbox.add([alert("a"), alert("b")], RECEIVED, deadline)
    outbox.mark_published([alert("a")], RECEIVED, deadline)
    outbox.mark_published([alert("a")], LATER, deadline)
    assert [one.alert for one in all_due(outbox, LATER, deadline)] == [alert("b")]
    assert outbox.add([alert("a")], LATER, deadline) == []


def test_a_mark_on_nothing_creates_nothing(outbox: AlertOutbox, deadline: Deadline) -> None:
    """Marking what was never added leaves no row that would keep the cause from alerting."""
    outbox.mark_published([alert("a")], RECEIVED, deadline)
    assert outbox.add([alert("a")], RECEIVED, deadline) == [alert("a")]


def test_one_of_two_relays_claims_an_alert(outbox: AlertOutbox, deadline: Deadline) -> None:
    """Both found it due; the first takes the lease, the second gets nothing, and it is due again when that ends."""
    outbox.add([alert("a"), alert("b")], RECEIVED, deadline)
    due = all_due(outbox, LATER, deadline)
    assert sorted(outbox.claim(due, LATER, deadline), key=str) == sorted((one.alert for one in due), key=str)
    assert outbox.claim(due, LATER, deadline) == []
    assert all_due(outbox, LATER, deadline) == []
    assert len(all_due(outbox, Instant(LATER + LEASE_SECONDS * 1_000_000), deadline)) == 2


def test_a_published_alert_cannot_be_claimed(outbox: AlertOutbox, deadline: Deadline) -> None:
    """A relay that read the row before it was marked comes too late: the claim does not bring it back."""
    outbox.add([alert("a")], RECEIVED, deadline)
    due = all_due(outbox, LATER, deadline)
    outbox.mark_published([alert("a")], LATER, deadline)
    assert outbox.claim(due, LATER, deadline) == []
    assert all_due(outbox, LATER, deadline) == []


def test_those_that_wait_longest_come_first(outbox: AlertOutbox, deadline: Deadline) -> None:
    """A bounded round takes the oldest, so that none waits for ever."""
    for age in range(30):
        outbox.add([alert(str(age))], Instant(RECEIVED - age * 1_000_000), deadline)
    for shard in range(PENDING_SHARDS):
        every = [one.due for one in outbox.due(shard, LATER, 100, deadline)]
        assert every == sorted(every)
        assert [one.due for one in outbox.due(shard, LATER, 3, deadline)] == every[:3]
    assert len(all_due(outbox, LATER, deadline)) == 30
