"""Planted bugs of the wire: what is read of D1's texts, and how our own documents are written."""

from typing import Final

from tests.planted.bug import Bug

_WIRE: Final = "layers/card_tracking/card_tracking/wire"
ALERT_MESSAGE: Final = f"{_WIRE}/alert_message.py"
CARD_DOCUMENT: Final = f"{_WIRE}/card_document.py"
D1_ACCESS: Final = f"{_WIRE}/d1_access.py"
FAULTS: Final = f"{_WIRE}/faults.py"
NOTIFICATION: Final = f"{_WIRE}/notification.py"
OPERATION: Final = f"{_WIRE}/operation.py"
PRODUCTION_STATUS: Final = f"{_WIRE}/production_status.py"
REJECTED_MESSAGE: Final = f"{_WIRE}/rejected_message.py"
SCRUB: Final = f"{_WIRE}/scrub.py"

OF_ALERTS: Final = (
    "tests/unit/test_wire_limits.py",
    "tests/unit/test_alert_message.py",
    "tests/contract",
    "tests/wiring/test_alerts.py",
)
OF_CARDS: Final = ("tests/unit/test_card_document.py", "tests/contract", "tests/wiring/test_storage.py")
OF_READING: Final = (
    "tests/unit/test_wire_limits.py",
    "tests/unit/test_notification.py",
    "tests/unit/test_operation.py",
    "tests/unit/test_hostile_bodies.py",
    "tests/documents/test_figures.py",
)
OF_REJECTIONS: Final = (
    "tests/unit/test_selection.py",
    "tests/unit/test_rejected_message.py",
    "tests/documents/test_figures.py",
)
OF_SCRUBBING: Final = ("tests/unit/test_spellings.py", "tests/unit/test_scrub.py", "tests/unit/test_hostile_bodies.py")

