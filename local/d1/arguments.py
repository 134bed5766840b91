"""The command line."""

import argparse
import os
from pathlib import Path
from typing import Final

from local.d1.caller import Target
from local.d1.connection import Certificates
from local.d1.oauth import Credentials, TokenSource
from local.d1.resending import DEFAULT_RESENT, Resending, read_resent
from local.d1.run import Checks, Setting
from local.d1.scenarios import SCENARIOS
from local.stack import NoStack, Stack, account_only, deployed_stack, stack_here

ALL: Final = "all"
CALLBACK_PATH: Final = "/notifications/d1/v2/issuers/{issuer}/cards"


def parser() -> argparse.ArgumentParser:
    """Make the parser; its help is the documentation."""
    stories = "\n".join(f"  {name:<16}{scenario.story}" for name, scenario in SCENARIOS.items())
    command = argparse.ArgumentParser(
        prog="python -m local.d1",
        description="A D1 that calls a running stack, and then checks what came of it. Exits with 1 where anything is "
        "not as it must be.",
        epilog=f"scenarios:\n{stories}\n  {ALL:<16}All of them, one after the other.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("scenario", choices=[*SCENARIOS, ALL], metavar="SCENARIO")
    command.add_argument("--seed", type=int, help="the same cards and messages as another run with this seed")
    command.add_argument("--cards", type=_positive, help="how many cards (each scenario has its own default)")
    command.add_argument("--seconds", type=float, help="spread the messages over so many seconds")
    command.add_argument("--connections", type=_positive, default=4, help="calls at once (%(default)s)")

    where = command.add_argument_group("the stack: without any of these the one that `make run` started here")
    where.add_argument(
        "--stack", help="the CloudFormation name of a deployed stack: tells all the rest but certificates"
    )
    where.add_argument("--region", help="of the deployed stack")
    where.add_argument("--url", help="the callback address; with --issuer only the beginning of it")
    where.add_argument("--issuer", help="the issuer's id at D1")
    where.add_argument("--client-cert", type=Path, help="D1's client certificate (PEM), for mutual TLS")
    where.add_argument("--client-key", type=Path, help="its key (PEM), if it lies in a file of its own")
    where.add_argument("--ca", type=Path, help="who signed the server's certificate (PEM), if not one that all trust")
    where.add_argument("--token-url", help="where D1 gets its bearer token, if the tenant has OAuth on")
    where.add_argument("--client-id", help="as whom")
    where.add_argument("--client-secret-env", metavar="NAME", help="the environment variable with its secret")
    where.add_argument("--scope", help="which it asks for")

    again = command.add_argument_group("what D1 sends again (not published, so all of it can be set)")
    default = ",".join(sorted(DEFAULT_RESENT))
    again.add_argument("--resend-on", type=_resent, default=DEFAULT_RESENT, help=f"which answers ({default})")
    again.add_argument("--resends", type=int, default=5, help="how often at most (%(default)s)")
    again.add_argument("--first-wait", type=float, default=1.0, help="seconds before the first time (%(default)s)")
    again.add_argument("--factor", type=float, default=2.0, help="by which it then grows (%(default)s)")
    again.add_argument("--longest-wait", type=float, default=60.0, help="seconds (%(default)s)")
    again.add_argument("--heed-retry-after", action="store_true", help="wait as the answer asks")
    again.add_argument("--timeout", type=float, default=30.0, help="seconds it waits for an answer (%(default)s)")
    again.add_argument("--lose-answers", type=_share, default=0.0, help="share of answers that get lost, 0 to 1")

    checks = command.add_argument_group("what is looked at afterwards, if --stack does not tell")
    checks.add_argument("--status-function", help="name or ARN of get_card_status")
    checks.add_argument("--alert-topic", help="ARN of the topic: a queue is subscribed for the run, and removed")
    checks.add_argument("--alert-inbox", help="URL of a queue that is subscribed already; alerts of the run are taken")
    checks.add_argument("--rejected-queue", help="URL of the queue of rejected operations")
    checks.add_argument("--alert-statuses", default=",".join(Checks().alert_statuses), help="(%(default)s)")
    checks.add_argument("--alert-wait", type=float, default=150.0, help="seconds to wait for alerts (%(default)s)")
    return command


def setting_of(arguments: argparse.Namespace) -> Setting:
    """Find the stack and put everything together.

    Raises NoStack where it is not known where to send, Insecure, OSError where a certificate cannot be read, and what
    AWS raises.
    """
    stack = _stack(arguments)
    return Setting(
        stack=stack,
        target=_target(arguments, stack),
        checks=_checks(arguments, stack),
        resending=Resending(
            resent=arguments.resend_on,
            most=arguments.resends,
            first_wait=arguments.first_wait,
            factor=arguments.factor,
            longest_wait=arguments.longest_wait,
            heeds_retry_after=arguments.heed_retry_after,
        ),
        connections=arguments.connections,
    )


def _stack(arguments: argparse.Namespace) -> Stack:
    if arguments.stack:
        return deployed_stack(arguments.stack, arguments.region)
    return account_only(arguments.region) if arguments.url else stack_here()


def _target(arguments: argparse.Namespace, stack: Stack) -> Target:
    url = arguments.url or stack.callback_url
    if url is None:
        raise NoStack("The stack has no output CallbackUrl. Name the address by --url.")
    if arguments.issuer:
        url = url.rstrip("/") + CALLBACK_PATH.format(issuer=arguments.issuer)
    certificates = Certificates(arguments.ca, arguments.client_cert, arguments.client_key)
    tokens = None
    if arguments.token_url:
        secret = os.environ.get(arguments.client_secret_env or "")
        if not arguments.client_id or not secret:
            raise NoStack("--token-url needs --client-id, and --client-secret-env with the name of a set variable.")
        credentials = Credentials(arguments.token_url, arguments.client_id, secret, arguments.scope)
        tokens = TokenSource(credentials, certificates, arguments.timeout)
    return Target(url, certificates, arguments.timeout, tokens, arguments.lose_answers)


def _checks(arguments: argparse.Namespace, stack: Stack) -> Checks:
    outputs = stack.outputs
    function = outputs.get("GetCardStatusFunctionArn") or outputs.get("GetCardStatusFunctionName")
    return Checks(
        status_function=arguments.status_function or function,
        alert_topic=arguments.alert_topic or outputs.get("AlertTopicArn"),
        alert_inbox=arguments.alert_inbox,
        rejected_queue=arguments.rejected_queue or outputs.get("RejectedQueueUrl"),
        alert_statuses=frozenset(arguments.alert_statuses.split(",")),
        alert_wait=arguments.alert_wait,
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share < 1:
        raise ValueError
    return share


def _resent(text: str) -> frozenset[str]:
    try:
        return read_resent(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
