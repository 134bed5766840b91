"""The figures in documents, each with the code or the template that decides it.

``{}`` in a phrase stands for a figure, written in digits (``1,500``) or as a word (``ten``).
A phrase is compared without regard to line breaks. When a sentence changes, change its phrase here.
"""

from dataclasses import dataclass
from typing import Any, Final

from access_tokens import LIFETIME_SECONDS
from card_tracking.adapters import (
    alert_outbox,
    card_status_reader,
    key_set,
    secret,
    table,
)
from card_tracking.deadline import RESERVE_SECONDS
from card_tracking.domain import merge
from card_tracking.use_cases import publish, receive, reconcile
from card_tracking.wire import operation, rejected_message
from local.template import load_template
from receive_notification import answers, provider_tokens

OPERATIONS: Final = "docs/operations.md"
DECISIONS: Final = "docs/decisions.md"
CONTRACT: Final = "docs/contract.md"
README: Final = "README.md"

TEMPLATE: Final = load_template()
MINUTE: Final = 60
HOUR: Final = 3_600
DAY: Final = 86_400
KILOBYTE: Final = 1_024


@dataclass(frozen=True, slots=True)
class Figure:
    """A phrase of a document, and the figures that must stand in it."""

    document: str
    phrase: str
    values: tuple[float, ...]


def _of(document: str, phrase: str, *values: float) -> Figure:
    return Figure(document, phrase, values)


def _properties(resource: str) -> Any:
    return TEMPLATE["Resources"][resource]["Properties"]


def _default(parameter: str) -> float:
    return float(TEMPLATE["Parameters"][parameter]["Default"])


def _timeout(function: str) -> float:
    return float(_properties(f"{function}Function")["Timeout"])


def _alarm_seconds(alarm: str) -> float:
    """Return for how long an alarm looks back."""
    properties = _properties(alarm)
    parts = [one["MetricStat"] for one in properties.get("Metrics", []) if "MetricStat" in one]
    (period,) = {one["Period"] for one in parts} or {properties["Period"]}
    return float(period * properties["EvaluationPeriods"])


_REJECTED_DAYS: Final = _properties("RejectedQueue")["MessageRetentionPeriod"] / DAY

