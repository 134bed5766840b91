"""Planted bugs of the functions: what they count, log, refuse and respond."""

from typing import Final

from tests.planted.bug import Bug

RECEIVE: Final = "functions/receive_notification/app.py"
REPORT: Final = "functions/receive_notification/report.py"
REQUEST: Final = "functions/receive_notification/request.py"
CALLER: Final = "functions/receive_notification/caller.py"
ANSWERS: Final = "functions/receive_notification/answers.py"
COMPOSITION: Final = "functions/receive_notification/composition.py"
SETTINGS: Final = "functions/receive_notification/settings.py"
FAILURES: Final = "functions/receive_notification/failures.py"
RELAY: Final = "functions/relay_alerts/app.py"
REPLAY: Final = "functions/replay_rejected/app.py"
REPLAY_ORDERS: Final = "functions/replay_rejected/orders.py"
OVERDUE: Final = "functions/alert_overdue_cards/app.py"
QUERY: Final = "functions/get_card_status/app.py"
QUERIES: Final = "functions/get_card_status/queries.py"
QUERY_ANSWERS: Final = "functions/get_card_status/answers.py"
TOKENS: Final = "functions/issue_token/app.py"
TOKEN_ANSWERS: Final = "functions/issue_token/answers.py"
ENTRIES: Final = "functions/alert_entries.py"
ACCESS_TOKENS: Final = "functions/access_tokens.py"
CALENDAR: Final = "functions/working_calendar.py"
RECONCILE_REPORT: Final = "functions/reconcile_cards/report.py"
CHECK_RELEASE: Final = "functions/check_release/app.py"

METRICS: Final = "tests/wiring/test_metrics.py"
LOGS: Final = "tests/wiring/test_log_entries.py"
OF_METRICS: Final = (METRICS, "tests/wiring/test_logs_and_metrics.py")
OF_LOGS: Final = (LOGS, "tests/wiring/test_logs_and_metrics.py")
OF_CALLERS: Final = ("tests/unit/test_caller.py", "tests/unit/test_request.py", "tests/wiring/test_answers.py")
OF_QUERIES: Final = ("tests/unit/test_queries.py", "tests/wiring/test_queries.py", "tests/contract")
OF_TOKENS: Final = (
    "tests/security/test_access_tokens.py",
    "tests/security/test_issue_token.py",
    "tests/documents/test_figures.py",
)

