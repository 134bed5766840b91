"""``python -m local.explain CARD``: the story of one card."""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.explain.records import read_records
from local.explain.story import Story, document, tell
from local.explain.text import lines
from local.rejected import look_at_rejected
from local.stack import NoStack, Stack, account_only, deployed_stack, stack_here


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code, 1 where nothing is known of the card."""
    arguments = _parser().parse_args(words)
    try:
        stack = _stack(arguments)
        story = explain(stack, arguments.card, arguments.table, arguments.rejected_queue)
    except NoStack as error:
        return _fail(str(error))
    except (BotoCoreError, ClientError) as error:
        return _fail(f"It could not be read: {error}")
    if arguments.json:
        print(json.dumps(document(story), indent=2))
    else:
        print("\n".join(lines(story)))
    return 0 if story.arrivals or story.status else 1


def explain(stack: Stack, card_id: str, table: str | None = None, rejected_queue: str | None = None) -> Story:
    """Read a card's story from a stack. Raises NoStack where it is not known from which table, and what AWS raises."""
    table = table or stack.outputs.get("StatusTableName")
    if not table:
        raise NoStack("Name the table by --table, or a stack by --stack.")
    return tell(card_id, read_records(stack, table, card_id), _rejected(stack, rejected_queue))


def _rejected(stack: Stack, queue_url: str | None) -> Iterable[Mapping[str, Any]]:
    queue_url = queue_url or stack.outputs.get("RejectedQueueUrl")
    if not queue_url:
        return []
    return look_at_rejected(stack.session.client("sqs", endpoint_url=stack.endpoint_url), queue_url)


def _parser() -> argparse.ArgumentParser:
    command = argparse.ArgumentParser(
        prog="python -m local.explain",
        description="Tells of one card what arrived, what each arrival did and why, the alerts and when they went, and "
        "why the status is what it is. Without further options: of the stack that `make run` started here.",
    )
    command.add_argument("card", metavar="CARD", help="the card's id")
    command.add_argument("--json", action="store_true", help="for machines")
    command.add_argument("--stack", help="the CloudFormation name of a deployed stack")
    command.add_argument("--region", help="of the deployed stack")
    command.add_argument("--table", help="the table with the cards, if there is no stack to name")
    command.add_argument("--rejected-queue", help="URL of the queue of rejected operations, if --stack does not tell")
    return command


def _stack(arguments: argparse.Namespace) -> Stack:
    if arguments.stack:
        return deployed_stack(arguments.stack, arguments.region)
    return account_only(arguments.region) if arguments.table else stack_here()


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
