"""The relay, called now instead of by its schedule."""

from typing import TYPE_CHECKING, Final

from card_tracking.adapters.retries import insist, invoke
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyFailed, OutOfTime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_lambda.client import LambdaClient

ATTEMPTS: Final = 2
"""D1 waits for its answer meanwhile, and the schedule calls the relay within a minute."""


class RelayCall:
    """Calls the function relay_alerts under its ARN, and does not wait for it."""

    def __init__(self, make_client: "Callable[[], LambdaClient]", function_arn: str) -> None:
        """Make the client only when there is something to relay: most invocations have nothing."""
        self._make_client = make_client
        self._client: LambdaClient | None = None
        self._function_arn = function_arn

    def __call__(self, deadline: Deadline) -> str | None:
        """Let the relay run; return why it could not be called, None where it was. Raises nothing of AWS."""
        self._client = client = self._client or self._make_client()

        def attempt(arns: "Sequence[str]") -> list[str]:
            for arn in arns:
                invoke(client.invoke, FunctionName=arn, InvocationType="Event")
            return []

        try:
            insist(attempt, [self._function_arn], deadline, ATTEMPTS)
        except (DependencyFailed, OutOfTime) as error:
            return str(error)
        return None
