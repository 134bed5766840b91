"""What D1 sends again, how often and when. D1 publishes nothing of it, so all of it is a setting."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

TIMEOUT: Final = "timeout"
CONNECTION: Final = "connection"
PROBLEMS: Final = frozenset({TIMEOUT, CONNECTION})

DEFAULT_RESENT: Final = frozenset({"408", "429", "5xx", TIMEOUT, CONNECTION})
_KIND: Final = re.compile(r"[1-5]xx|[1-5][0-9][0-9]")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back of one call: a status, or the problem that kept it away."""

    status: int | None
    problem: str | None = None
    retry_after: float | None = None
    seconds: float = 0.0
    detail: str = ""
    """What the problem was, for a person."""

    @property
    def name(self) -> str:
        """Name it as ``--resend-on`` does: a status, or one of PROBLEMS."""
        return self.problem or str(self.status)


@dataclass(frozen=True, slots=True)
class Resending:
    """D1's patience."""

    resent: Collection[str] = DEFAULT_RESENT
    """Statuses (``503``), classes of them (``5xx``) and PROBLEMS."""
    most: int = 5
    """How often one message is sent again."""
    first_wait: float = 1.0
    factor: float = 2.0
    longest_wait: float = 60.0
    heeds_retry_after: bool = False

    def wait(self, reply: Reply, sent: int) -> float | None:
        """Tell the seconds until a message is sent again that was sent so often; None where that is the end of it."""
        if HTTPStatus.OK <= (reply.status or 0) < HTTPStatus.MULTIPLE_CHOICES or sent > self.most:
            return None
        if reply.name not in self.resent and f"{reply.name[0]}xx" not in self.resent:
            return None
        if self.heeds_retry_after and reply.retry_after is not None:
            return reply.retry_after
        return min(self.longest_wait, self.first_wait * self.factor ** (sent - 1))


def read_resent(text: str) -> frozenset[str]:
    """Read a list such as ``429,5xx,timeout``. Raises ValueError where something in it is no answer."""
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in PROBLEMS and not _KIND.fullmatch(name):
            raise ValueError(f"{name!r} is no status, no class of statuses such as 5xx, and none of {sorted(PROBLEMS)}")
    return names
