"""What a browser is answered."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import SplitResult, parse_qs, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from local.d1.queries import QueryFailed
from local.page.news import News, Reader
from local.page.scenarios import Busy, Scenarios, Unknown

STATIC: Final = Path(__file__).parent / "static"
JSON: Final = "application/json"
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS: Final = {
    # Whatever text a card brings: no script but ours runs, and none of ours can write markup.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Of every answer, also of a refusal."""


class Answer(NamedTuple):
    """An answer, but for HEADERS."""

    status: HTTPStatus
    content_type: str
    body: bytes


class Page:
    """What can be told and done."""

    def __init__(self, reader: Reader, scenarios: Scenarios) -> None:
        """Tell what ``reader`` reads, and run ``scenarios``."""
        self.news = News(reader)
        self.scenarios = scenarios

    def get(self, target: str) -> Answer:
        """Answer a GET: a file of the page, the news, or a card's story."""
        address = urlsplit(target)
        match address.path:
            case "/news":
                return _read(lambda: self._news(address))
            case "/story":
                return _read(lambda: self.news.story(_asked(address).get("card", "")))
            case "/":
                return _file("index.html")
            case path:
                return _file(path[1:])

    def post(self, target: str) -> Answer:
        """Answer a POST, which starts or stops a scenario."""
        match urlsplit(target).path.split("/"):
            case ["", "scenarios", name]:
                return self._start(name)
            case ["", "stop"]:
                self.scenarios.stop()
                return _told(HTTPStatus.OK, self.scenarios.told())
            case _:
                return refused(HTTPStatus.NOT_FOUND, "there is nothing here")

    def _news(self, address: SplitResult) -> Mapping[str, Any]:
        asked = _asked(address)
        revision = asked.get("revision", "")
        seen = int(revision) if revision.isdecimal() else 0
        return self.news.since(asked.get("run", ""), seen) | {"scenarios": self.scenarios.told()}

    def _start(self, name: str) -> Answer:
        try:
            self.scenarios.start(name)
        except Unknown:
            return refused(HTTPStatus.NOT_FOUND, "there is no such scenario")
        except Busy as error:
            return refused(HTTPStatus.CONFLICT, f"{error} is still running")
        return _told(HTTPStatus.ACCEPTED, self.scenarios.told())


def _read(read: Callable[[], Mapping[str, Any]]) -> Answer:
    try:
        return _told(HTTPStatus.OK, read())
    except (BotoCoreError, ClientError, QueryFailed) as error:
        return refused(HTTPStatus.SERVICE_UNAVAILABLE, f"the stack does not answer: {error}")


def _file(name: str) -> Answer:
    # Looked up among what is there: no path of a browser's leads anywhere else.
    files = {file.name: file for file in STATIC.iterdir()}
    if name not in files:
        return refused(HTTPStatus.NOT_FOUND, "there is nothing here")
    return Answer(HTTPStatus.OK, TYPES[files[name].suffix], files[name].read_bytes())


def _asked(address: SplitResult) -> Mapping[str, str]:
    return {name: values[-1] for name, values in parse_qs(address.query).items()}


def _told(status: HTTPStatus, document: Mapping[str, Any]) -> Answer:
    return Answer(status, JSON, json.dumps(document).encode())


def refused(status: HTTPStatus, why: str) -> Answer:
    """Answer with nothing but the reason."""
    return _told(status, {"error": why})
