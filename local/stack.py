"""Where a running stack is: the one that `make run` started on this machine, or one deployed to AWS."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import boto3

from local.engine import ACCESS_KEY, ROOT, leave_developers_account

STACK_FILE: Final = ROOT / ".local/stack.json"


class NoStack(Exception):
    """There is no such stack; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack, as far as it is known, and the account that it is in."""

    session: boto3.Session
    outputs: Mapping[str, str] = field(default_factory=dict)
    callback_url: str | None = None
    endpoint_url: str | None = None
    """Of the embedded AWS; None for AWS itself."""


def stack_here(file: Path = STACK_FILE) -> Stack:
    """Return the stack on this machine, and take this process out of reach of the developer's own AWS account.

    Raises NoStack where none runs.
    """
    try:
        told = json.loads(file.read_text())
    except FileNotFoundError:
        raise NoStack("Nothing runs on this machine. Start it with `make run`, or name a deployed stack.") from None
    leave_developers_account()
    session = boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=ACCESS_KEY, region_name=told["region"])
    return Stack(session, told["outputs"], told["callbackUrl"], told["awsEndpointUrl"])


def deployed_stack(name: str, region: str | None) -> Stack:
    """Return a stack in AWS by its CloudFormation name, with the ordinary AWS credentials."""
    session = boto3.Session(region_name=region)
    stack = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return Stack(session, outputs, outputs.get("CallbackUrl"))


def account_only(region: str | None) -> Stack:
    """Return an account in AWS, of whose stack nothing is known but what else is said."""
    return Stack(boto3.Session(region_name=region))
