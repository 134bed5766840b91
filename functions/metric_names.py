"""Every metric that this system emits, by outcome and never by card: the one list of them."""

from typing import Final

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
RELAY_RUNS: Final = "RelayRuns"
OLDEST_ALERT_OVERDUE: Final = "OldestAlertOverdue"
REPLAYS_ORDERED: Final = "ReplaysOrdered"
REJECTED_REPLAYED: Final = "RejectedReplayed"
QUERIES_RECEIVED: Final = "QueriesReceived"
QUERIES_REFUSED: Final = "QueriesRefused"

ALL: Final = frozenset(value for name, value in dict(globals()).items() if name.isupper() and isinstance(value, str))