BUGS: Final = (
    Bug(
        "an SMS has 160 characters",
        ALERT_MESSAGE,
        "MAX_SMS_LENGTH: Final = 140",
        "MAX_SMS_LENGTH: Final = 160",
        OF_ALERTS,
    ),
    Bug(
        "a subject of 100 characters, which SNS refuses",
        ALERT_MESSAGE,
        "MAX_SUBJECT_LENGTH: Final = 99",
        "MAX_SUBJECT_LENGTH: Final = 110",
        OF_ALERTS,
    ),
    Bug(
        "an alert repeats three thousand characters of a text",
        ALERT_MESSAGE,
        "MAX_TEXT_LENGTH: Final = 300",
        "MAX_TEXT_LENGTH: Final = 3_000",
        OF_ALERTS,
    ),
    Bug(
        "attributes are cut to 25 characters",
        ALERT_MESSAGE,
        "MAX_ATTRIBUTE_LENGTH: Final = 256",
        "MAX_ATTRIBUTE_LENGTH: Final = 25",
        OF_ALERTS,
    ),
    Bug(
        "the subject of a mail shows a card number",
        ALERT_MESSAGE,
        "card {presentable_identifier(alert.update.card_id)}",
        "card {alert.update.card_id}",
        OF_ALERTS,
    ),
    Bug("machines do not get D1's reason", ALERT_MESSAGE, '    "reason",\n', "", OF_ALERTS),
    Bug(
        "an alert of today arrived when its operation started",
        ALERT_MESSAGE,
        '"receivedAt": format_instant(alert.update.received)',
        '"receivedAt": format_instant(alert.update.started)',
        OF_ALERTS,
    ),
    Bug(
        "a mail says of a late report that it is the latest",
        ALERT_MESSAGE,
        "            if alert.superseded\n",
        "            if not alert.superseded\n",
        OF_ALERTS,
    ),
    Bug(
        "an SMS does not say that a report is superseded",
        ALERT_MESSAGE,
        'line + " (superseded)" if alert.superseded else line',
        "line",
        OF_ALERTS,
    ),
    Bug(
        "the outbox forgets that a report was superseded",
        ALERT_MESSAGE,
        'Alert(update, document["superseded"], document.get("overdueOn"))',
        'Alert(update, False, document.get("overdueOn"))',
        OF_ALERTS,
    ),
    Bug(
        "stored times lose their milliseconds",
        CARD_DOCUMENT,
        'document["received"] = shown.received // 1000\n',
        'document["received"] = shown.received // 1_000_000 * 1000\n',
        OF_CARDS,
    ),
    Bug(
        "milestones are read a thousand times too early",
        CARD_DOCUMENT,
        "_milestone_name(key): Instant(received * 1000)",
        "_milestone_name(key): Instant(received)",
        OF_CARDS,
    ),
    Bug(
        "milestones come in the order of their names",
        CARD_DOCUMENT,
        "key=lambda item: item[1]",
        "key=lambda item: item[0]",
        OF_CARDS,
    ),
    Bug(
        "facts of earlier updates are not told",
        CARD_DOCUMENT,
        "        if value is not None:\n            answer[NAMES[name]] = value\n",
        "        pass\n",
        OF_CARDS,
    ),
    Bug(
        "a card says when it was last received, not first",
        CARD_DOCUMENT,
        'answer["receivedAt"] = format_instant(status.shown.received)',
        'answer["receivedAt"] = format_instant(max(status.milestones.values()))',
        OF_CARDS,
    ),
    Bug(
        "what a card has shown is forgotten",
        CARD_DOCUMENT,
        'document["seenDigests"] = list(status.seen_digests)',
        "pass",
        OF_CARDS,
    ),
    Bug(
        "a token of D1 without a lifetime is good for a day",
        D1_ACCESS,
        "LIFETIME_SECONDS: Final = 300.0",
        "LIFETIME_SECONDS: Final = 86_400.0",
        ("tests/unit/test_d1_access.py", "tests/reconcile/test_d1_answers.py", "tests/reconcile/test_d1_api.py"),
    ),
    Bug(
        "a field at fault is not named",
        FAULTS,
        "{'.'.join(map(str, fault['loc'])) or 'request'}: ",
        "",
        ("tests/unit/test_queries.py", "tests/unit/test_replay_orders.py"),
    ),
    Bug(
        "an operation is larger than an item may be",
        NOTIFICATION,
        "MAX_OPERATION_BYTES: Final = 350_000",
        "MAX_OPERATION_BYTES: Final = 450_000",
        OF_READING,
    ),
    Bug(
        "operations are measured in characters",
        NOTIFICATION,
        "len(raw) > MAX_OPERATION_BYTES or len(raw.encode()) > MAX_OPERATION_BYTES",
        "len(raw) > MAX_OPERATION_BYTES",
        OF_READING,
    ),
    Bug(
        "numbers of a hundred digits become texts",
        NOTIFICATION,
        "if len(digits) <= MAX_INTEGER_DIGITS else digits",
        "if len(digits) < MAX_INTEGER_DIGITS else digits",
        OF_READING,
    ),
    Bug("a byte order mark makes a body unreadable", NOTIFICATION, 'body.removeprefix("\\ufeff")', "body", OF_READING),
    Bug(
        "what is not PRODUCE changes statuses",
        NOTIFICATION,
        "update if operation.operation == PRODUCE else None",
        "update",
        OF_READING,
    ),
    Bug(
        "a field that is too long is named by its position",
        NOTIFICATION,
        'str(error.errors()[0]["loc"][0])',
        'str(len(error.errors()[0]["loc"]))',
        OF_READING,
    ),
    Bug(
        "a status longer than an index key is stored",
        NOTIFICATION,
        "if len(update.status) > MAX_IDENTIFIER_LENGTH",
        "if len(update.status) > 10 * MAX_IDENTIFIER_LENGTH",
        OF_READING,
    ),
    Bug(
        "an identifier of the greatest length is refused",
        OPERATION,
        "max_length=MAX_IDENTIFIER_LENGTH",
        "max_length=MAX_IDENTIFIER_LENGTH - 1",
        OF_READING,
    ),
    Bug(
        "identifiers are longer than the table's keys",
        OPERATION,
        "MAX_IDENTIFIER_LENGTH: Final = 250",
        "MAX_IDENTIFIER_LENGTH: Final = 400",
        OF_READING,
    ),
    Bug("an empty identifier is accepted", OPERATION, "min_length=1", "min_length=0", OF_READING),
    Bug(
        "the status keeps ten times the text",
        OPERATION,
        "MAX_TEXT_LENGTH: Final = 1_000",
        "MAX_TEXT_LENGTH: Final = 10_000",
        OF_READING,
    ),
    Bug(
        "the file named on the operation wins over that in its details",
        OPERATION,
        '_text(details.pop("inputFileName", None)) or _text(self.input_file_name)',
        '_text(self.input_file_name) or _text(details.pop("inputFileName", None))',
        OF_READING,
    ),
    Bug(
        "a request named on the operation alone is lost",
        OPERATION,
        '_text(details.pop("issuerRequestId", None)) or _text(self.issuer_request_id)',
        '_text(details.pop("issuerRequestId", None))',
        OF_READING,
    ),
    Bug(
        "D1's answer may be about another card",
        PRODUCTION_STATUS,
        'if any(one["cardId"] != card_id',
        'if all(one["cardId"] != card_id',
        ("tests/reconcile/test_d1_answers.py", "tests/wiring/reconcile/test_answers.py"),
    ),
    Bug(
        "D1's answer may be for another issuer",
        PRODUCTION_STATUS,
        'for one in (document, *operations) if "issuerId" in one',
        'for one in (document,) if "issuerId" in one',
        ("tests/reconcile/test_d1_answers.py", "tests/wiring/reconcile/test_answers.py"),
    ),
    Bug(
        "the hundredth rejected operation shares a message",
        REJECTED_MESSAGE,
        "SINGLE_MESSAGES: Final = 100",
        "SINGLE_MESSAGES: Final = 99",
        OF_REJECTIONS,
    ),
    Bug(
        "the digest of what was cut is of its beginning",
        REJECTED_MESSAGE,
        "sha256(text.encode()).hexdigest()",
        "sha256(text[:1000].encode()).hexdigest()",
        OF_REJECTIONS,
    ),
    Bug(
        "the length of what was cut is that of its beginning",
        REJECTED_MESSAGE,
        '"{name}Length": str(len(text))',
        '"{name}Length": str(MAX_MESSAGE_BYTES // 4)',
        OF_REJECTIONS,
    ),
    Bug(
        "a replayed message is not found by its correlation id",
        REJECTED_MESSAGE,
        '[document.get("requestId"), document.get("correlationId")]',
        '[document.get("requestId")]',
        OF_REJECTIONS,
    ),
    Bug(
        "rejected operations of a reconciliation look like D1's own",
        REJECTED_MESSAGE,
        '{"byReconciliation": True} if origin',
        "{} if origin",
        (*OF_REJECTIONS, "tests/wiring/reconcile"),
    ),
    Bug(
        "consumerId is kept if it is written with blanks",
        SCRUB,
        'r"consumer[ _-]?id"',
        'r"consumer[_-]?id"',
        OF_SCRUBBING,
    ),
    Bug(
        "card numbers in lists are kept",
        SCRUB,
        "return [_clean(element) for element in value]",
        "return value",
        OF_SCRUBBING,
    ),
    Bug(
        "card numbers in names of members are kept",
        SCRUB,
        "scrub_text(name): _clean_identifier",
        "name: _clean_identifier",
        OF_SCRUBBING,
    ),
    Bug(
        "card ids that look like card numbers are masked",
        SCRUB,
        '{"cardId", "operationId",',
        '{"operationId",',
        OF_SCRUBBING,
    ),
)
