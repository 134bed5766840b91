"""A start and its first notification, in a process of its own: ``python -m tests.performance.first_notification``.

Tells what is imported at the start and after the notification, and what it asked of AWS, as JSON on the last line.
Imports nothing but the standard library and what it is given a path to, and asks nothing of anyone: an AWS that takes
everything is put in place of the network.
"""

import io
import json
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final

from tests.performance.bodies import body, event

asked: Final[list[str]] = []


class Content(io.BytesIO):
    """What urllib3 gives as the content of an answer."""

    def stream(self) -> Iterator[bytes]:
        """Give all of it at once."""
        yield self.read()


def main() -> None:
    """Start, take a notification, tell."""
    from receive_notification import app  # noqa: PLC0415  # the start

    at_start = sorted(sys.modules)
    app.receive.store._table.client.meta.events.register("before-send.dynamodb", take)
    context: Any = SimpleNamespace(
        function_name="function",
        function_version="1",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:function",
        aws_request_id="request",
        get_remaining_time_in_millis=lambda: 28_000,
    )
    answer = app.handler(event(body("tag", 1), "request"), context)
    told = {"at_start": at_start, "afterwards": sorted(sys.modules), "asked": asked, "code": answer["statusCode"]}
    print(json.dumps(told))  # noqa: T201  # to whoever started it


def take(request: Any, **_: Any) -> Any:
    """Answer as a table in which nothing is, and which takes all."""
    from botocore.awsrequest import AWSResponse, HTTPHeaders  # noqa: PLC0415  # of what is tried

    asked.append(request.headers["X-Amz-Target"].decode().rpartition(".")[2])
    answer: dict[str, Any] = {"Responses": {} if asked[-1] == "BatchGetItem" else [{}, {}]}
    content: Any = Content(json.dumps(answer).encode())
    return AWSResponse(request.url, 200, HTTPHeaders(), content)


if __name__ == "__main__":
    main()
