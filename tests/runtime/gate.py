"""A gate between a function and AWS: it counts the calls, and lets something happen at one of them."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs

from local.engine import HOST

Incident = Callable[[], None]
"""Ends the caller's process. The call that it comes with is answered to nobody."""

_SECONDS: Final = 30.0
_NOT_PASSED_ON: Final = {"connection", "transfer-encoding", "content-length"}


class Gate(ThreadingHTTPServer):
    """Passes each call on to the engine behind it."""

    daemon_threads = True

    def __init__(self, engine_port: int) -> None:
        """Listen on a free port."""
        super().__init__((HOST, 0), _Passage)
        self.engine_port = engine_port
        self.operations: list[str] = []
        self._lock = threading.Lock()
        self._number = 0
        self._takes_effect = False
        self._incident: Incident | None = None

    @property
    def endpoint_url(self) -> str:
        """The address that AWS clients take as their endpoint."""
        return f"http://{HOST}:{self.server_address[1]}"

    def watch(self, number: int = 0, *, takes_effect: bool = False, incident: Incident | None = None) -> None:
        """Count anew; at the call of a number, from 1, let the incident happen, before or after it takes effect."""
        with self._lock:
            self.operations = []
            self._number, self._takes_effect, self._incident = number, takes_effect, incident

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of callers that are no more: that is what the gate is for."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def arrive(self, operation: str) -> tuple[bool, Incident | None]:
        """Count a call; tell whether it goes through, and what happens then."""
        with self._lock:
            self.operations.append(operation)
            if len(self.operations) != self._number:
                return True, None
            return self._takes_effect, self._incident


class _Passage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet an answer; without it the second one waits for the acknowledgement of the first.
    wbufsize = -1
    server: Gate

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:  # who called was killed while it wrote, and no engine has seen anything of this call
            self.close_connection = True
            return
        passes, incident = self.server.arrive(_operation(self.headers.get("X-Amz-Target"), self.path, body))
        engine = HTTPConnection(HOST, self.server.engine_port, timeout=_SECONDS)
        try:
            if passes:
                engine.request("POST", self.path, body, dict(self.headers))
                answer = engine.getresponse()
                content = answer.read()
            if incident:
                incident()
                self.close_connection = True
                return
        finally:
            engine.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name it has in the standard library
        """Say nothing."""


def _operation(target: str | None, path: str, body: bytes) -> str:
    """Name a call as AWS does: by its target, by its path, or in the form that SNS takes."""
    if target:
        return target.rpartition(".")[2]
    return "Invoke" if path.endswith("/invocations") else parse_qs(body.decode())["Action"][0]


@contextmanager
def gate(engine_port: int) -> Iterator[Gate]:
    """Open a gate before an engine."""
    with Gate(engine_port) as opened:
        thread = threading.Thread(target=opened.serve_forever)
        thread.start()
        try:
            yield opened
        finally:
            opened.shutdown()
            thread.join()
