"""Flawed twins of the product: each a small change that someone might make, and the tests that must not let it pass."""

from dataclasses import dataclass
from typing import Final

from tests.twins.edit import Edit

FAULTS: Final = "tests/faults/test_every_step.py"
FAULTLESS: Final = f"{FAULTS}::test_nothing_is_lost_where_nothing_fails"
ANY_FAULT: Final = f"{FAULTS}::test_nothing_is_lost_whatever_fails_wherever"
ANY_KILL: Final = f"{FAULTS}::test_nothing_is_lost_wherever_the_process_dies"
HANDED_OVER: Final = f"{FAULTS}::test_what_is_handed_over_does_not_wait_for_a_lease"
BULK_IN_PART: Final = f"{FAULTS}::test_entries_of_a_bulk_left_undone_are_done_again"
DELIVERY_RACES: Final = "tests/races/test_races.py::test_deliveries_at_once_lose_nothing"
REPLAY_KILL: Final = (
    "tests/faults/test_replay.py::test_nothing_leaves_the_queue_before_it_is_stored[process killed after it]"
)
RELAY_RACES: Final = "tests/races/test_races.py::test_relays_at_once_publish_each_alert_once"
RENEWAL_RACES: Final = "tests/races/test_races.py::test_an_inserter_and_relays_at_once_publish_each_alert_once"
LEASE_ENDS: Final = "tests/faults/test_slow_calls.py::test_lease_that_ends_while_its_holder_works_doubles_no_alert[45]"

_PACKAGE: Final = "layers/card_tracking/card_tracking"
_HANDLER: Final = "functions/receive_notification/app.py"
_STORE: Final = f"{_PACKAGE}/adapters/notification_store.py"
_STATUS_ITEMS: Final = f"{_PACKAGE}/adapters/status_items.py"
_OUTBOX: Final = f"{_PACKAGE}/adapters/alert_outbox.py"
_TABLE: Final = f"{_PACKAGE}/adapters/table.py"
_RETRIES: Final = f"{_PACKAGE}/adapters/retries.py"
_REPLAY: Final = f"{_PACKAGE}/use_cases/replay.py"
_RECEIVE: Final = f"{_PACKAGE}/use_cases/receive.py"


@dataclass(frozen=True, slots=True)
class Twin:
    """A flawed product."""

    name: str
    edits: tuple[Edit, ...]
    caught_by: str
    """Node id of the tests that must fail; with a parameter in brackets where that one is enough."""


def _twin(name: str, path: str, before: str, after: str, caught_by: str) -> Twin:
    return Twin(name, (Edit(path, before, after),), caught_by)


