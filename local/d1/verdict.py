"""Whether what came of a run is what its script states, and where not. Nothing here talks to anyone."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from card_tracking.wire.rejected_message import rejected_entries
from local.d1.caller import correlation_id
from local.d1.script import ANSWERED, Cause, Ending, Message, Script

FORBIDDEN: Final = "consumerId"
"""D1 says not to use it: nobody who asks may ever be told."""


def cards_wrong(script: Script, cards: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say in a line each which cards did not end where they must; ``cards`` holds what a query answered of each."""
    passed = script.passed()
    wrong = []
    for ending in script.endings:
        answer = cards.get(ending.card_id)
        if ending.answer is None or answer is None:
            if ending.answer is not answer:
                wrong.append(f"card {ending.card_id}: {_known(answer)}, and must be {_known(ending.answer)}")
            continue
        wrong += [f"card {ending.card_id}: {difference}" for difference in _differences(ending, answer, passed)]
    return wrong


def _differences(
    ending: Ending, answer: Mapping[str, Any], passed: Mapping[tuple[str, str], set[str]]
) -> Iterable[str]:
    expected = ending.answer or {}
    for name in ANSWERED:
        if name not in ending.unchecked and answer.get(name) != expected.get(name):
            yield f"{name} is {_told(answer.get(name))}, and must be {_told(expected.get(name))}"
    milestones = set(answer.get("milestones", {}))
    reported = passed[ending.card_id, expected["operationId"]]
    if milestones != reported:
        yield f"its milestones are {_told(sorted(milestones))}, and must be {_told(sorted(reported))}"
    if FORBIDDEN in json.dumps(answer):
        yield f"{FORBIDDEN} is told"


def alerts_wrong(causes: Collection[Cause], alerts: Iterable[Mapping[str, Any]], *, repeated: bool) -> list[str]:
    """Say in a line each which causes were not alerted exactly once, and which alerts have no cause.

    ``alerts`` are those about cards of the run. Where the run repeats an earlier one, its causes may have been alerted
    then: at most once is all that can be asked.
    """
    came = Counter(Cause(alert["cardId"], alert["operationId"], alert["status"]) for alert in alerts)
    wrong = [
        f"card {cause.card_id}: {cause.status} of operation {cause.operation_id} was alerted {came[cause]} times"
        for cause in sorted(causes)
        if came[cause] > 1 or (came[cause] == 0 and not repeated)
    ]
    unfounded = [
        f"card {cause.card_id}: {cause.status} of operation {cause.operation_id} was alerted without a cause"
        for cause in sorted(came)
        if cause not in causes
    ]
    return wrong + unfounded


def rejections_wrong(messages: Sequence[Message], run: str, documents: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say in a line each what must lie in the queue of rejected operations and does not.

    A message that was sent again may have been kept again.
    """
    kept = _kept(documents)
    wrong = []
    for number, message in enumerate(messages):
        came = kept.get(correlation_id(run, number), Counter())
        missing = Counter(message.rejected) - came
        needless = set(came) - set(message.rejected)
        wrong += [f"message {number}: {reason}, {count} times, was not kept" for reason, count in missing.items()]
        wrong += [f"message {number}: {reason} was kept without a cause" for reason in needless]
    return wrong


def _kept(documents: Iterable[Mapping[str, Any]]) -> dict[str, Counter[str]]:
    """Count what was kept, by correlation id and reason; a document may hold several operations."""
    kept: dict[str, Counter[str]] = {}
    for document in documents:
        reasons = kept.setdefault(str(document.get("correlationId")), Counter())
        reasons.update(entry["reason"] for entry in rejected_entries(document))
    return kept


def _known(answer: Mapping[str, Any] | None) -> str:
    return "unknown" if answer is None else f"known as {answer.get('status')}"


def _told(value: Any) -> str:
    return "absent" if value is None else json.dumps(value, ensure_ascii=False)
