"""``make run``: the deployed template on this machine until Ctrl-C."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from botocore.exceptions import BotoCoreError

from card_tracking.errors import CardTrackingError
from local.deployment import Deployment, DeploymentFailed, deploy
from local.engine import REGION, ROOT, EngineFailed, PortBusy, is_free, leave_developers_account, running_engine
from local.page.answers import Page
from local.page.reading import StackReader
from local.page.scenarios import Scenarios
from local.page.server import serving
from local.view import LiveView

STATE: Final = ROOT / ".local"
STACK_FILE: Final = STATE / "stack.json"
LOG: Final = STATE / "engine.log"
INBOX_QUEUE: Final = "alert-inbox"
PAGE_QUEUE: Final = "page"
PAGE_PORT_BEYOND: Final = 1_000
"""How far the page's port lies beyond the engine's, so that a second stack on the next port has a place for its own."""
HIGHEST_PORT: Final = 65_535

EXAMPLE: Final = {
    "operations": [
        {
            "operationId": "01c5a05e-e197-11ec-8fea-0242ac120002",
            "operation": "PRODUCE",
            "status": "FAILED",
            "startTime": "2025-01-17T06:28:02.492Z",
            "endTime": "2025-01-21T09:28:12.492Z",
            "cardId": "271b-6e47-8ec3-7f3f",
            "details": {"status": "DATA_EXCEPTION"},
            "errorCode": "FIELD_INVALID_FORMAT",
            "error": "pan",
        }
    ]
}


def main() -> int:
    """Run until Ctrl-C; answer the exit code."""
    try:
        port = int(os.environ.get("PORT") or 4566)
        page_port = int(os.environ.get("PAGE_PORT") or _usual_page_port(port))
    except ValueError:
        return _fail("PORT and PAGE_PORT must be numbers.")
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _as_ctrl_c)
    leave_developers_account()
    try:
        # Any credentials will do here. That each function gets by with its role is what tests/integration shows.
        with running_engine(port, LOG, enforce_iam=False) as engine:
            deployment = deploy(engine)
            view = LiveView(deployment)
            page = _page(deployment)
            with (
                serving(page, page_port) as page_url,
                _stack_file(deployment, deployment.subscribe_queue(INBOX_QUEUE), page_url),
            ):
                _say(_greeting(deployment, page_url))
                for line in view.lines():
                    _say(line)
    except KeyboardInterrupt:
        _say("\nStopped.")
        return 0
    except PortBusy as error:
        return _fail(f"{error} Is it running already? To run another one: make run PORT={port + 1}, without PAGE_PORT.")
    except (EngineFailed, DeploymentFailed) as error:
        return _fail(f"It did not start: {error}")
    except (BotoCoreError, CardTrackingError) as error:
        return _fail(f"The embedded AWS has ended: {error}. See {LOG}")
    return 0


def _usual_page_port(port: int) -> int:
    """Name the port beyond the engine's, or 0 for any where that one is not to be had."""
    usual = port + PAGE_PORT_BEYOND
    return usual if usual <= HIGHEST_PORT and is_free(usual) else 0


def _page(deployment: Deployment) -> Page:
    # Readers of one queue take messages from each other: the page has its own.
    return Page(StackReader(deployment.stack, deployment.subscribe_queue(PAGE_QUEUE)), Scenarios(deployment.stack))


@contextmanager
def _stack_file(deployment: Deployment, inbox_url: str, page_url: str) -> Iterator[None]:
    """Tell other programs where everything is, for as long as it is there."""
    content = json.dumps(
        {
            "callbackUrl": deployment.callback_url,
            "awsEndpointUrl": deployment.engine.endpoint_url,
            "region": REGION,
            "issuerId": deployment.issuer_id,
            "alertInboxUrl": inbox_url,
            "pageUrl": page_url,
            "outputs": dict(deployment.outputs),
        },
        indent=2,
    )
    # Written aside first: whoever waits for the file finds all of it.
    aside = STACK_FILE.with_suffix(".new")
    aside.write_text(content + "\n")
    aside.replace(STACK_FILE)
    try:
        yield
    finally:
        _remove_own(STACK_FILE, content)


def _remove_own(path: Path, content: str) -> None:
    # One that was started later on another port may have put its own there.
    if path.exists() and path.read_text().strip() == content:
        path.unlink()


def _greeting(deployment: Deployment, page_url: str) -> str:
    return f"""
Ready. Everything that happens, to watch and to play with, in a browser:

  {page_url}

The callback URL for D1:

  {deployment.callback_url}

Try it in another terminal:

  curl -i -X POST '{deployment.callback_url}' \\
    -H 'Content-Type: application/json' \\
    -d '{json.dumps(EXAMPLE)}'

AWS is at {deployment.engine.endpoint_url} ({REGION}), everything else in {STACK_FILE.relative_to(ROOT)}.
Status changes and alerts show below. Ctrl-C ends it, and with it all that it holds.
"""


def _as_ctrl_c(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
