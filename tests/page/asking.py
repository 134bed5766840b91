"""Whoever asks the page's server without a browser."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Final

WAIT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser gets."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Read the body."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever can reach the port."""

    port: int

    @property
    def origin(self) -> str:
        """Say what a browser calls the page's origin."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask for a path exactly as it is written; ``host`` and ``origin`` can be lied about."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read())
        finally:
            connection.close()

    def news(self, seen: Mapping[str, Any] | None = None) -> Any:
        """Ask what is new since an earlier answer."""
        asked = f"?run={seen['run']}&revision={seen['revision']}" if seen else ""
        return self.ask(f"/news{asked}").json()

    def post(self, path: str) -> Answer:
        """Post as the page itself does."""
        return self.ask(path, "POST", origin=self.origin)
