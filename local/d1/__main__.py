"""``python -m local.d1 SCENARIO``: one scenario, or all of them."""

import secrets
import sys
from collections.abc import Sequence
from http.client import HTTPException
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from local.d1.arguments import ALL, parser, setting_of
from local.d1.connection import Insecure
from local.d1.oauth import TokenRefused
from local.d1.queries import QueryFailed
from local.d1.run import Setting, perform
from local.d1.scenarios import SCENARIOS
from local.stack import NoStack

MOST_SEEDS: Final = 1_000_000


def main(words: Sequence[str] | None = None) -> int:
    """Run what the command line says; return the exit code."""
    arguments = parser().parse_args(words)
    names = list(SCENARIOS) if arguments.scenario == ALL else [arguments.scenario]
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(MOST_SEEDS)
    try:
        setting = setting_of(arguments)
        failed = [name for name in names if not _run(name, seed, arguments.cards, arguments.seconds, setting)]
    except KeyboardInterrupt:
        return _fail("Stopped.")
    except (NoStack, Insecure, TokenRefused, QueryFailed) as error:
        return _fail(str(error))
    except (BotoCoreError, ClientError, OSError, HTTPException) as error:
        return _fail(f"It could not be done: {error}")
    if failed:
        return _fail(f"Not as it must be: {', '.join(failed)}. To repeat it on a fresh stack: --seed {seed}")
    return 0


def _run(name: str, seed: int, cards: int | None, seconds: float | None, setting: Setting) -> bool:
    scenario = SCENARIOS[name]
    setting.show(f"\n{name}, seed {seed}: {scenario.story}")
    script = scenario.script(name, seed, cards)
    right = perform(script, scenario.seconds if seconds is None else seconds, seed, setting)
    setting.show("green" if right else "RED")
    return right


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
