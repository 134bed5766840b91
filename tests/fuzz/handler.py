"""One notification, whatever it is, through the whole handler, twice: what must hold of every one."""

import base64
import importlib
import io
import json
import os
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from types import SimpleNamespace
from typing import Any, Final

from card_tracking.adapters import clients
from card_tracking.domain import instants
from card_tracking.domain.instants import now
from card_tracking.domain.merge import REMEMBERED_DIGESTS
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import read_rejected, rejected_entries, replayable_body
from card_tracking.wire.scrub import IDENTIFIERS
from receive_notification.request import body_text
from tests.fuzz.table import TableInMemory, dump
from tests.proof.doubles import Functions, Topic
from tests.proof.invocations import Clock
from tests.proof.product import ENVIRONMENT, ISSUER_ID
from tests.proof.queue import Queue

HEADER_BYTES: Final = 2
"""The first byte of an input says how the body is sent and what is planted in it, the second one where."""
BASE64: Final = 1
PLANTED: Final = 2
CARD_NUMBER: Final = "5555555555554444"
CITY: Final = "Castrop Rauxel"
CONSUMER: Final = "never-kept-7731"
CANARIES: Final = (CARD_NUMBER, CITY, CONSUMER)
_CHARSETS: Final = ("", "; charset=utf-16", "; charset=iso-8859-1", "; charset=punycode")


class World:
    """The handler, loaded once as Lambda loads it, over services in memory."""

    def __init__(self) -> None:
        """Start with nothing stored."""
        self.clock = Clock()
        self.clear()
        self._context = SimpleNamespace(
            function_name="function",
            memory_limit_in_mb=1024,
            invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:function",
            aws_request_id="0",
            get_remaining_time_in_millis=lambda: 28_000,
        )
        # This process is the fuzzer's alone: nothing is put back.
        os.environ |= ENVIRONMENT | {"STATUS_TABLE_NAME": "Cards"}
        warnings.filterwarnings("ignore", "No application metrics to publish")
        vars(instants)["time"] = self.clock
        vars(clients)["boto3"] = SimpleNamespace(client=lambda service, **_: _Client(self, service))
        self._app = importlib.import_module("receive_notification.app")

    def clear(self) -> None:
        """Forget everything."""
        self.services: dict[str, Any] = {
            "dynamodb": TableInMemory(),
            "lambda": Functions(),
            "sns": Topic(),
            "sqs": Queue(self.clock),
        }

    def deliver(self, event: dict[str, Any], request_id: str) -> tuple[dict[str, Any], str]:
        """Give an event to the handler; return its answer, and all that it printed or logged."""
        self.clock.advance(1)
        output = io.StringIO()
        for handler in self._app.logger.handlers:
            handler.setStream(output)
        with redirect_stdout(output):
            answer = self._app.handler(event | {"requestContext": {"requestId": request_id}}, self._context)
        return answer, output.getvalue()


class _Client:
    """Whatever stands for a service at the moment."""

    def __init__(self, world: World, service: str) -> None:
        self._world = world
        self._service = service

    def __getattr__(self, method: str) -> Any:
        return getattr(self._world.services[self._service], method)


def take_notification(world: World, data: bytes) -> None:
    """Deliver an input twice. Raises AssertionError where a promise breaks, and whatever the handler raises."""
    event, planted_in = _event(data)
    world.clear()
    answer, said = world.deliver(event, "first")
    table, queue, topic = (world.services[name] for name in ("dynamodb", "sqs", "sns"))
    code = answer["statusCode"]
    assert code in {204, 400}, f"answered {code}: {said}"
    _check_nothing_is_lost(code, body_text(event), table, queue)
    _check_rejections_can_be_replayed(queue)
    public = said + json.dumps([answer, [entry.get("subject", "") for entry in topic.alerts]])
    kept = dump(table) + json.dumps([queue.messages, topic.alerts], ensure_ascii=False)
    for canary in CANARIES:
        assert canary not in public, f"{canary} is told"
    assert CONSUMER not in kept, "a consumerId is kept"
    assert planted_in in {None, *IDENTIFIERS} or CARD_NUMBER not in kept, "a card number is kept"
    _check_repetition(world, event, table, topic)


