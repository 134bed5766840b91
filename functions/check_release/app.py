"""The edge: checks the new version, and tells the deployment that waits for it."""

import os
from typing import Any, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from access_tokens import sign_token
from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.adapters.clients import codedeploy_client, patient_lambda_client, secrets_client
from card_tracking.adapters.release import invoke_version, report_check
from card_tracking.adapters.secret import Secret
from card_tracking.deadline import Deadline
from check_release.synthetic import CARD_ID, new_operation, request_event, stranger_token
from receive_notification.answers import TAKEN, TOKEN_REFUSED

logger: Final = Logger()
reader: Final = CardStatusReader(os.environ["STATUS_TABLE_NAME"])
issuer_id: Final = os.environ["ISSUER_ID"]
client_certificate_subject: Final = os.environ["CLIENT_CERTIFICATE_SUBJECT"]
signing_key_arn: Final = os.environ["SIGNING_KEY_ARN"]
tokens_of_provider: Final = bool(os.environ["TOKEN_ISSUER"])


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Check the new version; return ``{"passed": …, "finding": …}``, and report it where a deployment asks."""
    try:
        finding = _check_refusal() if tokens_of_provider else _check(Deadline(context.get_remaining_time_in_millis))
    except Exception as error:  # noqa: BLE001  # a check that cannot be made is a check that is not passed
        finding = f"the check failed: {type(error).__name__}"
    logger.info("release checked", extra={"outcome": finding or "passed"})
    if "DeploymentId" in event:
        execution = event["LifecycleEventHookExecutionId"]
        report_check(codedeploy_client(), event["DeploymentId"], execution, passed=finding is None)
    return {"passed": finding is None, "finding": finding}


def _check(deadline: Deadline) -> str | None:
    """Send the same notification twice through the new version, and read it back; say what is wrong."""
    token = None
    if signing_key_arn:
        token = sign_token(Secret(secrets_client, signing_key_arn).versions(deadline), issuer_id, "release-check")
    operation = new_operation()
    event = request_event(operation, issuer_id, client_certificate_subject, token)
    for sent in ("the notification", "its repetition"):
        answer = _send(event)
        if answer != TAKEN.response():
            return f"{sent} was answered {answer.get('statusCode')}"
    status = reader.get(CARD_ID, deadline)
    if status is None or status.shown.operation_id != operation["operationId"]:
        return "the notification was taken and is not in the table"
    return None


def _check_refusal() -> str | None:
    """Come as a stranger: a token of the provider is D1's alone to have (docs/decisions.md)."""
    answer = _send(request_event(new_operation(), issuer_id, client_certificate_subject, stranger_token()))
    return None if answer == TOKEN_REFUSED.response() else f"a stranger was answered {answer.get('statusCode')}"


def _send(event: dict[str, Any]) -> dict[str, Any]:
    return invoke_version(patient_lambda_client(), os.environ["NEW_VERSION_ARN"], event)
