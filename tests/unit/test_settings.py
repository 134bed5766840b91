"""What the template tells receive_notification."""

import pytest

from receive_notification.settings import Settings

ENVIRONMENT = {
    "ISSUER_ID": "BANK000001",
    "STATUS_TABLE_NAME": "Cards",
    "ALERT_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:alerts",
    "RELAY_ALERTS_FUNCTION_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:relay_alerts:live",
    "REJECTED_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/rejected",
    "ALERT_STATUSES": "DATA_EXCEPTION, CARD_PROD_CANCELED,,",
    "RETENTION_DAYS": "400",
}


def test_read() -> None:
    """Every setting is read, and the list of statuses without blanks and gaps."""
    settings = Settings.from_environment(ENVIRONMENT)
    assert settings.issuer_id == "BANK000001"
    assert settings.status_table_name == "Cards"
    assert settings.alert_topic_arn.endswith(":alerts")
    assert settings.relay_alerts_function_arn.endswith(":live")
    assert settings.rejected_queue_url.endswith("/rejected")
    assert settings.alert_statuses == {"DATA_EXCEPTION", "CARD_PROD_CANCELED"}
    assert settings.retention_days == 400


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_missing(name: str) -> None:
    """A setting that the template does not give stops the function at its start, not at the first alert."""
    with pytest.raises(KeyError):
        Settings.from_environment({key: value for key, value in ENVIRONMENT.items() if key != name})


def test_days_that_are_no_number() -> None:
    """So does a number that is none."""
    with pytest.raises(ValueError, match="invalid literal"):
        Settings.from_environment(ENVIRONMENT | {"RETENTION_DAYS": "long"})
