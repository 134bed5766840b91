"""Planted bugs of the use cases: what happens, in which order, and for how many."""

from typing import Final

from tests.planted.bug import Bug

_USE_CASES: Final = "layers/card_tracking/card_tracking/use_cases"
RECEIVE: Final = f"{_USE_CASES}/receive.py"
PUBLISH: Final = f"{_USE_CASES}/publish.py"
RELAY: Final = f"{_USE_CASES}/relay.py"
REPLAY: Final = f"{_USE_CASES}/replay.py"
OVERDUE: Final = f"{_USE_CASES}/alert_overdue.py"
SILENT: Final = f"{_USE_CASES}/silent_cards.py"

OF_RECEIVING: Final = ("tests/wiring/test_metrics.py", "tests/wiring/test_storms.py", "tests/wiring/test_storage.py")
OF_STORMS: Final = ("tests/wiring/test_storms.py", "tests/wiring/test_metrics.py")
OF_PUBLISHING: Final = ("tests/unit/test_publish.py", "tests/wiring/test_metrics.py", "tests/wiring/test_alerts.py")
OF_REPLAYING: Final = (
    "tests/wiring/test_metrics.py",
    "tests/unit/test_selection.py",
    "tests/wiring/test_replay.py",
    "tests/unit/test_replay_orders.py",
)
OF_OVERDUE_CARDS: Final = ("tests/wiring/test_metrics.py", "tests/wiring/test_overdue_alerts.py")

