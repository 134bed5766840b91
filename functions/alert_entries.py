"""What is logged of an alert, by whichever function publishes it."""

from typing import TYPE_CHECKING, Any

from card_tracking.domain.card_numbers import presentable_identifier

if TYPE_CHECKING:
    from card_tracking.domain.alerts import Alert


def alert_entry(alert: "Alert") -> dict[str, Any]:
    """Write the log entry of an alert. Its status is one that the template names, so it holds no free text."""
    return {
        "card_id": presentable_identifier(alert.update.card_id),
        "operation_id": presentable_identifier(alert.update.operation_id),
        "status": alert.update.status,
        "alert_id": alert.alert_id,
        "superseded": alert.superseded,
    }


def overdue_alert_entry(alert: "Alert") -> dict[str, Any]:
    """Write the log entry of an alert about an overdue card, without its status: that can be any text of D1's."""
    return {
        "kind": alert.kind,
        "card_id": presentable_identifier(alert.update.card_id),
        "operation_id": presentable_identifier(alert.update.operation_id),
        "alert_id": alert.alert_id,
    }
