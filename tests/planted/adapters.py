"""Planted bugs of the adapters: keys, limits, retries, consistency and units of what goes to AWS."""

from typing import Final

from tests.planted.bug import Bug

_ADAPTERS: Final = "layers/card_tracking/card_tracking/adapters"
OUTBOX: Final = f"{_ADAPTERS}/alert_outbox.py"
TOPIC: Final = f"{_ADAPTERS}/alert_topic.py"
READER: Final = f"{_ADAPTERS}/card_status_reader.py"
CLIENTS: Final = f"{_ADAPTERS}/clients.py"
DELIVERIES: Final = f"{_ADAPTERS}/deliveries.py"
HTTPS: Final = f"{_ADAPTERS}/https.py"
INDEX_SEARCH: Final = f"{_ADAPTERS}/index_search.py"
STORE: Final = f"{_ADAPTERS}/notification_store.py"
QUEUE: Final = f"{_ADAPTERS}/rejected_queue.py"
RELAY_CALL: Final = f"{_ADAPTERS}/relay_call.py"
RELEASE: Final = f"{_ADAPTERS}/release.py"
STATUS_ITEMS: Final = f"{_ADAPTERS}/status_items.py"
TABLE: Final = f"{_ADAPTERS}/table.py"
DEADLINE: Final = "layers/card_tracking/card_tracking/deadline.py"

OF_ALERTS: Final = ("tests/unit/test_alert_topic.py", "tests/wiring/test_metrics.py", "tests/wiring/test_alerts.py")
OF_THE_OUTBOX: Final = ("tests/unit/test_alert_rows.py", "tests/wiring/test_alerts.py", "tests/store_contract")
OF_THE_READER: Final = ("tests/unit/test_reader_requests.py", "tests/store_contract", "tests/wiring/test_queries.py")
OF_THE_STORE: Final = (
    "tests/unit/test_items.py",
    "tests/wiring/test_storage.py",
    "tests/store_contract",
    "tests/wiring/test_failures.py",
)
OF_THE_QUEUE: Final = (
    "tests/unit/test_rejected_queue.py",
    "tests/wiring/test_replay.py",
    "tests/wiring/test_failures.py",
)
OF_HTTPS: Final = (
    "tests/unit/test_https.py",
    "tests/reconcile/test_d1_api.py",
    "tests/reconcile/test_d1_answers.py",
    "tests/security/test_key_set.py",
)
OF_DEADLINES: Final = ("tests/unit/test_deadline.py", "tests/documents/test_figures.py")

