"""The product as it runs in AWS, handlers and all, on clients and a clock of the test's own."""

import gc
import importlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from card_tracking import deadline
from card_tracking.adapters import clients, retries
from card_tracking.domain import instants
from card_tracking.use_cases.receive import ReceiveNotification
from receive_notification.composition import compose
from receive_notification.settings import Settings
from tests.proof.faults import Killed
from tests.proof.invocations import Clock, Invocation

ISSUER_ID: Final = "BANK000001"
CORRELATION_ID: Final = "9f0c-correlation"
ENVIRONMENT: Final = {
    "ALERT_STATUSES": "DATA_EXCEPTION,CARD_PROD_CANCELED",
    "ALERT_TOPIC_ARN": "arn:aws:sns:eu-west-1:000000000000:alerts",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_SECRET_ACCESS_KEY": "test",
    "ISSUER_ID": ISSUER_ID,
    "POWERTOOLS_METRICS_NAMESPACE": "CardTracking",
    "POWERTOOLS_SERVICE_NAME": "card-tracking",
    "REJECTED_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/000000000000/rejected",
    "RELAY_ALERTS_FUNCTION_ARN": "arn:aws:lambda:eu-west-1:000000000000:function:relay_alerts:live",
    "RETENTION_DAYS": "400",
}


@dataclass(frozen=True, slots=True)
class Services:
    """What the product works on: a table behind a client, a topic, a queue, and functions that it calls."""

    dynamodb: Any
    table_name: str
    topic: Any
    queue: Any
    functions: Any

    def client(self, service: str) -> Any:
        """Give what stands in for the client of a service."""
        return {"dynamodb": self.dynamodb, "lambda": self.functions, "sns": self.topic, "sqs": self.queue}[service]


@dataclass(frozen=True, slots=True)
class Ended:
    """How an invocation ended: with an answer, or killed (None); and all that it printed or logged."""

    answer: dict[str, Any] | None
    output: str
    error: Exception | None = None
    """What the handler raised."""


def deliver(services: Services, clock: Clock, invocation: Invocation, body: str, request_id: str) -> Ended:
    """Run receive_notification on a body, in a process that begins with it."""
    event = {
        "body": body,
        "headers": {"X-Correlation-Id": CORRELATION_ID, "Content-Type": "application/json"},
        "isBase64Encoded": False,
        "pathParameters": {"issuerId": ISSUER_ID},
        "requestContext": {"requestId": request_id},
    }
    return _without_error(run("receive_notification", services, clock, invocation, event))


def relay(services: Services, clock: Clock, invocation: Invocation) -> Ended:
    """Run relay_alerts, in a process that begins with it."""
    return _without_error(run("relay_alerts", services, clock, invocation, {}))


def replay(services: Services, clock: Clock, invocation: Invocation, order: dict[str, Any]) -> Ended:
    """Run replay_rejected on an operator's order, in a process that begins with it."""
    return _without_error(run("replay_rejected", services, clock, invocation, order))


def run(
    function: str,
    services: Services,
    clock: Clock,
    invocation: Invocation,
    event: Any,
    settings: Mapping[str, str] = MappingProxyType({}),
    prepare: Callable[[Any], None] = lambda app: None,
) -> Ended:
    """Run a function on an event, in a process that begins with it. What its handler raises is in the result.

    ``settings`` are added to the environment. ``prepare`` gets the loaded module before the handler runs.
    """
    with _cold_start(f"{function}.app", services, clock, invocation, settings) as app:
        prepare(app)
        return _run(app, event, invocation)


def _without_error(ended: Ended) -> Ended:
    if ended.error is not None:
        raise ended.error
    return ended


@contextmanager
def composed(services: Services) -> Iterator[Callable[[], ReceiveNotification]]:
    """Give the receiving use case as the function composes it, as often as asked; without clock, faults or handler."""
    settings = Settings.from_environment(ENVIRONMENT | {"STATUS_TABLE_NAME": services.table_name})
    with patch.object(clients, "boto3", SimpleNamespace(client=lambda service, **_: services.client(service))):
        yield lambda: compose(settings, report_failures=lambda failures: None)


@contextmanager
def _cold_start(
    name: str, services: Services, clock: Clock, invocation: Invocation, settings: Mapping[str, str]
) -> Iterator[Any]:
    """Load a handler's module afresh, as Lambda does in a new process, where all clients and times are ours.

    Afterwards the module is what it was before, or gone where nobody had imported it.
    """

    def client(service: str, **_: Any) -> Any:
        return invocation.client(service, services.client(service))

    with ExitStack() as stack:
        environment = {**ENVIRONMENT, **settings, "STATUS_TABLE_NAME": services.table_name}
        stack.enter_context(patch.dict(os.environ, environment))
        stack.enter_context(patch.object(clients, "boto3", SimpleNamespace(client=client)))
        for module in (deadline, instants, retries):
            stack.enter_context(patch.object(module, "time", clock))
        # One thread, so that the calls have the same numbers in every run.
        stack.enter_context(patch.object(retries, "THREADS", 1))
        known = name in sys.modules
        app = importlib.import_module(name)
        before = dict(vars(app))
        try:
            yield importlib.reload(app)
        finally:
            # The start froze all that the process holds: right for one start, but here it would keep the garbage of
            # each of thousands.
            gc.unfreeze()
            vars(app).update(before)
            if not known:
                # It is made of this test's clients: whoever imports it next must find none.
                del sys.modules[name]


def _run(app: Any, event: dict[str, Any], invocation: Invocation) -> Ended:
    context = SimpleNamespace(
        function_name="function",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:function",
        aws_request_id="0",
        get_remaining_time_in_millis=invocation.remaining_milliseconds,
    )
    with _captured_output(app.logger) as output, warnings.catch_warnings():
        # Of an invocation that ends before it has counted anything.
        warnings.filterwarnings("ignore", "No application metrics to publish")
        answer, raised = None, None
        try:
            answer = app.handler(event, context)
        except Killed:
            pass
        except Exception as error:  # noqa: BLE001  # an error of the function, as Lambda sees it
            raised = error
    return Ended(answer, output.getvalue(), raised)


@contextmanager
def _captured_output(logger: Any) -> Iterator[io.StringIO]:
    """Catch what a handler logs, and the metrics that it prints."""
    output = io.StringIO()
    handlers = [handler for handler in logger.handlers if isinstance(handler, logging.StreamHandler)]
    streams = [handler.setStream(output) for handler in handlers]
    try:
        with redirect_stdout(output):
            yield output
    finally:
        for handler, stream in zip(handlers, streams, strict=True):
            if stream is not None:
                handler.setStream(stream)