TWINS: Final = (
    _twin(
        "no guard: a status is written over whatever is there",
        _STATUS_ITEMS,
        'condition={"version": number(change.previous.version)},',
        "condition={},",
        DELIVERY_RACES,
    ),
    Twin(
        "read-then-write: the version is compared by a read before an unconditional write",
        (
            Edit(
                _STORE,
                "        statements = [write_statement(self._table, change) for change in changes]\n",
                "        there = self.read([change.status.shown.card_id for change in changes], deadline)\n"
                "        lost = [one for one in changes if there.get(one.status.shown.card_id) != one.previous]\n"
                "        self._table.put([_item(one) for one in changes if one not in lost], deadline)\n"
                "        statements = []\n",
            ),
            Edit(
                _STORE,
                "return [change for change, refusal in zip(changes, refusals, strict=False) if refusal is not None]",
                "return lost\n\n\ndef _item(change):\n"
                "    from card_tracking.adapters import status_items\n"
                "    from card_tracking.adapters.table import number\n"
                "    version = number(change.previous.version + 1 if change.previous else 1)\n"
                "    key = status_items.status_key(change.status.shown.card_id)\n"
                '    return {**key, "version": version, **status_items._attributes(change.status)}\n',
            ),
        ),
        DELIVERY_RACES,
    ),
    _twin(
        "first write wins",
        f"{_PACKAGE}/domain/merge.py",
        "    if current is None:\n        return _begin(update)\n",
        "    if current is None:\n        return _begin(update)\n    return current\n",
        FAULTLESS,
    ),
    _twin(
        "last write wins: order of arrival",
        f"{_PACKAGE}/domain/merge.py",
        "    if current is None:\n",
        "    if True:\n",
        FAULTLESS,
    ),
    _twin(
        "answer before storing: 204 whatever becomes of it",
        _HANDLER,
        "        answer = _fail(error, str(error))",
        "        answer = answers.TAKEN",
        f"{ANY_FAULT}[malformed among good-its service is down from there on]",
    ),
    _twin(
        "4xx for a failure of ours: D1 gives up",
        "functions/receive_notification/answers.py",
        "    503,\n",
        "    400,\n",
        f"{ANY_FAULT}[malformed among good-its service is down from there on]",
    ),
    _twin(
        "publish before the outbox",
        _RECEIVE,
        "        done.alerts_at_once += self.outbox.add(alerts[:at_once], self.now(), deadline)\n",
        "        published = self.topic.publish(alerts[:at_once], deadline).published\n"
        "        self.outbox.add(alerts[:at_once], self.now(), deadline)\n"
        "        self.outbox.mark_published(published, self.now(), deadline)\n",
        FAULTLESS,
    ),
    _twin(
        "no outbox: publish what is new, when it is stored",
        _OUTBOX,
        '        "pendingShard": text(_pending_shard(shard)),\n        "waitsSince": number(row.waits_since),\n',
        "",
        f"{ANY_KILL}[two cards, one of them failed-process killed before it]",
    ),
    _twin(
        "alert only on change of the status shown",
        f"{_PACKAGE}/domain/alerts.py",
        "        if update.status in alert_statuses:",
        "        if update.status in alert_statuses and update == statuses[update.card_id].shown:",
        FAULTLESS,
    ),
    _twin(
        "statuses before the outbox, and what is stored taken for alerted",
        _RECEIVE,
        "        self._raise_alerts(updates, stored, statuses, done, deadline)\n",
        "        self.store.write(_changes(statuses, stored), [], deadline)\n"
        "        self._raise_alerts(updates, stored, statuses, done, deadline)\n"
        "        stored = self.store.read(updates, deadline)\n"
        "        statuses = _merge(stored, updates)\n",
        f"{ANY_KILL}[two cards, one of them failed-process killed before it]",
    ),
    _twin(
        "a storm that is left to the relay under a lease",
        _RECEIVE,
        ", leased=False)",
        ")",
        HANDED_OVER,
    ),
    _twin(
        "alert on every delivery",
        _OUTBOX,
        "        return self._accepted(rows, statements, deadline)\n\n    def mark_published",
        "        self._accepted(rows, statements, deadline)\n        return rows\n\n    def mark_published",
        FAULTLESS,
    ),
    _twin(
        "keyed on operationId: a second message of an operation is a duplicate",
        _RECEIVE,
        "        merged[card_id] = merge_all(previous.status if previous else None, card_updates)",
        "        merged[card_id] = previous.status if previous else merge_all(None, card_updates)\n"
        "        if previous and previous.status.shown.operation_id != card_updates[0].operation_id:\n"
        "            merged[card_id] = merge_all(previous.status, card_updates)",
        FAULTLESS,
    ),
    _twin(
        "text comparison of times",
        f"{_PACKAGE}/domain/update.py",
        "Position(whole_second(self.started), ",
        "Position(self.start_time, ",
        FAULTLESS,
    ),
    _twin(
        "a relay that never marks",
        f"{_PACKAGE}/use_cases/publish.py",
        "outbox.mark_published(publication.published, now(), deadline)",
        "pass",
        FAULTLESS,
    ),
    _twin(
        "a relay that publishes what it could not claim",
        _OUTBOX,
        "        return self._accepted(rows, statements, deadline)\n\n    def _accepted",
        "        self._accepted(rows, statements, deadline)\n        return rows\n\n    def _accepted",
        RELAY_RACES,
    ),
    _twin(
        "a lease that is not renewed: its inserter publishes however late",
        f"{_PACKAGE}/use_cases/publish.py",
        "alerts = _hold(outbox, rows, now(), publishing)",
        "alerts = [row.alert for row in rows]",
        LEASE_ENDS,
    ),
    _twin(
        "a lease that is renewed whoever holds it",
        _OUTBOX,
        'condition={"leaseEndsAt": number(old.lease_end)},',
        "",
        RENEWAL_RACES,
    ),
    _twin(
        "no lease: the relay takes what is still being published",
        _OUTBOX,
        "LEASE_SECONDS: Final = 60",
        "LEASE_SECONDS: Final = 0",
        f"{ANY_KILL}[two cards, one of them failed-process killed before it]",
    ),
    _twin(
        "rejected operations dropped",
        _RECEIVE,
        "        self.rejected_queue.send(rejected_operations(notification.rejections, origin), deadline)\n",
        "",
        FAULTLESS,
    ),
    _twin(
        "5xx on bad input",
        _HANDLER,
        "return answers.UNREADABLE",
        "return answers.FAILED",
        FAULTLESS,
    ),
    _twin(
        "logs bodies",
        _HANDLER,
        "    receipt = receive(notification, origin, deadline)\n",
        '    logger.info("notification", extra={"body": verified.body})\n'
        "    receipt = receive(notification, origin, deadline)\n",
        FAULTLESS,
    ),
    _twin(
        "logs what AWS says, which repeats what was sent",
        _RETRIES,
        "raise failure(name, code) from None",
        "raise failure(name, str(error)) from None",
        f"{ANY_FAULT}[malformed among good-refused once, and not worth trying again]",
    ),
    _twin(
        "throttled statements inside a 200 taken for done",
        _TABLE,
        "undone.append(number)",
        "pass",
        f"{ANY_FAULT}[malformed among good-answers 200 with entries undone]",
    ),
    _twin(
        "unprocessed puts inside a 200 taken for done",
        _TABLE,
        'return [request["PutRequest"]["Item"] for request in undone]',
        "return []",
        BULK_IN_PART,
    ),
    _twin(
        "a replay that takes a message off the queue before it is stored",
        _REPLAY,
        "        receipt = self.receive(notification, origin, deadline)\n",
        "        self.queue.delete(message, deadline)\n"
        "        receipt = self.receive(notification, origin, deadline)\n",
        REPLAY_KILL,
    ),
    _twin(
        "a replay that is another request each time: recorded twice",
        _REPLAY,
        'request_id=f"replay-{message.message_id}",',
        'request_id=f"replay-{message.receipt}",',
        REPLAY_KILL,
    ),
    _twin(
        "a call is started however little time is left",
        f"{_PACKAGE}/deadline.py",
        "        if not self.allows():",
        "        if False:",
        f"{ANY_FAULT}[malformed among good-takes effect and uses up the time]",
    ),
)
