"""Which of two updates a card's status shows."""

import itertools

import pytest

from card_tracking.domain.merge import effective_updates, merge, merge_all
from card_tracking.domain.status import CardStatus
from card_tracking.domain.statuses import FAILED, PENDING, SUCCESSFUL
from card_tracking.domain.update import CardUpdate
from tests.samples import LATER_START, OPERATION, START, instant, update

NEXT_OPERATION = "e2a94a70-1b1c-4f0e-8a53-0b7d8c9e4f22"

LIFE = [
    update("CARD_PROD_REQUESTED"),
    update("DATA_PREPARED", due_date="2026-03-06"),
    update("CARD_PROD_READY"),
    update("CARD_PROD_ONGOING"),
    update("CARD_PROD_DONE"),
    update("CARD_SHIPPED", SUCCESSFUL),
    update("CARD_SHIPPED", SUCCESSFUL, shipped="2026-03-07T08:00:00Z"),
    update("CARD_SHIPPED", SUCCESSFUL, shipped="2026-03-08T08:00:00Z"),
]


def merged(*updates: CardUpdate) -> CardStatus:
    """Merge updates in the order they arrived in."""
    return merge_all(None, updates)


def test_first_update_shows() -> None:
    """The first that D1 says of a card is its status, wherever it stands."""
    for only in LIFE:
        assert merged(only).shown == only
        assert merged(only).position == only.position


@pytest.mark.parametrize(("lower", "higher"), list(itertools.pairwise(LIFE)))
def test_higher_shows_in_either_order(lower: CardUpdate, higher: CardUpdate) -> None:
    """Each later stage, and each later progress of the shipment, shows; the earlier one arriving late does not."""
    assert merged(lower, higher).shown == higher
    assert merged(higher, lower).shown == higher


@pytest.mark.parametrize("index", range(len(LIFE)))
def test_repetition_is_no_change(index: int) -> None:
    """A redelivered update, at any time, returns the very same object, so that nothing is written."""
    status = merged(*LIFE)
    assert merge(status, LIFE[index]) is status


@pytest.mark.parametrize("earlier_fraction", ["2026-03-07T08:00:00.5+01:00", "2026-03-07T07:59:59.999Z"])
def test_shipment_times_are_instants(earlier_fraction: str) -> None:
    """The progress of a shipment is ordered by time, not by the text of the time."""
    earlier = update("CARD_SHIPPED", SUCCESSFUL, shipped=earlier_fraction)
    later = update("CARD_SHIPPED", SUCCESSFUL, shipped="2026-03-07T08:00:00Z")
    assert merged(earlier, later).shown == merged(later, earlier).shown == later


@pytest.mark.parametrize(
    ("failure", "overcome_by"),
    [
        (update("DATA_EXCEPTION", FAILED), update("CARD_PROD_READY")),
        (update("CARD_PROD_EXCEPTION", FAILED), update("CARD_PROD_DONE")),
        (update("CARD_PROD_CANCELED", FAILED), update("CARD_SHIPPED", SUCCESSFUL)),
    ],
)
def test_failure_is_overcome(failure: CardUpdate, overcome_by: CardUpdate) -> None:
    """A stage that can only follow when a failure was overcome replaces it, in either order of arrival."""
    assert merged(failure, overcome_by).shown == overcome_by
    assert merged(overcome_by, failure).shown == overcome_by


@pytest.mark.parametrize(
    ("stage", "failure"),
    [
        (update("DATA_PREPARED"), update("DATA_EXCEPTION", FAILED)),
        (update("CARD_PROD_ONGOING"), update("CARD_PROD_EXCEPTION", FAILED)),
        (update("CARD_PROD_DONE"), update("CARD_PROD_CANCELED", PENDING)),
        (update("CARD_PROD_DONE"), update("CARD_STOLEN_IN_TRANSIT", FAILED)),
        (update("CARD_SHIPPED", SUCCESSFUL), update("CARD_RETURNED", SUCCESSFUL)),
    ],
)
def test_failure_stands_over_what_it_follows(stage: CardUpdate, failure: CardUpdate) -> None:
    """A failure shows over the last stage that it can follow, in either order of arrival."""
    assert merged(stage, failure).shown == failure
    assert merged(failure, stage).shown == failure