def _check_nothing_is_lost(code: int, text: str, table: TableInMemory, queue: Queue) -> None:
    rejected = sum(len(list(rejected_entries(message))) for message in queue.messages)
    if code != 204:
        assert rejected == 1, "an unreadable body is not kept"
        return
    deliveries = sum(sort_key.startswith("DELIVERY#") for _, sort_key in table.items)
    try:
        sent = len(json.loads(text.removeprefix("\ufeff"))["operations"])
    except (ValueError, RecursionError):
        # Only the product's own reader takes it for JSON.
        return
    assert deliveries + rejected == sent, f"{sent} sent, {deliveries} stored, {rejected} rejected"


def _check_rejections_can_be_replayed(queue: Queue) -> None:
    """What is in the queue can be read and received again, and is rejected again for the same reasons."""
    for message in queue.messages:
        document = read_rejected(json.dumps(message))
        assert document, "a message of the queue cannot be read"
        whole = [one for one in rejected_entries(document) if "operation" in one or "body" in one]
        body = replayable_body(document)
        if body is None:
            assert not whole, "a message of the queue cannot be replayed"
            continue
        # A whole body may have become readable: what spoilt it can have been what was cleaned out.
        if "body" not in document:
            reasons = [one.reason for one in read_notification(body, now()).rejections]
            assert reasons == [one["reason"] for one in whole], "a replay ends otherwise"


def _check_repetition(world: World, event: dict[str, Any], table: TableInMemory, topic: Topic) -> None:
    statuses = {key: item for key, item in table.items.items() if key[1] == "STATUS"}
    alerts = len(topic.alerts)
    world.deliver(event, "second")
    assert len(topic.alerts) == alerts, "an alert is published twice"
    if len(table.items) < REMEMBERED_DIGESTS:
        for key, item in statuses.items():
            assert table.items[key] == item, "a repetition changes a status"


def _event(data: bytes) -> tuple[dict[str, Any], str | None]:
    """Make the event of an input; tell the field in which a card number was planted."""
    how, where, content = data[0], data[1], data[HEADER_BYTES:]
    planted_in = None
    if how & PLANTED:
        content, planted_in = _planted(content, where)
    text = content.decode("utf-8", "surrogateescape")
    event = {
        "httpMethod": "POST",
        "pathParameters": {"issuerId": ISSUER_ID},
        "headers": {"content-TYPE": f"application/json{_CHARSETS[how >> 6]}", "X-Correlation-Id": "c-1"},
        "body": base64.b64encode(content).decode() if how & BASE64 else text,
        "isBase64Encoded": bool(how & BASE64),
    }
    return event, planted_in


def _planted(content: bytes, where: int) -> tuple[bytes, str | None]:
    """Plant a consumer id at every level of a JSON text, and a card number and a city in one of its fields."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return content, None
    places = list(_places(document))
    if not places:
        return content, None
    name, holder, key = places[where % len(places)]
    holder[key] = f"{holder[key]} {CARD_NUMBER} {CITY}"
    for level in {id(one): one for _, one, _ in places if isinstance(one, dict)}.values():
        level["consumerId"] = CONSUMER
    return json.dumps(document).encode(), name


def _places(value: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Name every text by its field, with what holds it and where."""
    entries: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        entries = list(value.items())
    elif isinstance(value, list):
        entries = list(enumerate(value))
    for key, content in entries:
        field = key if isinstance(value, dict) else name if isinstance(key, int) and name not in IDENTIFIERS else ""
        if isinstance(content, str):
            yield field, value, key
        else:
            yield from _places(content, field)
