"""A story for people at a terminal."""

from collections.abc import Iterator

from card_tracking.domain.instants import Instant, format_instant
from local.explain.records import AlertRecord
from local.explain.story import Arrival, Story


def lines(story: Story) -> Iterator[str]:
    """Write a story; whatever came from outside is kept to printable characters."""
    yield f"Card {_plain(story.card_id)}"
    yield ""
    yield _plain(story.why)
    if story.status is not None:
        yield f"Received at {format_instant(story.status.shown.received)}."
    yield from (f"Note: {_plain(note)}" for note in story.notes)
    yield ""
    yield f"Arrivals: {len(story.arrivals)}"
    several = len({arrival.operation.get("operationId") for arrival in story.arrivals}) > 1
    for arrival in story.arrivals:
        of = f", operation {_plain(str(arrival.operation.get('operationId')))}" if several else ""
        yield f"  {format_instant(arrival.received)}  {_told(arrival):<34}  {arrival.effect.name}{of}"
        yield f"      {_plain(arrival.effect.why)}"
        if arrival.by_reconciliation:
            yield "      D1 was asked for it (reconciliation)."
        if arrival.alert_id:
            yield f"      Raised alert {arrival.alert_id}."
    yield ""
    yield f"Alerts: {len(story.alerts)}"
    for record in story.alerts:
        late = " (superseded: the card was known to be further on)" if record.superseded else ""
        yield f"  {format_instant(record.raised)}  {_plain(_event(record))} of operation {_plain(record.operation_id)}"
        yield f"      Alert {record.alert_id}{late}: {_published(record)}."


def _told(arrival: Arrival) -> str:
    name = arrival.operation.get("operation")
    told = arrival.status or (name if isinstance(name, str) else "")
    status = arrival.operation.get("status")
    return _plain(f"{told} ({status})" if isinstance(status, str) else told)


def _event(record: AlertRecord) -> str:
    if record.alert is None or record.overdue_on is None:
        return record.status
    return f"Overdue on {record.overdue_on} (due {record.alert.update.due_date}): {record.status}"


def _published(record: AlertRecord) -> str:
    if record.published is not None:
        return f"published at {format_instant(record.published)}, {_seconds(record.raised, record.published)} later"
    if record.lease_end is not None:
        return f"NOT PUBLISHED YET: the relay publishes it after {format_instant(record.lease_end)}"
    return "NOT PUBLISHED YET"


def _seconds(start: Instant, end: Instant) -> str:
    return f"{(end - start) / 1_000_000:.3f} s"


def _plain(text: str) -> str:
    """Leave nothing in a text that a terminal would obey."""
    return "".join(character if character.isprintable() else "?" for character in text)
