"""Every metric that this system emits, by outcome and never by card: the one list of them."""

from typing import Final

from card_tracking.domain.statuses import KNOWN

NOTIFICATIONS_RECEIVED: Final = "NotificationsReceived"
OPERATIONS_RECEIVED: Final = "OperationsReceived"
STATUSES_WRITTEN: Final = "StatusesWritten"
UPDATES_WITHOUT_CHANGE: Final = "UpdatesWithoutChange"
LOST_RACES: Final = "LostRaces"
OPERATIONS_REJECTED: Final = "OperationsRejected"
NOTIFICATIONS_UNREADABLE: Final = "NotificationsUnreadable"
CALLERS_REFUSED: Final = "CallersRefused"
CLIENT_CERTIFICATE_DAYS_LEFT: Final = "ClientCertificateDaysLeft"
NOTIFICATIONS_FAILED: Final = "NotificationsFailed"
ALERTS_RAISED: Final = "AlertsRaised"
ALERTS_PUBLISHED: Final = "AlertsPublished"
ALERTS_LEFT_PENDING: Final = "AlertsLeftPending"
FAILURES_WITHOUT_ALERT: Final = "FailuresWithoutAlert"
OVERDUE_RUNS: Final = "OverdueRuns"
CARDS_OVERDUE: Final = "CardsOverdue"
RELAY_RUNS: Final = "RelayRuns"
OLDEST_ALERT_DELAY: Final = "OldestAlertDelay"
REPLAYS_ORDERED: Final = "ReplaysOrdered"
REJECTED_REPLAYED: Final = "RejectedReplayed"
QUERIES_RECEIVED: Final = "QueriesReceived"
QUERIES_REFUSED: Final = "QueriesRefused"
UNKNOWN_STATUSES: Final = "UnknownStatuses"
CONTRADICTIONS: Final = "Contradictions"
TOKENS_ISSUED: Final = "TokensIssued"
TOKENS_REFUSED: Final = "TokensRefused"
RECONCILE_RUNS: Final = "ReconcileRuns"
CARDS_RECONCILED: Final = "CardsReconciled"
NOTIFICATIONS_MISSED: Final = "NotificationsMissed"
CARDS_UNKNOWN_TO_D1: Final = "CardsUnknownToD1"
RECONCILIATIONS_FAILED: Final = "ReconciliationsFailed"

UPDATES_BY_STATUS: Final = {status: f"Updates.{status}" for status in sorted(KNOWN)}
"""Only of statuses that we know: those that senders may invent are one metric together."""

ALL: Final = frozenset(UPDATES_BY_STATUS.values()) | frozenset(
    value for name, value in dict(globals()).items() if name.isupper() and isinstance(value, str)
)
