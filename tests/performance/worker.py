"""One runtime process: holds the client side of one variant and nothing else, and measures what it is told to.

Runs under the Python of Lambda with a variant's artefact on its path, so it imports nothing but the standard library
and what the artefact brings. Commands come as lines of JSON on standard input, and so go the answers.
"""

import gc
import importlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final

from tests.performance.bodies import body, event

requests: Final[Counter[str]] = Counter()
write_units: Final[Counter[str]] = Counter()
seconds_added: list[float] = [0.0]


def main() -> None:
    """Carry out commands until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    # What a function logs is part of what it costs, and goes nowhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    commands: dict[str, Callable[..., Any]] = {
        "load": _load,
        "add": _add,
        "post": _post,
        "relay": _relay,
        "update_items": _update_items,
    }
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(commands[command.pop("do")](**command)), file=answers, flush=True)


_HANDLER: list[Callable[[Any, Any], Any]] = []


def _load(handler: str, *, is_product: bool, counts_units: bool) -> None:
    """Import a handler, as Lambda does, and look from now on at what it sends.

    Of the product, say the engine's dialect; and where asked let the engine tell the write units.
    """
    module, _, name = handler.rpartition(".")
    app = importlib.import_module(module)
    _HANDLER.append(getattr(app, name))
    _watch()
    if is_product:
        events = app.receive.store._table.client.meta.events
        events.register(*_DIALECT)
        if counts_units:
            for operation in ("BatchExecuteStatement", "BatchWriteItem"):
                events.register(f"before-parameter-build.dynamodb.{operation}", _ask_for_units)
                events.register(f"after-call.dynamodb.{operation}", _count_units)


def _watch() -> None:
    from botocore.httpsession import URLLib3Session  # noqa: PLC0415  # what init costs is not to be hidden

    send = URLLib3Session.send

    def watched(self: Any, request: Any) -> Any:
        target = request.headers.get("X-Amz-Target")
        text = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        name = (
            target.decode() if isinstance(target, bytes) else target or text.partition("Action=")[2].partition("&")[0]
        )
        requests[name.rpartition(".")[2]] += 1
        if seconds_added[0]:
            time.sleep(seconds_added[0])
        return send(self, request)

    URLLib3Session.send = watched  # type: ignore[method-assign]  # every call of every client goes through it


def _in_one_clause(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Write an update as the engine takes it: see tests/proof/engines."""
    statements = [
        one | {"Statement": one["Statement"].replace('=? SET "', '=?, "').replace('" REMOVE "', '", "')}
        for one in params["Statements"]
    ]
    return params | {"Statements": statements}


_DIALECT: Final = ("provide-client-params.dynamodb.BatchExecuteStatement", _in_one_clause)


def _ask_for_units(params: dict[str, Any], **_: Any) -> None:
    params["ReturnConsumedCapacity"] = "INDEXES"


def _count_units(parsed: dict[str, Any], **_: Any) -> None:
    for consumed in parsed["ConsumedCapacity"]:
        write_units["table"] += consumed["Table"]["CapacityUnits"]
        for index, units in consumed.get("GlobalSecondaryIndexes", {}).items():
            write_units[index] += units["CapacityUnits"]


def _add(seconds: float) -> None:
    """Let every call to AWS take so much longer."""
    seconds_added[0] = seconds


def _post(tag: str, operations: int, times: int = 1, status: str = "DATA_PREPARED") -> dict[str, Any]:
    """Receive so many notifications of so many operations, each of a new card."""
    events = [
        event(body(tag, operations, status, first=number * operations), f"{tag}-{number}") for number in range(times)
    ]
    handler = _HANDLER[0]
    return _measured(lambda: (handler(one, _context())["statusCode"] for one in events))


def _relay() -> dict[str, Any]:
    """Run the product's relay once, as it runs when it is called."""
    app: Any = importlib.import_module("relay_alerts.app")
    app.relay.outbox._table.client.meta.events.register(*_DIALECT)
    return _measured(lambda: (200 for _ in [app.handler({}, _context())]))


def _update_items(tag: str, times: int) -> dict[str, Any]:
    """Send one UpdateItem an operation: the least that anybody could do, without reading a body or keeping an order."""
    import boto3  # noqa: PLC0415  # of the variant, and only here

    client = boto3.client("dynamodb")

    def send(number: int) -> int:
        answer = client.update_item(
            TableName=os.environ["STATUS_TABLE_NAME"],
            Key={"pk": {"S": f"CARD#{tag}-{number:08d}-8ec3-7f3f"}, "sk": {"S": "STATUS"}},
            UpdateExpression="SET #status = :status, dueDate = :due, productionSite = :site, operationId = :operation",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":status": {"S": "DATA_PREPARED"},
                ":due": {"S": "2025-01-21"},
                ":site": {"S": "Gemenos"},
                ":operation": {"S": "01c5a05e-e197-11ec-8fea-0242ac120002"},
            },
        )
        return int(answer["ResponseMetadata"]["HTTPStatusCode"])

    send(-1)
    return _measured(lambda: (send(number) for number in range(times)))


def _measured(work: Callable[[], Iterator[int]]) -> dict[str, Any]:
    requests.clear()
    write_units.clear()
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    codes = Counter(work())
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu": cpu, "wall": wall, "codes": dict(codes), "requests": dict(requests), "units": dict(write_units)}


def _context() -> Any:
    return SimpleNamespace(
        function_name="function",
        function_version="1",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:function",
        aws_request_id="5f0a91c2-77de-4b14-8c31-02b1f0c9d7aa",
        get_remaining_time_in_millis=lambda: 28_000,
    )


if __name__ == "__main__":
    main()
