"""The composition of receiving: every part gets the setting that is meant for it."""

import os
from unittest.mock import patch

from receive_notification.composition import compose
from receive_notification.settings import Settings
from tests.wiring.stack import ENVIRONMENT


def test_parts_get_their_settings() -> None:
    """Table, topic, queue and relay are those of the environment; all that expires does so after RetentionDays."""
    with patch.dict(os.environ, ENVIRONMENT):
        receive = compose(Settings.from_environment(ENVIRONMENT | {"RETENTION_DAYS": "123"}), report_failures=print)

    assert receive.store._table.name == receive.outbox._table.name == ENVIRONMENT["STATUS_TABLE_NAME"]
    assert receive.store._retention_days == receive.outbox._retention_days == 123
    assert receive.topic._topic_arn == ENVIRONMENT["ALERT_TOPIC_ARN"]
    assert receive.topic._issuer_id == ENVIRONMENT["ISSUER_ID"]
    assert receive.rejected_queue._queue_url == ENVIRONMENT["REJECTED_QUEUE_URL"]
    assert receive.call_relay._function_arn == ENVIRONMENT["RELAY_ALERTS_FUNCTION_ARN"]
    assert receive.alert_statuses == {"DATA_EXCEPTION", "CARD_PROD_CANCELED"}