BUGS: Final = (
    # --- The outbox and the topic ---
    Bug(
        "the row of an overdue card expires after its days in milliseconds: never",
        OUTBOX,
        "number(row.waits_since // 1_000_000 + retention_days * SECONDS_A_DAY)",
        "number(row.waits_since // 1_000 + retention_days * SECONDS_A_DAY * 1_000)",
        OF_THE_OUTBOX,
    ),
    Bug(
        "the row of a cause expires, and the cause alerts again",
        OUTBOX,
        "if row.alert.kind == OVERDUE:",
        "if True:",
        OF_THE_OUTBOX,
    ),
    Bug(
        "a lease with 29 s left is not renewed",
        OUTBOX,
        "LEASE_MARGIN_SECONDS: Final = 30",
        "LEASE_MARGIN_SECONDS: Final = 3",
        OF_THE_OUTBOX,
    ),
    Bug(
        "a published row keeps the alert's text",
        OUTBOX,
        'STATUS: (*_PENDING_MARK, "alert")',
        "STATUS: _PENDING_MARK",
        (*OF_THE_OUTBOX, "tests/wiring/test_privacy_canary.py"),
    ),
    Bug(
        "a claim moves the time since when an alert waits",
        OUTBOX,
        '{"leaseEndsAt": number(new.lease_end)},',
        '{"leaseEndsAt": number(new.lease_end), "waitsSince": number(now)},',
        OF_THE_OUTBOX,
    ),
    Bug(
        "the lease is shorter than a call may take",
        OUTBOX,
        "LEASE_SECONDS: Final = 60",
        "LEASE_SECONDS: Final = 6",
        (*OF_THE_OUTBOX, "tests/documents/test_figures.py"),
    ),
    Bug(
        "the lease ends after milliseconds",
        OUTBOX,
        "Instant(now + LEASE_SECONDS * 1_000_000)",
        "Instant(now + LEASE_SECONDS * 1_000)",
        OF_THE_OUTBOX,
    ),
    Bug(
        "a row without a lease waits for one all the same",
        OUTBOX,
        "_lease_end(now) if leased else now)",
        "_lease_end(now))",
        OF_THE_OUTBOX,
    ),
    Bug(
        "one call to the topic has eleven messages",
        TOPIC,
        "MESSAGES_A_CALL: Final = 10",
        "MESSAGES_A_CALL: Final = 11",
        OF_ALERTS,
    ),
    Bug(
        "one call to the topic has more bytes than SNS takes",
        TOPIC,
        "BYTES_A_CALL: Final = 240_000",
        "BYTES_A_CALL: Final = 600_000",
        OF_ALERTS,
    ),
    Bug(
        "D1 waits for eight tries of the topic",
        TOPIC,
        "ATTEMPTS: Final = 2",
        "ATTEMPTS: Final = 8",
        OF_ALERTS,
    ),
    Bug(
        "a message that SNS refuses for good is sent again",
        TOPIC,
        'refusals.extend(entry["Code"] for entry in failed if entry["SenderFault"])\n'
        '            return [batch[int(entry["Id"])] for entry in failed if not entry["SenderFault"]]',
        'return [batch[int(entry["Id"])] for entry in failed]',
        OF_ALERTS,
    ),
    Bug(
        "a message that SNS refuses for good stops the others",
        TOPIC,
        "return Publication(published, refusals[0] if refusals else None, can_go_on=True)",
        "return Publication(published, refusals[0] if refusals else None, can_go_on=not refusals)",
        OF_ALERTS,
    ),
    Bug(
        "the last refusal is reported and not the first",
        TOPIC,
        "refusals[0] if refusals else None",
        "refusals[-1] if refusals else None",
        OF_ALERTS,
    ),
    Bug(
        "e-mail and SMS get the JSON for machines",
        TOPIC,
        '            "MessageStructure": "json",\n',
        "",
        OF_ALERTS,
    ),
    # --- The relay's call, releases, clients ---
    Bug(
        "D1 waits for the relay",
        RELAY_CALL,
        'InvocationType="Event"',
        'InvocationType="RequestResponse"',
        ("tests/wiring/test_alerts.py",),
    ),
    Bug(
        "D1 waits for eight tries to call the relay",
        RELAY_CALL,
        "ATTEMPTS: Final = 2",
        "ATTEMPTS: Final = 8",
        ("tests/unit/test_relay_call.py", "tests/wiring/test_alerts.py"),
    ),
    Bug(
        "a check that is not passed lets the release go on",
        RELEASE,
        'status="Succeeded" if passed else "Failed"',
        'status="Succeeded"',
        ("tests/security/test_check_release.py",),
    ),
    Bug(
        "AWS clients wait longer than the reserve",
        CLIENTS,
        "read_timeout=1.2",
        "read_timeout=5",
        ("tests/unit/test_clients.py", "tests/unit/test_deadline.py"),
    ),
    Bug(
        "AWS clients retry by themselves",
        CLIENTS,
        '"total_max_attempts": 1',
        '"total_max_attempts": 3',
        ("tests/unit/test_clients.py",),
    ),
    Bug(
        "there are fewer connections than threads",
        CLIENTS,
        "max_pool_connections=10",
        "max_pool_connections=2",
        ("tests/unit/test_clients.py",),
    ),
    Bug(
        "a release check waits for a first start no longer than for any call",
        CLIENTS,
        "Config(read_timeout=30)",
        "Config(read_timeout=3)",
        ("tests/unit/test_clients.py", "tests/security/test_check_release.py"),
    ),
    # --- Deadlines ---
    Bug(
        "time left is read in seconds",
        DEADLINE,
        "self._remaining_milliseconds() / 1000 - RESERVE_SECONDS",
        "self._remaining_milliseconds() - RESERVE_SECONDS",
        OF_DEADLINES,
    ),
    Bug(
        "a call that just fits is not started",
        DEADLINE,
        "return self.seconds_left() >= pause_seconds",
        "return self.seconds_left() > pause_seconds",
        OF_DEADLINES,
    ),
    Bug(
        "calls are started with a second left",
        DEADLINE,
        "RESERVE_SECONDS: Final = 2.0",
        "RESERVE_SECONDS: Final = 1.0",
        OF_DEADLINES,
    ),
    Bug(
        "time that is kept back is kept in milliseconds",
        DEADLINE,
        "int(seconds * 1000))\n\n    def limited_to",
        "int(seconds))\n\n    def limited_to",
        OF_DEADLINES,
    ),
    Bug(
        "a limit of time ends later than the invocation",
        DEADLINE,
        "min(self._remaining_milliseconds(), int((end - time.monotonic()) * 1000))",
        "int((end - time.monotonic()) * 1000)",
        OF_DEADLINES,
    ),
    # --- The table ---
    Bug(
        "one call has more statements than PartiQL takes",
        TABLE,
        "STATEMENTS_A_CALL: Final = 25",
        "STATEMENTS_A_CALL: Final = 26",
        ("tests/store_contract", "tests/documents/test_figures.py"),
    ),
    Bug(
        "one call has more puts than the table takes",
        TABLE,
        "PUTS_A_CALL: Final = 25",
        "PUTS_A_CALL: Final = 26",
        OF_THE_STORE,
    ),
    Bug(
        "one call has more keys than the table takes",
        TABLE,
        "GETS_A_CALL: Final = 100",
        "GETS_A_CALL: Final = 101",
        OF_THE_READER,
    ),
    Bug(
        "statuses are read without consistency",
        TABLE,
        '"ConsistentRead": True',
        '"ConsistentRead": False',
        OF_THE_READER,
    ),
    Bug(
        "cards are spread over shards by the length of their ids",
        TABLE,
        "return crc32(value.encode()) % shards",
        "return len(value) % shards",
        OF_THE_STORE,
    ),
    Bug(
        "cards are spread over shards by Python's own hash, which changes with each process",
        TABLE,
        "return crc32(value.encode()) % shards",
        "return hash(value) % shards",
        OF_THE_STORE,
    ),
    Bug(
        "keys that the table left unread are not read again",
        TABLE,
        'answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])',
        "[]",
        OF_THE_STORE,
    ),
    # --- Items ---
    Bug(
        "deliveries expire after their days in milliseconds: never",
        DELIVERIES,
        "number(delivery.received // 1_000_000 + retention_days * SECONDS_A_DAY)",
        "number(delivery.received // 1_000 + retention_days * SECONDS_A_DAY * 1_000)",
        OF_THE_STORE,
    ),
    Bug(
        "deliveries expire after as many hours as there should be days",
        DELIVERIES,
        "SECONDS_A_DAY: Final = 86_400",
        "SECONDS_A_DAY: Final = 3_600",
        OF_THE_STORE,
    ),
    Bug(
        "the eleventh delivery of a request is read before the second",
        DELIVERIES,
        "{delivery.number:05d}",
        "{delivery.number}",
        OF_THE_STORE,
    ),
    Bug(
        "early deliveries are not read first",
        DELIVERIES,
        "{delivery.received:016d}#",
        "{delivery.received}#",
        OF_THE_STORE,
    ),
    Bug(
        "the history forgets which deliveries were asked for",
        DELIVERIES,
        'item["byReconciliation"] = {"BOOL": True}',
        "pass",
        ("tests/store_contract/test_reader.py", "tests/wiring/reconcile"),
    ),
    Bug(
        "index keys are measured in characters",
        STATUS_ITEMS,
        "len(value.encode()) <= _LONGEST_INDEX_KEY_BYTES",
        "len(value) <= _LONGEST_INDEX_KEY_BYTES",
        OF_THE_STORE,
    ),
    Bug(
        "an index key of the greatest length is left out",
        STATUS_ITEMS,
        "len(value.encode()) <= _LONGEST_INDEX_KEY_BYTES",
        "len(value.encode()) < _LONGEST_INDEX_KEY_BYTES",
        OF_THE_STORE,
    ),
    Bug(
        "cards without a due date are found first",
        STATUS_ITEMS,
        'NO_DUE_DATE: Final = "~"',
        'NO_DUE_DATE: Final = "!"',
        OF_THE_STORE,
    ),
    Bug(
        "a hundred thousand cards of a file share four keys",
        STATUS_ITEMS,
        "INDEX_SHARDS: Final = 16",
        "INDEX_SHARDS: Final = 4",
        OF_THE_STORE,
    ),
    Bug(
        "a card that has ended stays among the open ones",
        STATUS_ITEMS,
        "removed = [name for name in _attributes(change.previous.status) if name not in attributes]",
        "removed = []",
        OF_THE_READER,
    ),
    Bug(
        "26 statements go in one call with their deliveries",
        STORE,
        "len(statements) + len(items) <= STATEMENTS_A_CALL",
        "len(statements) <= STATEMENTS_A_CALL",
        OF_THE_STORE,
    ),
    Bug(
        "deliveries are written before the statuses",
        STORE,
        "        refusals = self._table.execute(statements, deadline)\n"
        "        # Puts cost less CPU than statements.\n"
        "        self._table.put(items, deadline)\n",
        "        self._table.put(items, deadline)\n        refusals = self._table.execute(statements, deadline)\n",
        OF_THE_STORE,
    ),
    # --- The reader and its indexes ---
    Bug(
        "the history is read without consistency",
        READER,
        "            ConsistentRead=True,\n",
        "",
        OF_THE_READER,
    ),
    Bug(
        "the history is read with alerts and status in it",
        READER,
        '"pk = :pk AND begins_with(sk, :prefix)"',
        '"pk = :pk AND sk > :prefix"',
        OF_THE_READER,
    ),
    Bug(
        "a limit of 0 is accepted",
        READER,
        "if not 1 <= limit <= MOST_CARDS",
        "if not 0 <= limit <= MOST_CARDS",
        OF_THE_READER,
    ),
    Bug(
        "a limit of 101 is accepted",
        READER,
        "if not 1 <= limit <= MOST_CARDS",
        "if not 1 <= limit <= MOST_CARDS + 1",
        OF_THE_READER,
    ),
    Bug(
        "a hundred cards are too many",
        READER,
        "if len(card_ids) > MOST_CARDS",
        "if len(card_ids) >= MOST_CARDS",
        OF_THE_READER,
    ),
    Bug(
        "an answer may be larger than Lambda returns",
        READER,
        "MOST_BYTES: Final = 3_500_000",
        "MOST_BYTES: Final = 35_000_000",
        OF_THE_READER,
    ),
    Bug(
        "an answer is measured in characters",
        READER,
        "room -= len(status_text(status).encode())",
        "room -= len(status_text(status))",
        OF_THE_READER,
    ),
    Bug(
        "a card that has moved on is found by its old status",
        READER,
        "[card for card in page.entries if card.shown.status == status]",
        "list(page.entries)",
        OF_THE_READER,
    ),
    Bug(
        "a token of the day itself is accepted for the days before it",
        INDEX_SEARCH,
        'after.get(search.range_name, "") >= search.before',
        'after.get(search.range_name, "") > search.before',
        OF_THE_READER,
    ),
    Bug(
        "cards that are due today are overdue",
        INDEX_SEARCH,
        '" AND #range < :before"',
        '" AND #range <= :before"',
        OF_THE_READER,
    ),
    Bug(
        "a page has one card more than its limit",
        INDEX_SEARCH,
        "Limit=limit - len(card_ids)",
        "Limit=limit - len(card_ids) + 1",
        OF_THE_READER,
    ),
    # --- The queue of rejected operations ---
    Bug(
        "one empty answer of SQS ends a replay",
        QUEUE,
        "EMPTY_ANSWERS: Final = 3",
        "EMPTY_ANSWERS: Final = 1",
        OF_THE_QUEUE,
    ),
    Bug(
        "a message shows to others while it is replayed",
        QUEUE,
        "INVISIBLE_SECONDS: Final = 360",
        "INVISIBLE_SECONDS: Final = 30",
        (*OF_THE_QUEUE, "tests/template/test_functions.py"),
    ),
    Bug(
        "messages that were left come back an hour later",
        QUEUE,
        '"VisibilityTimeout": 0}',
        '"VisibilityTimeout": 3600}',
        OF_THE_QUEUE,
    ),
    Bug(
        "one call to the queue has eleven messages",
        QUEUE,
        "MESSAGES_A_CALL: Final = 10",
        "MESSAGES_A_CALL: Final = 11",
        OF_THE_QUEUE,
    ),
    Bug(
        "one call to the queue has more bytes than SQS takes",
        QUEUE,
        "BYTES_A_CALL: Final = MAX_MESSAGE_BYTES",
        "BYTES_A_CALL: Final = 400_000",
        OF_THE_QUEUE,
    ),
    Bug(
        "rejected messages lack the attribute with their reason",
        QUEUE,
        '                    "MessageAttributes": {"reason": {"DataType": "String", "StringValue": message.reason}},\n',
        "",
        OF_THE_QUEUE,
    ),
    # --- HTTPS ---
    Bug(
        "an answer of exactly the greatest size is refused",
        HTTPS,
        "if len(content) > self._bounds.most_bytes",
        "if len(content) >= self._bounds.most_bytes",
        OF_HTTPS,
    ),
    Bug(
        "an exchange is begun with too little time for its response",
        HTTPS,
        "return self.connect_seconds + self.read_seconds",
        "return self.connect_seconds",
        OF_HTTPS,
    ),
    Bug(
        "500 of the other side is final",
        HTTPS,
        "answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR",
        "answer.status > HTTPStatus.INTERNAL_SERVER_ERROR",
        OF_HTTPS,
    ),
    Bug(
        "plain HTTP is spoken",
        HTTPS,
        'if not url.startswith("https://")',
        'if not url.startswith("http")',
        OF_HTTPS,
    ),
    Bug(
        "TLS 1.0 is spoken",
        HTTPS,
        "ssl.TLSVersion.TLSv1_2",
        "ssl.TLSVersion.TLSv1",
        OF_HTTPS,
    ),
)
