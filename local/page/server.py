"""HTTP on loopback, and who is answered at all."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from local.engine import HOST, PortBusy
from local.page.answers import HEADERS, Answer, Page, refused

IDLE_SECONDS: Final = 10.0
STRANGER: Final = refused(HTTPStatus.FORBIDDEN, "open the page by the address that make run has printed")


@contextmanager
def serving(page: Page, port: int = 0) -> Iterator[str]:
    """Serve a page until the block ends, and stop what it runs then; yield its address. Port 0 takes a free one.

    Raises PortBusy.
    """
    try:
        server = _Server(page, port)
    except OSError as error:
        raise PortBusy(f"Port {port} is in use.") from error
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        page.scenarios.stop()


class _Server(ThreadingHTTPServer):
    def __init__(self, page: Page, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.page = page
        # By which names a browser calls it. Any other name that leads here is a stranger's (DNS rebinding).
        self.hosts = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}

    def server_bind(self) -> None:
        """Bind, without the parent's look for this machine's name, which may ask a network that is not there."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.socket.getsockname()[1]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = IDLE_SECONDS
    server_version = "card-tracking"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer who asks by the page's own address."""
        self._send(self.server.page.get(self.path) if self._is_called_by_name() else STRANGER)

    def do_POST(self) -> None:
        """Answer the page itself: a browser says from where a POST comes, and no other site can make it lie."""
        is_own = self._is_called_by_name() and self.headers["Origin"] == f"http://{self.headers['Host']}"
        self._send(self.server.page.post(self.path) if is_own else STRANGER)

    def _is_called_by_name(self) -> bool:
        return self.headers["Host"] in self.server.hosts

    def _send(self, answer: Answer) -> None:
        try:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
        except ConnectionError:
            # Whoever asked has left.
            self.close_connection = True

    def end_headers(self) -> None:
        """Send what every answer has, those of the parent's own making too."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is for what happens to cards."""
