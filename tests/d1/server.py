"""A small server on loopback that answers as it is told to."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase, BytesIO


@dataclass(frozen=True, slots=True)
class Call:
    """A call that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    port: int
    """Of the caller: the same for all calls of one connection."""


@dataclass(frozen=True, slots=True)
class Told:
    """What to answer."""

    status: int = 204
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    """Close the connection instead of answering."""
    close_after: bool = False
    """Close it after the answer, without saying so."""
    wait: threading.Event | None = None
    """Answer only then."""
    drip: float = 0.0
    """Wait so many seconds before each character of the body."""
    drip_head: float = 0.0
    """Wait so many seconds before each character of the status line and the headers."""


@dataclass(slots=True)
class Server:
    """The running server, and what it has heard."""

    url: str
    calls: list[Call] = field(default_factory=list)

    @property
    def bodies(self) -> list[str]:
        """The bodies that came, in their order."""
        return [call.body for call in self.calls]


@contextmanager
def serving(answer: Callable[[Call], Told], tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[Server]:
    """Serve until the block ends, on a free port or this one; ``answer`` is asked for each call, one at a time."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length).decode(errors="replace")
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, self.path, headers, body, self.client_address[1])
            with lock:
                server.calls.append(call)
                told = answer(call)
            if told.wait is not None:
                told.wait.wait(5)
            self.close_connection = told.hang_up or told.close_after
            if told.hang_up:
                return
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            if told.status != 204:
                self.send_header("Content-Length", str(len(told.body)))
            _end_headers(self, told.drip_head)
            _write(self.wfile, told.body, told.drip)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing of callers that went away, which is what these tests are about."""

    with Quiet(("127.0.0.1", port), Handler) as http:
        if tls is not None:
            http.socket = tls.wrap_socket(http.socket, server_side=True)
        scheme = "https" if tls is not None else "http"
        server = Server(f"{scheme}://127.0.0.1:{http.server_address[1]}")
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def _end_headers(handler: BaseHTTPRequestHandler, drip: float) -> None:
    output, head = handler.wfile, BytesIO()
    handler.wfile = head
    handler.end_headers()
    handler.wfile = output
    _write(output, head.getvalue().decode(), drip)


def _write(output: BufferedIOBase, text: str, drip: float) -> None:
    for part in text if drip else [text]:
        time.sleep(drip)
        output.write(part.encode())