BUGS: Final = (
    # --- What is counted ---
    Bug(
        "unknown statuses are never counted",
        REPORT,
        "metric_names.UPDATES_BY_STATUS.get(one, metric_names.UNKNOWN_STATUSES) for one in told if one != NO_STATUS",
        "metric_names.UPDATES_BY_STATUS[one] for one in told if one in metric_names.UPDATES_BY_STATUS",
        OF_METRICS,
    ),
    Bug(
        "operations without a status are unknown statuses",
        REPORT,
        " for one in told if one != NO_STATUS",
        " for one in told",
        OF_METRICS,
    ),
    Bug(
        "contradictions are never counted",
        REPORT,
        "        metric_names.CONTRADICTIONS: receipt.contradictions,\n",
        "",
        OF_METRICS,
    ),
    Bug(
        "write conflicts are never counted",
        REPORT,
        "        metric_names.LOST_RACES: receipt.lost_races,\n",
        "",
        OF_METRICS,
    ),
    Bug(
        "rejected operations are not received ones",
        REPORT,
        "receipt.deliveries + receipt.rejections,",
        "receipt.deliveries,",
        OF_METRICS,
    ),
    Bug(
        "updates without change are all updates",
        REPORT,
        "max(0, receipt.updates - len(receipt.changes))",
        "receipt.updates",
        OF_METRICS,
    ),
    Bug(
        "alerts of a storm that wait are not raised",
        REPORT,
        "metric_names.ALERTS_RAISED: len(receipt.alerts_raised) + receipt.alerts_left",
        "metric_names.ALERTS_RAISED: len(receipt.alerts_raised)",
        OF_METRICS,
    ),
    Bug(
        "alerts left pending are those of the storm alone",
        REPORT,
        "len(receipt.alerts_raised) + receipt.alerts_left - published",
        "receipt.alerts_left",
        OF_METRICS,
    ),
    Bug(
        "refused callers are never counted",
        RECEIVE,
        "            _count(metric_names.CALLERS_REFUSED)\n",
        "            pass\n",
        OF_METRICS,
    ),
    Bug(
        "a release check that is refused wakes somebody",
        RECEIVE,
        "if not request.is_release_check(event):",
        "if True:",
        (*OF_METRICS, "tests/security"),
    ),
    Bug(
        "a notification that failed counts as unreadable",
        RECEIVE,
        "    _count(metric_names.NOTIFICATIONS_FAILED)\n",
        "    _count(metric_names.NOTIFICATIONS_UNREADABLE)\n",
        OF_METRICS,
    ),
    Bug(
        "a notification is counted once it is stored",
        RECEIVE,
        "    _count(metric_names.NOTIFICATIONS_RECEIVED)\n    try:\n",
        "    try:\n",
        OF_METRICS,
    ),
    Bug(
        "the days of the certificate are counted as hours",
        CALLER,
        "SECONDS_A_DAY: Final = 86_400",
        "SECONDS_A_DAY: Final = 3_600",
        (METRICS, *OF_CALLERS),
    ),
    Bug(
        "the relay reports no delay unless something waits",
        RELAY,
        "    if report.oldest_delay_seconds is not None:\n",
        "    if report.oldest_delay_seconds:\n",
        OF_METRICS,
    ),
    Bug(
        "the relay hides that the table fails",
        RELAY,
        "    if report.table_failure:\n",
        "    if False:\n",
        ("tests/wiring/test_alerts.py",),
    ),
    Bug(
        "the relay counts its delay without a unit",
        RELAY,
        "unit=MetricUnit.Seconds",
        "unit=MetricUnit.Count",
        OF_METRICS,
    ),
    Bug(
        "the relay counts what it claimed as published",
        RELAY,
        "value=len(report.published))",
        "value=report.claimed)",
        OF_METRICS,
    ),
    Bug(
        "a replay counts what was selected as replayed",
        REPLAY,
        "value=report.operations_stored)",
        "value=report.selected)",
        OF_METRICS,
    ),
    Bug(
        "a replay counts messages and not operations",
        REPLAY,
        "value=report.operations_stored)",
        "value=report.replayed)",
        OF_METRICS,
    ),
    Bug(
        "refused queries are never counted",
        QUERY,
        "        metrics.add_metric(name=metric_names.QUERIES_REFUSED, unit=MetricUnit.Count, value=1)\n",
        "",
        OF_METRICS,
    ),
    Bug(
        "queries are counted as refused whatever failed",
        QUERY,
        "    except InvalidQuery:\n",
        "    except Exception:\n",
        ("tests/wiring/test_queries.py", *OF_METRICS),
    ),
    Bug(
        "overdue cards are counted on days on which nobody works",
        OVERDUE,
        "    if report.is_working_day:\n",
        "    if True:\n",
        OF_METRICS,
    ),
    Bug(
        "overdue cards that are pending are all that were raised",
        OVERDUE,
        "len(report.raised) - report.published)",
        "len(report.raised))",
        OF_METRICS,
    ),
    Bug(
        "runs that look for overdue cards are never counted",
        OVERDUE,
        "    _count(metric_names.OVERDUE_RUNS)\n    report =",
        "    report =",
        ("tests/wiring/test_overdue_alerts.py", *OF_METRICS),
    ),
    Bug(
        "too many overdue cards for one run go unnoticed",
        OVERDUE,
        "    if not report.is_complete:\n",
        "    if False:\n",
        ("tests/wiring/test_overdue_alerts.py",),
    ),
    Bug(
        "cards that D1 does not know are never counted",
        RECONCILE_REPORT,
        "    numbers[metric_names.CARDS_UNKNOWN_TO_D1] = len(report.unknown_to_d1)\n",
        "",
        OF_METRICS,
    ),
    Bug(
        "a reconciliation hides that D1 is silent",
        RECONCILE_REPORT,
        "    del numbers[metric_names.OPERATIONS_RECEIVED]\n",
        "",
        OF_METRICS,
    ),
    Bug(
        "a token is counted before it is signed",
        TOKENS,
        "    token = sign_token(signing_key.versions(deadline), issuer_id, client_id)\n"
        "    _count(metric_names.TOKENS_ISSUED)\n",
        "    _count(metric_names.TOKENS_ISSUED)\n"
        "    token = sign_token(signing_key.versions(deadline), issuer_id, client_id)\n",
        OF_METRICS,
    ),
    Bug(
        "a refused token is not counted",
        TOKENS,
        "def _refuse(code: str) -> dict[str, Any]:\n    _count(metric_names.TOKENS_REFUSED)\n",
        "def _refuse(code: str) -> dict[str, Any]:\n",
        OF_METRICS,
    ),
    # --- What is logged ---
    Bug(
        "20,000 rejections make 20,000 lines",
        RECEIVE,
        "islice(notification.rejections, MOST_REJECTIONS_LOGGED)",
        "notification.rejections",
        OF_LOGS,
    ),
    Bug(
        "eleven rejections are logged",
        RECEIVE,
        "MOST_REJECTIONS_LOGGED: Final = 10",
        "MOST_REJECTIONS_LOGGED: Final = 11",
        OF_LOGS,
    ),
    Bug(
        "the receiver logs no alerts",
        RECEIVE,
        '        logger.info("alert raised", extra=alert_entry(alert))\n',
        "        pass\n",
        OF_LOGS,
    ),
    Bug(
        "the relay logs no alerts",
        RELAY,
        '        logger.info("alert relayed", extra=entry(alert))\n',
        "        pass\n",
        OF_LOGS,
    ),
    Bug(
        "the relay says that alerts wait, and not why",
        RELAY,
        'extra={"detail": report.failure, "claimed": report.claimed}',
        'extra={"claimed": report.claimed}',
        OF_LOGS,
    ),
    Bug(
        "the failure of the topic hides that of the relay's call",
        RECEIVE,
        "receipt.publication.failure or receipt.relay_failure",
        "receipt.publication.failure",
        ("tests/wiring/test_alerts.py", *OF_LOGS),
    ),
    Bug(
        "a defect's message is logged",
        RECEIVE,
        "answer = _fail(error, report.place_of(error))",
        "answer = _fail(error, str(error))",
        ("tests/wiring/test_failures.py",),
    ),
    Bug(
        "correlation ids of one notification are logged with the next",
        RECEIVE,
        "@logger.inject_lambda_context(clear_state=True)",
        "@logger.inject_lambda_context",
        (LOGS, "tests/wiring/test_logs_and_metrics.py", "tests/wiring/test_privacy_canary.py"),
    ),
    Bug(
        "an alert's entry shows a card number",
        ENTRIES,
        '        "card_id": presentable_identifier(alert.update.card_id),\n'
        '        "operation_id": presentable_identifier(alert.update.operation_id),\n'
        '        "status": alert.update.status,\n',
        '        "card_id": alert.update.card_id,\n'
        '        "operation_id": presentable_identifier(alert.update.operation_id),\n'
        '        "status": alert.update.status,\n',
        OF_LOGS,
    ),
    Bug(
        "the entry of an overdue card shows a card number",
        ENTRIES,
        '        "kind": alert.kind,\n        "card_id": presentable_identifier(alert.update.card_id),\n',
        '        "kind": alert.kind,\n        "card_id": alert.update.card_id,\n',
        OF_LOGS,
    ),
    Bug(
        "the entry of an overdue card has any text of D1's as its status",
        ENTRIES,
        '        "kind": alert.kind,\n',
        '        "kind": alert.kind,\n        "status": alert.update.status,\n',
        OF_LOGS,
    ),
    Bug(
        "the relay logs the status of an overdue card, which can be any text",
        RELAY,
        "entry = alert_entry if alert.kind == STATUS else overdue_alert_entry",
        "entry = alert_entry",
        ("tests/wiring/test_overdue_alerts.py", "tests/wiring/test_relay.py", "tests/wiring/test_alerts.py"),
    ),
    Bug(
        "failures that alert nobody are counted as one",
        FAILURES,
        "unit=MetricUnit.Count, value=len(failures))",
        "unit=MetricUnit.Count, value=1)",
        OF_METRICS,
    ),
    Bug(
        "a thousand failures that alert nobody make a thousand lines",
        FAILURES,
        "failures[:MOST_FAILURES_LOGGED]",
        "failures",
        ("tests/wiring/test_failures_without_alert.py",),
    ),
    Bug(
        "the log of a failure that alerts nobody shows a card number",
        FAILURES,
        '"card_id": presentable_identifier(update.card_id)',
        '"card_id": update.card_id',
        (LOGS,),
    ),
    Bug(
        "the log of a failure that alerts nobody has any text of D1's as its status",
        FAILURES,
        "if update.status in RANKS:",
        "if True:",
        ("tests/wiring/test_failures_without_alert.py",),
    ),
    # --- Callers and requests ---
    Bug(
        "the type of an attribute in a subject must be in capitals",
        CALLER,
        "{kind.strip().upper()}=",
        "{kind.strip()}=",
        OF_CALLERS,
    ),
    Bug(
        "a subject that holds D1's is D1's",
        CALLER,
        "if _names(subject) != _names(expected_subject):",
        "if not set(_names(subject)) >= set(_names(expected_subject)):",
        OF_CALLERS,
    ),
    Bug(
        "another issuer is checked before the token",
        CALLER,
        "    if token_check is not None and not token_check(request.bearer_token(event)):\n"
        '        raise Refused(answers.TOKEN_REFUSED, "no valid access token")\n'
        "    if request.issuer_id(event) != issuer_id:\n"
        '        raise Refused(answers.OTHER_ISSUER, "another issuer")\n',
        "    if request.issuer_id(event) != issuer_id:\n"
        '        raise Refused(answers.OTHER_ISSUER, "another issuer")\n'
        "    if token_check is not None and not token_check(request.bearer_token(event)):\n"
        '        raise Refused(answers.TOKEN_REFUSED, "no valid access token")\n',
        (*OF_CALLERS, "tests/security/test_issue_token.py"),
    ),
    Bug(
        "a certificate without a date is refused",
        CALLER,
        "    except (KeyError, TypeError, ValueError, AttributeError):\n        return None\n",
        "    except (KeyError, TypeError, ValueError, AttributeError):\n"
        '        raise Refused(answers.UNAUTHENTICATED, "no date") from None\n',
        OF_CALLERS,
    ),
    Bug(
        "the first of repeated headers is read",
        REQUEST,
        "        if header.lower() == name and isinstance(value, str):\n            found = value\n",
        "        if header.lower() == name and isinstance(value, str):\n            found = found or value\n",
        OF_CALLERS,
    ),
    Bug(
        "a correlation id of any length is logged",
        REQUEST,
        '[A-Za-z0-9._:-]{1,128}"',
        '[A-Za-z0-9._:-]+"',
        OF_CALLERS,
    ),
    Bug(
        "a correlation id shows a card number",
        REQUEST,
        "return mask_card_numbers(value) if value is not None",
        "return value if value is not None",
        OF_CALLERS,
    ),
    Bug(
        "a token is one only if it is called Bearer in just this case",
        REQUEST,
        'return token.strip() if scheme.lower() == "bearer" else ""',
        'return token.strip() if scheme == "Bearer" else ""',
        (*OF_CALLERS, "tests/security/test_issue_token.py"),
    ),
    Bug(
        "D1 waits for three seconds before it sends again",
        ANSWERS,
        "RETRY_AFTER_SECONDS: Final = 30",
        "RETRY_AFTER_SECONDS: Final = 3",
        ("tests/wiring/test_failures.py", "tests/contract", "tests/documents/test_figures.py"),
    ),
    Bug(
        "an empty name is a status that alerts",
        SETTINGS,
        "frozenset(status.strip() for status in statuses if status.strip())",
        "frozenset(status.strip() for status in statuses)",
        ("tests/unit/test_settings.py",),
    ),
    Bug(
        "alerts are kept for a day, whatever the parameter says",
        COMPOSITION,
        "outbox=AlertOutbox(table, settings.retention_days)",
        "outbox=AlertOutbox(table, 1)",
        ("tests/unit/test_composition.py", "tests/wiring/test_alerts.py"),
    ),
    Bug(
        "the history is kept for a day, whatever the parameter says",
        COMPOSITION,
        "store=NotificationStore(table, settings.retention_days)",
        "store=NotificationStore(table, 1)",
        ("tests/unit/test_composition.py", "tests/wiring/test_storage.py"),
    ),
    Bug(
        "UTC needs zone files",
        CALENDAR,
        'zone=UTC if zone == "UTC" else ZoneInfo(zone)',
        "zone=ZoneInfo(zone)",
        ("tests/unit/test_working_calendar.py",),
    ),
    # --- Queries ---
    Bug(
        "a query's key is measured in characters",
        QUERIES,
        'len(value.encode("utf-8", "replace")) > MAX_KEY_BYTES',
        "len(value) > MAX_KEY_BYTES",
        OF_QUERIES,
    ),
    Bug(
        "a query's key of the greatest length is refused",
        QUERIES,
        'replace")) > MAX_KEY_BYTES',
        'replace")) >= MAX_KEY_BYTES',
        OF_QUERIES,
    ),
    Bug("a query may have two forms at once", QUERIES, "if len(named) != 1:", "if not named:", OF_QUERIES),
    Bug("a limit of 0 is a query", QUERIES, "ge=1, le=MOST_CARDS", "ge=0, le=MOST_CARDS", OF_QUERIES),
    Bug(
        "a query without a limit gets ten cards", QUERIES, "limit: Limit = MOST_CARDS", "limit: Limit = 10", OF_QUERIES
    ),
    Bug("unknown members of a query are ignored", QUERIES, 'extra="forbid"', 'extra="ignore"', OF_QUERIES),
    Bug("totals come with every page of a file", QUERY, "if is_first else None", "if True else None", OF_QUERIES),
    Bug(
        "cards that are due today are in the list of overdue ones",
        QUERY,
        "due_before = calendar.overdue_before(calendar.day_of(now()))",
        "due_before = calendar.day_of(now())",
        ("tests/wiring/test_queries.py", "tests/wiring/test_overdue_alerts.py"),
    ),
    Bug(
        "a card that is asked for twice is missing twice",
        QUERY_ANSWERS,
        "for card_id in dict.fromkeys(asked) if",
        "for card_id in asked if",
        OF_QUERIES,
    ),
    Bug(
        "the history does not say what was asked for",
        QUERY_ANSWERS,
        '                "byReconciliation": delivery.by_reconciliation,\n',
        '                "byReconciliation": False,\n',
        ("tests/wiring/reconcile", *OF_QUERIES),
    ),
    Bug(
        "a replay goes on at once by default",
        REPLAY_ORDERS,
        "dry_run: bool = True",
        "dry_run: bool = False",
        ("tests/unit/test_replay_orders.py", "tests/wiring/test_replay.py"),
    ),
    Bug(
        "a replay stores a hundred operations a second by default",
        REPLAY_ORDERS,
        "le=10_000)] = 10.0",
        "le=10_000)] = 100.0",
        ("tests/unit/test_replay_orders.py", "tests/replay"),
    ),
    Bug(
        "a replay may be ordered at no operations a second",
        REPLAY_ORDERS,
        "Field(gt=0, le=10_000)",
        "Field(ge=0, le=10_000)",
        ("tests/unit/test_replay_orders.py",),
    ),
    # --- Tokens and releases ---
    Bug(
        "our tokens live for a day",
        ACCESS_TOKENS,
        "LIFETIME_SECONDS: Final = 900",
        "LIFETIME_SECONDS: Final = 86_400",
        OF_TOKENS,
    ),
    Bug(
        "tokens need not expire",
        ACCESS_TOKENS,
        '("exp", "iat", "iss", "aud", "sub")',
        '("iat", "iss", "aud", "sub")',
        OF_TOKENS,
    ),
    Bug(
        "a token of another issuer is one of ours",
        ACCESS_TOKENS,
        "            issuer=_name(issuer_id),\n",
        "",
        OF_TOKENS,
    ),
    Bug(
        "a token without a key's id is checked with the first key",
        ACCESS_TOKENS,
        "return next((key for key in keys if _key_id(key) == key_id), None)",
        "return next((key for key in keys if key_id in (None, _key_id(key))), None)",
        OF_TOKENS,
    ),
    Bug(
        "a token of the greatest length is refused",
        ACCESS_TOKENS,
        "len(token) > MAX_TOKEN_CHARACTERS",
        "len(token) >= MAX_TOKEN_CHARACTERS",
        OF_TOKENS,
    ),
    Bug(
        "tokens are said to live for milliseconds",
        TOKEN_ANSWERS,
        '"expires_in": str(LIFETIME_SECONDS)',
        '"expires_in": str(LIFETIME_SECONDS * 1000)',
        OF_TOKENS,
    ),
    Bug(
        "the end of a token is told in local time",
        TOKEN_ANSWERS,
        "datetime.now(UTC) + timedelta(seconds=LIFETIME_SECONDS)",
        "datetime.now(UTC) + timedelta(minutes=LIFETIME_SECONDS)",
        OF_TOKENS,
    ),
    Bug(
        "a release is checked without sending anything twice",
        CHECK_RELEASE,
        'for sent in ("the notification", "its repetition"):',
        'for sent in ("the notification",):',
        ("tests/security/test_check_release.py",),
    ),
    Bug(
        "a release is good if its notification is in no table",
        CHECK_RELEASE,
        'if status is None or status.shown.operation_id != operation["operationId"]:',
        'if status is not None and status.shown.operation_id != operation["operationId"]:',
        ("tests/security/test_check_release.py",),
    ),
    Bug(
        "a release that cannot be checked is good",
        CHECK_RELEASE,
        'finding = f"the check failed: {type(error).__name__}"',
        "finding = None",
        ("tests/security/test_check_release.py",),
    ),
)