BUGS: Final = (
    Bug(
        "fifty alerts at once for each part of a notification, not for all of it",
        RECEIVE,
        "max(0, ALERTS_AT_ONCE - len(done.alerts_at_once))",
        "ALERTS_AT_ONCE",
        OF_STORMS,
    ),
    Bug(
        "five hundred alerts are published before D1 gets its response",
        RECEIVE,
        "ALERTS_AT_ONCE: Final = 50",
        "ALERTS_AT_ONCE: Final = 500",
        OF_RECEIVING,
    ),
    Bug(
        "write conflicts are counted once a round",
        RECEIVE,
        "done.lost_races += len(lost)",
        "done.lost_races += 1",
        OF_RECEIVING,
    ),
    Bug(
        "a card that is written after a conflict is counted as written before it, too",
        RECEIVE,
        "done.written += [change for change in changes if change.card_id not in lost]",
        "done.written += changes",
        OF_RECEIVING,
    ),
    Bug(
        "a contradiction is counted again by every later update",
        RECEIVE,
        "return ends <= change.status.milestones.keys() and not was",
        "return ends <= change.status.milestones.keys()",
        OF_RECEIVING,
    ),
    Bug(
        "a canceled card is a contradiction without a shipment",
        RECEIVE,
        "return ends <= change.status.milestones.keys() and not was",
        "return not ends.isdisjoint(change.status.milestones.keys()) and not was",
        OF_RECEIVING,
    ),
    Bug(
        "the relay is called only if fifty alerts were raised by this request",
        RECEIVE,
        "if done.alerts_left else None",
        "if len(done.alerts_at_once) == ALERTS_AT_ONCE else None",
        OF_STORMS,
    ),
    Bug(
        "the relay is called for every notification",
        RECEIVE,
        "self.call_relay(deadline) if done.alerts_left else None",
        "self.call_relay(deadline)",
        OF_STORMS,
    ),
    Bug(
        "the relay is called before the alerts at hand are published",
        RECEIVE,
        "        publication = publish(self.topic, self.outbox, done.alerts_at_once, self.now(), deadline)\n"
        "        relay_failure = self.call_relay(deadline) if done.alerts_left else None\n",
        "        relay_failure = self.call_relay(deadline) if done.alerts_left else None\n"
        "        publication = publish(self.topic, self.outbox, done.alerts_at_once, self.now(), deadline)\n",
        OF_STORMS,
    ),
    Bug(
        "alerts left to the relay are counted without those that were raised",
        RECEIVE,
        "done.alerts_left += len(",
        "done.alerts_left = len(",
        OF_STORMS,
    ),
    Bug(
        "all updates count as received, without a look at the operation",
        RECEIVE,
        "updates=sum(operation.update is not None for operation in notification.operations)",
        "updates=len(notification.operations)",
        OF_RECEIVING,
    ),
    Bug(
        "deliveries are written again after every conflict",
        RECEIVE,
        "            deliveries = []\n",
        "",
        OF_STORMS,
    ),
    Bug(
        "after a conflict all cards are read and merged again",
        RECEIVE,
        "updates = {card_id: updates[card_id] for card_id in lost}",
        "pass",
        OF_STORMS,
    ),
    Bug(
        "a known cause goes to the outbox again",
        RECEIVE,
        "if (previous := stored.get(alert.update.card_id)) is None or not is_known(alert, previous.status)",
        "if True",
        OF_STORMS,
    ),
    Bug(
        "parts of ten cards: a bulk takes a hundred times the requests",
        RECEIVE,
        "CARDS_A_PART: Final = 1_000",
        "CARDS_A_PART: Final = 10",
        OF_RECEIVING,
    ),
    Bug(
        "all deliveries of a request have one key",
        RECEIVE,
        "            number=number,\n",
        "            number=0,\n",
        OF_RECEIVING,
    ),
    Bug(
        "the history does not say that a delivery came by reconciliation",
        RECEIVE,
        "            by_reconciliation=origin.by_reconciliation,\n",
        "",
        ("tests/wiring/reconcile", *OF_RECEIVING),
    ),
    Bug(
        "the history loses D1's correlation id",
        RECEIVE,
        "            correlation_id=origin.correlation_id,\n",
        "",
        OF_RECEIVING,
    ),
    Bug(
        "publishing: the failure of an earlier round is forgotten",
        PUBLISH,
        "failure = failure or publication.failure",
        "failure = publication.failure",
        OF_PUBLISHING,
    ),
    Bug(
        "publishing: goes on although the topic is down",
        PUBLISH,
        "            return Publication(published, failure, can_go_on=False)\n    return",
        "            continue\n    return",
        OF_PUBLISHING,
    ),
    Bug(
        "publishing: no time is kept back for marking",
        PUBLISH,
        "deadline.keeping(MARKING_SECONDS).limited_to(PUBLISHING_SECONDS)",
        "deadline.limited_to(PUBLISHING_SECONDS)",
        (*OF_PUBLISHING, "tests/faults/test_slow_calls.py"),
    ),
    Bug(
        "publishing: D1 waits for a slow topic as long as the function runs",
        PUBLISH,
        "deadline.keeping(MARKING_SECONDS).limited_to(PUBLISHING_SECONDS)",
        "deadline.keeping(MARKING_SECONDS)",
        (*OF_PUBLISHING, "tests/faults/test_slow_calls.py"),
    ),
    Bug(
        "publishing: D1 waits for a slow topic for a minute",
        PUBLISH,
        "PUBLISHING_SECONDS: Final = 5.0",
        "PUBLISHING_SECONDS: Final = 60.0",
        (*OF_PUBLISHING, "tests/faults/test_slow_calls.py"),
    ),
    Bug(
        "publishing: alerts are marked in rounds of eight hundred",
        PUBLISH,
        "ALERTS_A_ROUND: Final = 80",
        "ALERTS_A_ROUND: Final = 800",
        (*OF_PUBLISHING, "tests/documents/test_figures.py"),
    ),
    Bug(
        "publishing: a table that refuses the mark stops nothing",
        PUBLISH,
        "return Publication(published, str(error), can_go_on=False)",
        "return Publication(published, str(error), can_go_on=True)",
        OF_PUBLISHING,
    ),
    Bug(
        "relay: a failure is forgotten after a good round",
        RELAY,
        "failure = failure or publication.failure",
        "failure = publication.failure",
        ("tests/unit/test_relay_rounds.py", *OF_PUBLISHING),
    ),
    Bug(
        "relay: counts what it published as claimed",
        RELAY,
        "claimed += len(alerts)",
        "claimed += len(publication.published)",
        OF_PUBLISHING,
    ),
    Bug(
        "relay: the newest alert counts as the oldest",
        RELAY,
        "min(due_times, default=None)",
        "max(due_times, default=None)",
        OF_PUBLISHING,
    ),
    Bug(
        "relay: reads the first shard only",
        RELAY,
        "for shard in range(PENDING_SHARDS)",
        "for shard in range(1)",
        OF_PUBLISHING,
    ),
    Bug(
        "replay: a message that arrived at the very time since is left out",
        REPLAY,
        "received >= self.since",
        "received > self.since",
        OF_REPLAYING,
    ),
    Bug(
        "replay: a message that arrived at the very time until is left out",
        REPLAY,
        "received <= self.until",
        "received < self.until",
        OF_REPLAYING,
    ),
    Bug(
        "replay: the id of a message finds nothing",
        REPLAY,
        "{message.message_id, *identifiers(message.document)}",
        "{*identifiers(message.document)}",
        OF_REPLAYING,
    ),
    Bug(
        "replay: what was selected counts as replayed in a dry run",
        REPLAY,
        "        if dry_run:\n            return None\n",
        "        if dry_run:\n            report.replayed += 1\n            return None\n",
        OF_REPLAYING,
    ),
    Bug(
        "replay: arrives now and not when it first arrived",
        REPLAY,
        'received=parse_instant(message.document["receivedAt"]),',
        "received=Instant(time.time_ns() // 1000),",
        OF_REPLAYING,
    ),
    Bug(
        "replay: twice as fast as ordered",
        REPLAY,
        "min(stored / operations_a_second,",
        "min(stored / operations_a_second / 2,",
        OF_REPLAYING,
    ),
    Bug(
        "replay: the pause is counted in milliseconds",
        REPLAY,
        "min(stored / operations_a_second,",
        "min(stored / operations_a_second / 1000,",
        OF_REPLAYING,
    ),
    Bug(
        "replay: messages that were left stay invisible",
        REPLAY,
        "self.queue.release(list(held.values()), deadline)",
        "self.queue.release([], deadline)",
        OF_REPLAYING,
    ),
    Bug(
        "replay: the history does not say that D1 was asked",
        REPLAY,
        'by_reconciliation=message.document.get("byReconciliation", False)',
        "by_reconciliation=False",
        OF_REPLAYING,
    ),
    Bug(
        "overdue: alerts on days on which nobody works",
        OVERDUE,
        "        if report.is_working_day:\n",
        "        if True:\n",
        OF_OVERDUE_CARDS,
    ),
    Bug(
        "overdue: only the last page is counted",
        OVERDUE,
        "report.overdue += len(alerts)",
        "report.overdue = len(alerts)",
        OF_OVERDUE_CARDS,
    ),
    Bug(
        "overdue: what was raised before today counts as raised again",
        OVERDUE,
        "report.raised += raised",
        "report.raised += alerts",
        OF_OVERDUE_CARDS,
    ),
    Bug(
        "overdue: a run without time for all cards calls itself complete",
        OVERDUE,
        "report.is_complete = False",
        "report.is_complete = True",
        OF_OVERDUE_CARDS,
    ),
    Bug(
        "overdue: the topic is asked again after it refused",
        OVERDUE,
        "topic_takes = publication.can_go_on",
        "topic_takes = True",
        OF_OVERDUE_CARDS,
    ),
    Bug(
        "overdue: the failure of an earlier page is forgotten",
        OVERDUE,
        "report.failure = report.failure or publication.failure",
        "report.failure = publication.failure",
        ("tests/unit/test_overdue_pages.py", *OF_OVERDUE_CARDS),
    ),
    Bug(
        "overdue: the day in UTC and not at the centre",
        OVERDUE,
        "today = self.calendar.day_of(self.now())",
        "today = WorkingCalendar(self.calendar.working_days).day_of(self.now())",
        ("tests/unit/test_overdue_pages.py", *OF_OVERDUE_CARDS),
    ),
)
