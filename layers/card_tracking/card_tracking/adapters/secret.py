"""A secret that is rotated with overlap: its current and its previous version are both valid."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from card_tracking.adapters.retries import insist, invoke
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_secretsmanager.client import SecretsManagerClient

STAGES: Final = ("AWSCURRENT", "AWSPREVIOUS")
REMEMBERED_SECONDS: Final = 60.0
"""How long a version that was taken back may go on being valid here."""
PAUSE_SECONDS: Final = 5.0
"""Between two looks, whatever strangers bring."""


class Secret:
    """The secret under its ARN, read again every minute."""

    def __init__(self, make_client: "Callable[[], SecretsManagerClient]", arn: str) -> None:
        """Make the client only with the first look."""
        self._make_client = make_client
        self._client: SecretsManagerClient | None = None
        self._arn = arn
        self._versions: Sequence[str] = ()
        self._read_at = float("-inf")

    def versions(self, deadline: Deadline, *, unknown: bool = False) -> Sequence[str]:
        """Return the valid versions, the current one first.

        ``unknown`` says that the caller met one that is not among those of the last look: it may have been made since.
        Raises DependencyFailed or OutOfTime where it cannot be read.
        """
        age = time.monotonic() - self._read_at
        if age > (PAUSE_SECONDS if unknown else REMEMBERED_SECONDS):
            versions: list[str] = []
            insist(lambda stages: self._read(stages, versions), STAGES, deadline)
            self._versions, self._read_at = versions, time.monotonic()
        return self._versions

    def _read(self, stages: Sequence[str], versions: list[str]) -> list[str]:
        self._client = client = self._client or self._make_client()
        versions.clear()
        for stage in stages:
            try:
                answer: Any = invoke(client.get_secret_value, SecretId=self._arn, VersionStage=stage)
            except DependencyFailed as error:
                # A secret that was never rotated has no previous version.
                if stage == STAGES[0] or error.code != "ResourceNotFoundException":
                    raise
            else:
                versions.append(answer["SecretString"])
        return []
