"""A release under way: the new version of a function, and the deployment that waits for a word on it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from card_tracking.adapters.retries import invoke

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.client import CodeDeployClient
    from mypy_boto3_lambda.client import LambdaClient


def invoke_version(client: "LambdaClient", version_arn: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Invoke one version of a function, wherever its alias points, and wait for its answer.

    The answer of a function that failed has no ``statusCode``. Raises DependencyFailed where it cannot be invoked.
    """
    answer: Any = invoke(client.invoke, FunctionName=version_arn, Payload=json.dumps(event))
    content = json.loads(answer["Payload"].read())
    return content if isinstance(content, dict) else {}


def report_check(client: "CodeDeployClient", deployment_id: str, execution_id: str, *, passed: bool) -> None:
    """Let a deployment go on, or be taken back."""
    invoke(
        client.put_lifecycle_event_hook_execution_status,
        deploymentId=deployment_id,
        lifecycleEventHookExecutionId=execution_id,
        status="Succeeded" if passed else "Failed",
    )