def test_newer_operation_takes_over() -> None:
    """A renewal starts a new ladder: its first stage replaces the shipped card, with nothing left of the old one."""
    shipped = merged(*LIFE)
    renewal = update("CARD_PROD_REQUESTED", start=LATER_START, operation_id=NEXT_OPERATION)
    status = merge(shipped, renewal)
    assert status == merged(renewal)
    assert status.sticky == {}
    assert set(status.milestones) == {"CARD_PROD_REQUESTED"}


@pytest.mark.parametrize("late", LIFE)
def test_older_operation_never_touches(late: CardUpdate) -> None:
    """A late update of an earlier operation changes nothing, not even a milestone."""
    status = merged(update("CARD_PROD_REQUESTED", start=LATER_START, operation_id=NEXT_OPERATION))
    assert merge(status, late) is status


def test_operations_started_at_once() -> None:
    """Two operations with one start are ordered by their ids, so every order of arrival ends alike."""
    one, other = update("DATA_PREPARED", operation_id="A"), update("CARD_PROD_REQUESTED", operation_id="B")
    assert merged(one, other) == merged(other, one) == merged(other)


def test_operation_goes_by_instant() -> None:
    """A start written with an offset is the instant it names, whatever its text compares like."""
    older = update("CARD_SHIPPED", SUCCESSFUL, start="2026-03-02T23:30:00+14:00", operation_id="Z")
    newer = update("CARD_PROD_REQUESTED", start="2026-03-02T10:00:00Z", operation_id="A")
    assert merged(newer, older).shown == merged(older, newer).shown == newer


def test_no_status_is_lowest() -> None:
    """An operation without details.status shows only while nothing better is known."""
    unnamed, first = update("UNKNOWN"), update("CARD_PROD_REQUESTED")
    assert merged(unnamed).shown == unnamed
    assert merged(unnamed, first).shown == merged(first, unnamed).shown == first


def test_two_contents_at_one_position() -> None:
    """Of two contents at one position the later arrival shows, and a redelivery of an earlier one does not return."""
    contents = [update("DATA_PREPARED", due_date=f"2026-03-0{day}") for day in (4, 5, 6)]
    status = merged(*contents)
    assert status.shown == contents[2]
    for content in contents:
        assert merge(status, content) is status


def test_what_is_remembered_is_for_ever() -> None:
    """What was applied is remembered in 12 characters that no release may change: a redelivery can come after it."""
    status = merged(update("DATA_PREPARED", error="one", shipment={"b": 1, "a": [2]}), update("DATA_PREPARED"))
    assert status.seen_digests == ("6d1b95f15c81",)


def test_two_contents_below_the_status() -> None:
    """A second content for a stage that is past does not show."""
    status = merged(update("DATA_PREPARED", reason="one"), update("CARD_PROD_READY"))
    assert merge(status, update("DATA_PREPARED", reason="two")).shown.status == "CARD_PROD_READY"


def test_the_order_of_an_objects_fields_is_no_content() -> None:
    """A redelivery with the fields of an object in another order is the same content."""
    one = update("CARD_SHIPPED", SUCCESSFUL, shipment={"carrier": "x", "status": "y"})
    two = update("CARD_SHIPPED", SUCCESSFUL, shipment={"carrier": "z"})
    status = merged(one, two)
    assert merge(status, update("CARD_SHIPPED", SUCCESSFUL, shipment={"status": "y", "carrier": "x"})) is status


def test_position_of_an_update() -> None:
    """A position is the operation by second and id, then rank, ended and the time of the shipment."""
    position = LIFE[-1].position
    assert position.operation == (instant("2026-03-02T09:15:00Z"), OPERATION)
    assert tuple(position.progress) == (60, True, LIFE[-1].shipment_updated)
    assert LIFE[0].start_time == START


ENDED = "2026-03-06T10:00:00Z"


