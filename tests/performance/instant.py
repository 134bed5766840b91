"""An AWS that answers at once and keeps nothing: calls of DynamoDB, SNS and Lambda. Prints its port, then serves.

Behind it stands what DynamoDB is and no engine on one machine can be: any number of calls side by side. What is left
to measure is the client and, with a delay added to each call, how it waits.
"""

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from local.engine import HOST

_FUNCTIONS = "/2015-03-31/functions/"
_NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/"


class Aws(BaseHTTPRequestHandler):
    """Answers each call as if it had been done."""

    protocol_version = "HTTP/1.1"
    # One packet an answer; without it the second one waits for the acknowledgement of the first.
    wbufsize = -1

    def do_POST(self) -> None:
        """Take a call."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        target = self.headers.get("X-Amz-Target")
        if self.path.startswith(_FUNCTIONS):
            self._answer(HTTPStatus.ACCEPTED, "application/json", b"")
            return
        answer = _done(target.rpartition(".")[2], json.loads(body)) if target else _published(body)
        self._answer(HTTPStatus.OK, "application/x-amz-json-1.0" if target else "text/xml", answer)

    def _answer(self, status: HTTPStatus, content_type: str, answer: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name it has in the standard library
        """Say nothing."""


def _done(operation: str, request: Any) -> bytes:
    """Answer a call of DynamoDB: nothing is there, and everything is stored."""
    match operation:
        case "BatchGetItem":
            nothing: dict[str, list[Any]] = {table: [] for table in request["RequestItems"]}
            return json.dumps({"Responses": nothing, "UnprocessedKeys": {}}).encode()
        case "BatchExecuteStatement":
            return json.dumps({"Responses": [{} for _ in request["Statements"]]}).encode()
        case _:
            return b"{}"


def _published(body: str) -> bytes:
    """Answer a call of SNS: it is published."""
    form = parse_qs(body)
    action = form["Action"][0]
    ids = [values[0] for name, values in form.items() if name.endswith(".Id")]
    members = "".join(f"<member><Id>{one}</Id><MessageId>m</MessageId></member>" for one in ids)
    result = f"<Successful>{members}</Successful><Failed/>" if action == "PublishBatch" else "<MessageId>m</MessageId>"
    return (
        f'<{action}Response xmlns="{_NAMESPACE}"><{action}Result>{result}</{action}Result>'
        f"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>"
    ).encode()


def main() -> None:
    """Serve until killed."""
    with ThreadingHTTPServer((HOST, 0), Aws) as server:
        print(server.server_address[1], flush=True)  # noqa: T201  # who started it reads it
        server.serve_forever()


if __name__ == "__main__":
    main()
