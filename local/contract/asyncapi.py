"""The alerts as an AsyncAPI 3 document: payload and attributes from the code that writes them."""

from typing import Any

from card_tracking.domain.alerts import Alert
from card_tracking.wire.alert_message import alert_attributes, alert_document
from local.contract import samples
from local.contract.schemas import alert, attributes

CASES = ("data_exception", "canceled_successful")
OVERDUE_CASE = "data_prepared"


def document() -> dict[str, Any]:
    """Write the document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Card tracking: alerts",
            "version": "1",
            "description": "What subscribers of the alert topic get. Written by `make docs` from the code; "
            "docs/contract.md says it in words.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "sns": {
                "host": "sns.{region}.amazonaws.com",
                "protocol": "sns",
                "variables": {"region": {"description": "Where the stack is"}},
            }
        },
        "channels": {
            "alerts": {
                "address": "{alertTopicArn}",
                "description": "A standard SNS topic: at least once, in no order.",
                "parameters": {"alertTopicArn": {"description": "Output AlertTopicArn of the stack"}},
                "messages": {"alert": {"$ref": "#/components/messages/alert"}},
            }
        },
        "operations": {
            "publishAlert": {
                "action": "send",
                "summary": "Once for each cause: card, operation and status; of an overdue card once each working day",
                "channel": {"$ref": "#/channels/alerts"},
                "messages": [{"$ref": "#/channels/alerts/messages/alert"}],
            }
        },
        "components": {
            "messages": {
                "alert": {
                    "title": "Alert",
                    "summary": "D1 reports a failure or a cancellation of a card in production, or a card is overdue",
                    "description": "`headers` are SNS message attributes, all of type String. A queue gets the payload "
                    "as the text `Message` of SNS's envelope, or bare with raw message delivery. E-mail and SMS get "
                    "texts instead.",
                    "contentType": "application/json",
                    "headers": attributes(),
                    "payload": alert(),
                    "examples": [
                        *(_example(case, samples.alert_of(case)) for case in CASES),
                        _example(OVERDUE_CASE, samples.alert_of_overdue_card(OVERDUE_CASE)),
                    ],
                }
            }
        },
    }


def _example(name: str, one: Alert) -> dict[str, Any]:
    return {
        "name": name,
        "headers": alert_attributes(one, samples.ISSUER_ID),
        "payload": alert_document(one, samples.ISSUER_ID),
    }
