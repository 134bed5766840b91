"""A function's edge by itself, and what it needs to start."""

from collections.abc import Sequence
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Final

from card_tracking.adapters.secret import Secret
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyFailed
from tests.edges import fresh_edge

ISSUER: Final = "BANK000001"
SUBJECT: Final = "CN=d1,O=Thales"
ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "POWERTOOLS_SERVICE_NAME": "card-tracking",
    "POWERTOOLS_METRICS_NAMESPACE": "CardTracking",
    "ISSUER_ID": ISSUER,
    "STATUS_TABLE_NAME": "Cards",
    "NEW_VERSION_ARN": "arn:version",
    "CLIENT_CERTIFICATE_SUBJECT": SUBJECT,
    "CLIENT_CREDENTIALS_ARN": "arn:credentials",
    "SIGNING_KEY_ARN": "arn:key",
    "TOKEN_ISSUER": "",
}
CONTEXT: Final = SimpleNamespace(
    function_name="f",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:f",
    aws_request_id="r",
    get_remaining_time_in_millis=lambda: 10_000,
)
KEY: Final = "k" * 64


class Known(Secret):
    """A secret that needs no look."""

    def __init__(self, *versions: str) -> None:
        self._known = versions

    def versions(self, deadline: Deadline, *, unknown: bool = False) -> Sequence[str]:
        """Answer what the test said; nothing means that it cannot be read."""
        if not self._known:
            raise DependencyFailed("GetSecretValue", "AccessDeniedException")
        return self._known


@cache
def edge(name: str) -> ModuleType:
    """Import a function's edge with its environment in place, once for these tests."""
    return fresh_edge(name, ENVIRONMENT)
