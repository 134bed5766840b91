"""An AWS client in memory: it notes each request, and returns the responses that a test has chosen."""

from collections.abc import Callable
from typing import Any

Response = Exception | dict[str, Any]


class Recorder:
    """A client whose operations return chosen responses, one a call, and then a last one for ever."""

    def __init__(self, *responses: Response) -> None:
        """Return these responses one after the other, whatever is called; the last one again and again."""
        self._responses = list(responses) or [{}]
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return an operation of the client."""

        def call(**request: Any) -> Any:
            self.requests.append((name, request))
            response = self._responses.pop(0) if len(self._responses) > 1 else self._responses[0]
            if isinstance(response, Exception):
                raise response
            return response

        call.__name__ = name
        return call
