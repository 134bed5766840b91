"""One of D1's callers: sends a message once and tells what came back."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.client import HTTPException
from random import Random
from urllib.parse import quote, urlsplit

from local.d1.connection import Certificates, Connection
from local.d1.oauth import TokenSource
from local.d1.resending import CONNECTION, TIMEOUT, Reply
from local.d1.script import Message


@dataclass(frozen=True, slots=True)
class Target:
    """Where D1 calls, and how it makes itself known."""

    url: str
    """The callback URL, complete with the issuer."""
    certificates: Certificates = field(default_factory=Certificates)
    timeout: float = 30.0
    tokens: TokenSource | None = None
    lost_answers: float = 0.0
    """The share of answers that get lost on their way back: D1 takes them for time-outs, and sends again."""


class Caller:
    """Calls on a connection of its own. Not for several threads."""

    def __init__(self, target: Target, run: str, draw: Random) -> None:
        """Mark every message of a run by its correlation id; ``draw`` decides which answers get lost."""
        self._target = target
        self._connection = Connection(target.url, target.certificates, target.timeout)
        self._run = run
        self._draw = draw

    def call(self, number: int, message: Message) -> Reply:
        """Send message ``number`` once. Raises TokenRefused where D1 may not even ask."""
        started = time.monotonic()
        reply = self._call(number, message)
        if self._draw.random() < self._target.lost_answers:
            reply = Reply(None, TIMEOUT, detail="the answer was lost")
        return replace(reply, seconds=time.monotonic() - started)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _call(self, number: int, message: Message) -> Reply:
        try:
            headers = self._headers(number, message)
            response, _ = self._connection.post(path_of(self._target.url, message.issuer), message.body, headers)
        except TimeoutError:
            return Reply(None, TIMEOUT)
        except (OSError, HTTPException) as error:
            return Reply(None, CONNECTION, detail=str(error) or type(error).__name__)
        if response.status == HTTPStatus.UNAUTHORIZED and self._target.tokens is not None:
            self._target.tokens.forget(headers["Authorization"])
        retry_after = response.getheader("Retry-After") or ""
        return Reply(response.status, retry_after=float(retry_after) if retry_after.isdecimal() else None)

    def _headers(self, number: int, message: Message) -> Mapping[str, str]:
        headers = {"Content-Type": "application/json", "x-correlation-id": correlation_id(self._run, number)}
        if self._target.tokens is not None:
            headers["Authorization"] = self._target.tokens.bearer()
        return headers | dict(message.headers)


def correlation_id(run: str, number: int) -> str:
    """Name a message of a run, the same however often it is sent."""
    return f"{run}-{number}"


def path_of(url: str, issuer: str | None) -> str:
    """Return the path of a callback URL, for another issuer where one is named."""
    path = urlsplit(url).path
    if issuer is None:
        return path
    root, _, last = path.rpartition("/")
    return f"{root.rpartition('/')[0]}/{quote(issuer)}/{last}"