FIGURES: Final = (
    # --- Time limits ---
    _of(OPERATIONS, "| one notification | {} s, then 503", _timeout("ReceiveNotification")),
    _of(OPERATIONS, "nothing new is started with under {} s left", RESERVE_SECONDS),
    _of(
        OPERATIONS,
        "A notification took over {} of {} seconds",
        _properties("NearTheTimeLimitAlarm")["Threshold"] / 1_000,
        _timeout("ReceiveNotification"),
    ),
    _of(OPERATIONS, "`CardsASecond` at a time, for {} minutes", _timeout("ReconcileCards") / MINUTE),
    _of(
        OPERATIONS,
        "| reconciliation | {} minutes a run: {} cards at `CardsASecond` = {}",
        _timeout("ReconcileCards") / MINUTE,
        _timeout("ReconcileCards") * _default("CardsASecond"),
        _default("CardsASecond"),
    ),
    _of(
        DECISIONS,
        "**The lease is {} s, and its holder renews it before publishing if less than {} s remain.**",
        alert_outbox.LEASE_SECONDS,
        alert_outbox.LEASE_MARGIN_SECONDS,
    ),
    _of(DECISIONS, "add up to less than the {} seconds' reserve", RESERVE_SECONDS),
    _of(CONTRACT, "`Retry-After: {}`", answers.RETRY_AFTER_SECONDS),
    # --- How long things are kept ---
    _of(README, "`RejectedQueueUrl` for {} days", _REJECTED_DAYS),
    _of(OPERATIONS, "waits in the queue of rejected operations, for {} days", _REJECTED_DAYS),
    _of(OPERATIONS, "| rejected operations | {} days;", _REJECTED_DAYS),
    _of(OPERATIONS, "SQS deletes each of them after {} days", _REJECTED_DAYS),
    _of(
        OPERATIONS,
        "in {} of the last {} hours there were some",
        _properties("RejectedExpiringAlarm")["DatapointsToAlarm"],
        _properties("RejectedExpiringAlarm")["EvaluationPeriods"],
    ),
    _of(OPERATIONS, "| history | `RetentionDays` ({}); the status never expires |", _default("RetentionDays")),
    _of(OPERATIONS, "deletion waits for {} days", _properties("Key")["PendingWindowInDays"]),
    # --- Capacity ---
    _of(
        OPERATIONS,
        "`RequestsASecond` ({}), `RequestBurst` ({}), then {}; the account's quota is {} a second",
        _default("RequestsASecond"),
        _default("RequestBurst"),
        answers.FAILED.status_code,
        TEMPLATE["Parameters"]["RequestsASecond"]["MaxValue"],
    ),
    _of(OPERATIONS, "| get_card_status | {} cards an answer", card_status_reader.MOST_CARDS),
    _of(README, '`{{"cardIds": ["…", …]}}`, at most {} |', card_status_reader.MOST_CARDS),
    _of(README, "take `limit` (1 to {})", card_status_reader.MOST_CARDS),
    _of(
        OPERATIONS,
        "| access tokens | ours: {} minutes; a provider's: as it says, {} characters, its key set {} KB;",
        LIFETIME_SECONDS / MINUTE,
        provider_tokens.MAX_TOKEN_CHARACTERS,
        key_set.BOUNDS.most_bytes / KILOBYTE,
    ),
    _of(DECISIONS, "parts of a {} cards", receive.CARDS_A_PART),
    _of(DECISIONS, "waits for the first {} alerts", receive.ALERTS_AT_ONCE),
    _of(DECISIONS, "marked in rounds of {}, so little", publish.ALERTS_A_ROUND),
    _of(DECISIONS, "conditional writes** ({} a call", table.STATEMENTS_A_CALL),
    _of(DECISIONS, "digests of 12 characters, the latest {} of an operation", merge.REMEMBERED_DIGESTS),
    _of(DECISIONS, "invents more than {} of them", merge.REMEMBERED_DIGESTS),
    _of(DECISIONS, "more than {} unknown statuses of one operation", merge.REMEMBERED_MILESTONES),
    _of(DECISIONS, "`otherFields`**, up to {} characters", operation.MAX_OBJECT_LENGTH),
    _of(CONTRACT, "Of more than {} characters it has what fits", operation.MAX_OBJECT_LENGTH),
    _of(CONTRACT, "The first {} rejected operations of a body get a message each", rejected_message.SINGLE_MESSAGES),
    _of(DECISIONS, "a run asks about {} cards at least", reconcile.UNANSWERED_IN_A_ROW),
    _of(OPERATIONS, "for {} cards in a row or for the whole run", reconcile.UNANSWERED_IN_A_ROW),
    # --- Tokens, keys and secrets ---
    _of(OPERATIONS, "Keys are looked at again every {} minutes", key_set.REMEMBERED_SECONDS / MINUTE),
    _of(OPERATIONS, "they serve for {} hour while the provider is down", key_set.STALE_SECONDS / HOUR),
    _of(OPERATIONS, "identity provider has not answered for {} hour", key_set.STALE_SECONDS / HOUR),
    _of(DECISIONS, "Ours keeps them for {} hour", key_set.STALE_SECONDS / HOUR),
    _of(OPERATIONS, "taken back ends within {} minutes", key_set.REMEMBERED_SECONDS / MINUTE),
    _of(OPERATIONS, "the old one ends within {} minute;", secret.REMEMBERED_SECONDS / MINUTE),
    _of(OPERATIONS, "the new one is used within {} minute;", secret.REMEMBERED_SECONDS / MINUTE),
    _of(OPERATIONS, "a token older than {} minutes", LIFETIME_SECONDS / MINUTE),
    _of(OPERATIONS, "stay valid for their {} minutes", LIFETIME_SECONDS / MINUTE),
    _of(CONTRACT, "a token for {} minutes", LIFETIME_SECONDS / MINUTE),
    _of(
        OPERATIONS,
        "`put-secret-value` with {} random characters",
        _properties("SigningKey")["GenerateSecretString"]["PasswordLength"],
    ),
    # --- Alarms ---
    _of(
        OPERATIONS,
        "In at least {} of the last {} minutes the table",
        _properties("TableThrottledAlarm")["DatapointsToAlarm"],
        _alarm_seconds("TableThrottledAlarm") / MINUTE,
    ),
    _of(
        OPERATIONS,
        "for {} minutes or more, or `relay_alerts` has not reported for {} minutes",
        _properties("AlertsDelayedAlarm")["Threshold"] / MINUTE,
        _alarm_seconds("AlertsDelayedAlarm") / MINUTE,
    ),
    _of(
        OPERATIONS,
        "`alert_overdue_cards` has not run for {} days",
        _alarm_seconds("OverdueNotLookedForAlarm") / DAY,
    ),
    _of(OPERATIONS, "less than a run in {} days", _alarm_seconds("OverdueNotLookedForAlarm") / DAY),
    _of(
        OPERATIONS,
        "D1's client certificate expires within {} days",
        _properties("ClientCertificateExpiresAlarm")["Threshold"],
    ),
    _of(
        OPERATIONS,
        "The domain's certificate expires within {} days",
        _properties("DomainCertificateExpiresAlarm")["Threshold"],
    ),
    # --- Responses, as the table of metrics tells them ---
    _of(
        OPERATIONS,
        "| `CallersRefused` | requests answered {}, {} or {} |",
        answers.UNAUTHENTICATED.status_code,
        answers.FORBIDDEN.status_code,
        answers.OTHER_ISSUER.status_code,
    ),
    _of(OPERATIONS, "| `NotificationsFailed` | requests answered {} by us |", answers.FAILED.status_code),
    _of(OPERATIONS, "| `NotificationsUnreadable` | requests answered {};", answers.UNREADABLE.status_code),
    _of(README, "D1 is answered {} only when everything is durable", answers.TAKEN.status_code),
    _of(README, "a failure of ours is a {}, and a resend", answers.FAILED.status_code),
)
