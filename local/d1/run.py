"""One scenario against one stack: sent, waited for, checked, told."""

import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Final

from local.d1.caller import Caller, Target
from local.d1.dispatch import Dispatch
from local.d1.draws import draws
from local.d1.inbox import Inbox, own_inbox
from local.d1.queries import Queries
from local.d1.resending import Resending
from local.d1.script import Script
from local.d1.tally import Tally
from local.d1.verdict import alerts_wrong, cards_wrong, rejections_wrong
from local.rejected import look_at_rejected
from local.stack import Stack

MOST_LINES: Final = 20
"""Of what is wrong; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Checks:
    """Where to look whether all is well; what is None is not looked at."""

    status_function: str | None = None
    alert_topic: str | None = None
    alert_inbox: str | None = None
    """A queue that is subscribed already; without it one is subscribed for the run."""
    rejected_queue: str | None = None
    alert_statuses: Collection[str] = ("DATA_EXCEPTION", "CARD_PROD_CANCELED")
    alert_wait: float = 150.0
    """Seconds. The relay takes an alert up when its lease of a minute has ended, and runs once a minute."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything about a run but its script."""

    stack: Stack
    target: Target
    checks: Checks = field(default_factory=Checks)
    resending: Resending = field(default_factory=Resending)
    connections: int = 4
    show: Callable[[str], None] = print


def perform(script: Script, seconds: float, seed: int, setting: Setting) -> bool:
    """Run a script; tell whether all of it went as it must. Raises what AWS raises to those who look."""
    # Random and not of the seed: a run that repeats another is still told apart from it.
    run = f"d1-{secrets.token_hex(6)}"
    tally = Tally(script.messages)
    with _inbox(setting) as inbox:
        queries = Queries(setting.stack, setting.checks.status_function) if setting.checks.status_function else None
        repeated = bool(queries and queries.cards(ending.card_id for ending in script.endings))
        _send(script, seconds, draws(seed), run, tally, setting)
        for line in tally.lines():
            setting.show(line)
        wrong = [
            *_judged("answers", tally.wrong, f"as they must be, to all of {len(script.messages)} messages", setting),
            *_check_cards(script, queries, setting),
            *_check_alerts(script, inbox, setting, repeated=repeated),
            *_check_rejections(script, run, setting),
        ]
    for line in wrong[:MOST_LINES]:
        setting.show(f"  {line}")
    if len(wrong) > MOST_LINES:
        setting.show(f"  and {len(wrong) - MOST_LINES} more")
    return not wrong


def _send(script: Script, seconds: float, draw: Random, run: str, tally: Tally, setting: Setting) -> None:
    callers = [Caller(setting.target, run, draws(draw.random())) for _ in range(setting.connections)]
    dispatch = Dispatch(script.messages, seconds, setting.resending, tally)
    dispatch.run(callers, lambda: setting.show(f"          {tally.progress()}"))


@contextmanager
def _inbox(setting: Setting) -> Iterator[Inbox | None]:
    checks, stack = setting.checks, setting.stack
    if checks.alert_inbox:
        yield Inbox(stack.session.client("sqs", endpoint_url=stack.endpoint_url), checks.alert_inbox)
    elif checks.alert_topic:
        with own_inbox(stack, checks.alert_topic) as inbox:
            yield inbox
    else:
        yield None


def _check_cards(script: Script, queries: Queries | None, setting: Setting) -> list[str]:
    if queries is None:
        return _unchecked("cards", "no function to ask", setting)
    answers = queries.cards(ending.card_id for ending in script.endings)
    told = f"where they must be, all of {len(script.endings)}"
    return _judged("cards", cards_wrong(script, answers), told, setting)


def _check_alerts(script: Script, inbox: Inbox | None, setting: Setting, *, repeated: bool) -> list[str]:
    if inbox is None:
        return _unchecked("alerts", "no topic to listen to", setting)
    causes = script.causes(setting.checks.alert_statuses)
    card_ids = {ending.card_id for ending in script.endings}
    most_seconds = 0.0 if repeated else setting.checks.alert_wait
    alerts = inbox.take(causes, card_ids, most_seconds, lambda text: setting.show(f"          {text}"))
    told = f"once for each of {len(causes)} causes"
    if repeated:
        told = f"{len(alerts)} came; the cards were known before this run, so none may come twice"
    return _judged("alerts", alerts_wrong(causes, alerts, repeated=repeated), told, setting)


def _check_rejections(script: Script, run: str, setting: Setting) -> list[str]:
    expected = sum(len(message.rejected) for message in script.messages)
    if not expected:
        return []
    if not setting.checks.rejected_queue:
        return _unchecked("rejected", "no queue to look into", setting)
    sqs = setting.stack.session.client("sqs", endpoint_url=setting.stack.endpoint_url)
    documents = look_at_rejected(
        sqs, setting.checks.rejected_queue, lambda found: not rejections_wrong(script.messages, run, found)
    )
    told = f"kept with the reason, all of {expected}"
    return _judged("rejected", rejections_wrong(script.messages, run, documents), told, setting)


def _judged(name: str, wrong: list[str], right: str, setting: Setting) -> list[str]:
    setting.show(f"{name:<10}{right if not wrong else f'NOT AS THEY MUST BE: {len(wrong)} differences'}")
    return wrong


def _unchecked(name: str, why: str, setting: Setting) -> list[str]:
    setting.show(f"{name:<10}not checked: {why}")
    return []
