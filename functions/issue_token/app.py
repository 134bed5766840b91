"""The edge: reads D1's credentials, hands out a token."""

import os
from typing import Any, Final
from urllib.parse import parse_qs

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

import metric_names
from access_tokens import sign_token
from card_tracking.adapters.clients import secrets_client
from card_tracking.adapters.secret import Secret
from card_tracking.deadline import Deadline
from card_tracking.errors import CardTrackingError
from issue_token import answers
from issue_token.credentials import is_known
from receive_notification import request
from receive_notification.caller import Refused, verify_certificate

MOST_FIELDS: Final = 20

logger: Final = Logger()
metrics: Final = Metrics()
issuer_id: Final = os.environ["ISSUER_ID"]
client_certificate_subject: Final = os.environ["CLIENT_CERTIFICATE_SUBJECT"]
client_credentials: Final = Secret(secrets_client, os.environ["CLIENT_CREDENTIALS_ARN"])
signing_key: Final = Secret(secrets_client, os.environ["SIGNING_KEY_ARN"])


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request for a token. Raises nothing that D1 can help."""
    try:
        if client_certificate_subject:
            verify_certificate(event, client_certificate_subject)
        return _answer(event, Deadline(context.get_remaining_time_in_millis))
    except Refused as refused:
        _count(metric_names.CALLERS_REFUSED)
        logger.warning("caller refused", extra={"outcome": refused.why})
        return refused.answer.response()
    except CardTrackingError as error:
        _count(metric_names.TOKENS_REFUSED)
        logger.error("no token issued", extra={"failure": type(error).__name__, "detail": str(error)})
        return answers.unavailable()


def _answer(event: dict[str, Any], deadline: Deadline) -> dict[str, Any]:
    try:
        form = parse_qs(request.body_text(event), max_num_fields=MOST_FIELDS)
    except ValueError:
        return _refuse(answers.INVALID_REQUEST)
    if form.get("grant_type") != ["client_credentials"]:
        return _refuse(answers.UNSUPPORTED_GRANT_TYPE if "grant_type" in form else answers.INVALID_REQUEST)
    client_id, secret = request.basic_credentials(event)
    # One that is not known may have been made a moment ago.
    if not is_known(client_id, secret, client_credentials.versions(deadline)) and not is_known(
        client_id, secret, client_credentials.versions(deadline, unknown=True)
    ):
        return _refuse(answers.INVALID_CLIENT)
    token = sign_token(signing_key.versions(deadline), issuer_id, client_id)
    _count(metric_names.TOKENS_ISSUED)
    logger.info("token issued")
    return answers.token(token, form.get("scope", [None])[0])


def _refuse(code: str) -> dict[str, Any]:
    _count(metric_names.TOKENS_REFUSED)
    logger.warning("token refused", extra={"outcome": code})
    return answers.error(code)


def _count(name: str) -> None:
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)