@pytest.mark.parametrize(
    ("pending", "ended"),
    [
        (update("CARD_PROD_DONE"), update("CARD_PROD_DONE", SUCCESSFUL, end_time=ENDED)),
        (update("CARD_PROD_DONE"), update("CARD_PROD_DONE", PENDING, end_time=ENDED)),
        (update("DATA_EXCEPTION"), update("DATA_EXCEPTION", FAILED, end_time=ENDED, error_code="E1")),
        (update("CARD_PROD_CANCELED"), update("CARD_PROD_CANCELED", FAILED, end_time=ENDED)),
        (update("CARD_LOST"), update("CARD_LOST", SUCCESSFUL, end_time=ENDED)),
        (update("CARD_LOST"), update("CARD_LOST", FAILED, end_time=ENDED)),
        (update("CARD_LOST"), update("CARD_PROD_DONE", SUCCESSFUL, end_time=ENDED)),
        (update("CARD_SHIPPED", shipped="2026-03-08T08:00:00Z"), update("CARD_SHIPPED", SUCCESSFUL)),
    ],
)
def test_late_pending_update_reopens_nothing(pending: CardUpdate, ended: CardUpdate) -> None:
    """An operation that has ended stays ended when a pending update of the same rank, or a hold, arrives late."""
    assert merged(pending, ended).shown == ended
    assert merged(ended, pending).shown == ended


@pytest.mark.parametrize(
    "starts",
    [
        ("2026-03-02T09:15:00.492Z", "2026-03-02T09:15:00Z"),
        ("2026-03-02T09:15:00.492Z", "2026-03-02T11:15:00.49+02:00"),
        ("2026-03-02T09:15:00.9Z", "2026-03-02T09:15:01Z"),
    ],
)
def test_one_operation_id_is_one_operation(starts: tuple[str, str]) -> None:
    """Updates of one ``operationId`` belong together, however D1 writes their start, in either order of arrival."""
    for one, other in (starts, reversed(starts)):
        requested = update("CARD_PROD_REQUESTED", start=one, due_date="2026-03-06")
        shipped = update("CARD_SHIPPED", SUCCESSFUL, start=other)
        for order in ([requested, shipped], [shipped, requested]):
            status = merged(*order)
            assert status.shown == shipped
            assert status.latest("due_date") == "2026-03-06"
            assert set(status.milestones) == {"CARD_PROD_REQUESTED", "CARD_SHIPPED"}


def test_an_operation_keeps_its_latest_second() -> None:
    """An operation started in the latest second that D1 named for it, so it replaces one that started before that."""
    early, late = "2026-03-02T09:15:00Z", "2026-03-02T09:15:02Z"
    between = update("CARD_PROD_REQUESTED", start="2026-03-02T09:15:01Z", operation_id="between")
    status = merged(update("CARD_PROD_READY", start=early), update("DATA_PREPARED", start=late))
    assert status.shown.status == "CARD_PROD_READY"
    assert status.position.started == instant(late)
    assert merge(status, between) is status


READY, DONE, SHIPPED = (update(status) for status in ("CARD_PROD_READY", "CARD_PROD_DONE", "CARD_SHIPPED"))
READY_LATER = update("CARD_PROD_READY", due_date="2026-03-05")
RENEWED = update("CARD_PROD_REQUESTED", operation_id="renewal", start=LATER_START)


@pytest.mark.parametrize(
    ("known", "told", "changing_ones"),
    [
        ([], [READY], [READY]),
        ([READY], [READY], []),
        ([READY], [READY, DONE, DONE, SHIPPED], [DONE, SHIPPED]),
        ([SHIPPED], [DONE], [DONE]),
        ([DONE, SHIPPED], [DONE, SHIPPED], []),
        ([SHIPPED], [RENEWED, SHIPPED], [RENEWED]),
        ([READY], [READY_LATER], [READY_LATER]),
    ],
)
def test_which_updates_change_something(
    known: list[CardUpdate], told: list[CardUpdate], changing_ones: list[CardUpdate]
) -> None:
    """Effective updates bring news, also of a status that was passed; repetitions and older operations do not."""
    current = merge_all(None, known) if known else None

    assert effective_updates(current, told) == changing_ones
