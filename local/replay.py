"""``make replay``: send rejected operations through the path that rejected them once more.

By default it only counts what would be replayed. It orders ``replay_rejected`` of the stack that ``make run`` runs
here, or of a deployed one (``--function NAME``, with the ordinary AWS credentials), again and again while that
replays more.
"""

import argparse
import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.stack import NoStack, account_only, stack_here

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient

FUNCTION_SECONDS: Final = 330
"""More than the function may take, so that this end of the line does not give up first and order it twice."""


class Refused(Exception):
    """The function did not carry out the order; the message says why."""


def main(arguments: list[str] | None = None) -> int:
    """Order the replay and print what came of it; answer the exit code."""
    options = _parser().parse_args(arguments)
    try:
        client, function = _function(options.function)
        totals = replay(client, function, order(options))
    except (Refused, NoStack, BotoCoreError, ClientError, OSError, KeyError) as error:
        print(f"Not replayed: {error}", file=sys.stderr)
        return 1
    print("Dry run, nothing was changed (--yes replays)." if not options.yes else "Replayed.")
    for name, count in totals.items():
        print(f"{name.replace('_', ' '):>18}: {count}")
    return 0


def order(options: argparse.Namespace) -> dict[str, Any]:
    """Write the order as ``replay_rejected`` takes it."""
    conditions = {"reasons": options.reason, "ids": options.id, "since": options.since, "until": options.until}
    return {
        **{name: value for name, value in conditions.items() if value},
        "dryRun": not options.yes,
        "operationsASecond": options.rate,
    }


def replay(client: "LambdaClient", function: str, order: dict[str, Any]) -> dict[str, int]:
    """Give the order until the queue was looked at to its end or nothing more comes of it; add up the counts.

    Raises Refused.
    """
    totals: Counter[str] = Counter()
    while True:
        answer = client.invoke(FunctionName=function, Payload=json.dumps(order).encode())
        report = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise Refused(report.get("errorMessage", "the function failed"))
        finished = report.pop("finished")
        totals.update(report)
        if finished or not report["replayed"]:
            return dict(totals)


def _function(name: str | None) -> tuple["LambdaClient", str]:
    stack = account_only(None) if name else stack_here()
    config = Config(read_timeout=FUNCTION_SECONDS, retries={"total_max_attempts": 1})
    client = stack.session.client("lambda", config=config, endpoint_url=stack.endpoint_url)
    return client, name or stack.outputs["ReplayRejectedFunctionName"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.replay", description=__doc__)
    parser.add_argument("--function", help="name of replay_rejected in a deployed stack")
    parser.add_argument("--reason", action="append", help="only this reason (repeatable), such as FIELD_MISSING")
    parser.add_argument("--id", action="append", help="only this message, request, correlation, card or operation")
    parser.add_argument("--since", help="only what arrived at or after this ISO 8601 time with offset")
    parser.add_argument("--until", help="only what arrived at or before this ISO 8601 time with offset")
    parser.add_argument("--rate", type=float, default=10.0, help="operations a second at most (10)")
    parser.add_argument("--yes", action="store_true", help="replay; without it only count")
    return parser


if __name__ == "__main__":
    sys.exit(main())
