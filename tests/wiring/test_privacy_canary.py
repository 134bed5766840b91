"""What is planted in D1's fields is looked for wherever it must not be."""

import copy
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from card_tracking.wire.scrub import IDENTIFIERS
from tests.samples import CARD, TEST_CARD_NUMBER, operation
from tests.wiring.faults import always, break_table, client_error
from tests.wiring.stack import Stack

CONSUMER: Final = "consumer-8c2e1f"
TRACKING: Final = "JD014600006281230704"
CITY: Final = "Castrop-Rauxel"
CANARY: Final = f"{TEST_CARD_NUMBER} {TRACKING} {CITY}"

FULL: Final = operation(
    status="FAILED",
    endTime="2026-03-02T10:15:00Z",
    errorCode="FIELD_INVALID_FORMAT",
    error="pan",
    inputFileName="cards-0302.xml",
    issuerRequestId="request-17",
    newToUs={"deep": ["text"]},
    details={
        "status": "DATA_EXCEPTION",
        "reason": "format",
        "dueDate": "2026-03-05",
        "productionSite": "Gemenos",
        "newToUs": "text",
        "shipment": {
            "carrier": "fedex",
            "trackingNumber": TRACKING,
            "status": "IN_TRANSIT",
            "message": "In transit",
            "trackingUrl": "https://carrier.example/track",
            "estimatedDeliveryDate": "2026-03-09",
            "lastUpdatedAt": "2026-03-08T08:00:00Z",
            "lastCheckpoint": {
                "checkpointTime": "2026-03-08T08:00:00Z",
                "city": CITY,
                "countryName": "",
                "message": "",
            },
        },
    },
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Name every text in an operation by its path."""
    if isinstance(value, dict | list):
        for name, content in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(content, (*path, name))
    else:
        yield path


def planted(path: tuple[Any, ...]) -> dict[str, Any]:
    """Return the full operation with the canaries in one field, and a consumer id beside it at every level."""
    whole: dict[str, Any] = copy.deepcopy(FULL)
    level: Any = whole
    level["consumerId"] = CONSUMER
    for name in path[:-1]:
        level = level[name]
        if isinstance(level, dict):
            level["consumerId"] = CONSUMER
    level[path[-1]] = CANARY
    return whole


PLACES: Final = list(places(FULL))


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_nothing_planted_comes_out(stack: Stack, capsys: pytest.CaptureFixture[str], path: tuple[Any, ...]) -> None:
    """Whichever field holds them, the canaries are in no log, metric, subject or error answer.

    The card number is masked wherever free text is kept or sent, and the consumer id is nowhere at all.
    """
    answer = stack.post(planted(path))
    # The other functions meet it too.
    stack.run_relay()
    stack.query(cardId=CARD, history=True)
    stack.order_replay(dryRun=False)
    said = capsys.readouterr().out
    alerts, rejected = stack.alerts(), stack.rejected()
    public = said + json.dumps([answer, [alert["subject"] for alert in alerts]])
    kept = json.dumps([stack.items(), alerts, rejected])
    assert answer["statusCode"] == 204
    assert len(alerts) + len(rejected) == 1 or path in {("operation",), ("details", "status")}
    for canary in (TEST_CARD_NUMBER, TRACKING, CITY, CONSUMER):
        assert canary not in public
    assert CONSUMER not in kept
    assert path[-1] in IDENTIFIERS or TEST_CARD_NUMBER not in kept


UNREADABLE: Final = (
    '{"consumerId": "%s", "error": "%s"',
    '["%s", "%s"]',
    '{"operations": {"consumerId": "%s", "a": "%s"}}',
)


@pytest.mark.parametrize("body", UNREADABLE)
def test_unreadable_bodies_keep_no_secret(stack: Stack, capsys: pytest.CaptureFixture[str], body: str) -> None:
    """The copy of a body that cannot be read holds no card number; the answer and the log hold nothing of it."""
    answer = stack.post(text=body % (CONSUMER, CANARY))
    public = capsys.readouterr().out + json.dumps(answer)
    (kept,) = stack.rejected()
    assert answer["statusCode"] == 400
    assert TEST_CARD_NUMBER not in json.dumps(kept)
    assert body.startswith("[") or CONSUMER not in json.dumps(kept)
    for canary in (TEST_CARD_NUMBER, TRACKING, CITY, CONSUMER):
        assert canary not in public


def test_failures_tell_nothing(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of AWS can repeat what was sent; neither the log nor the answer repeats it after it."""
    break_table(stack, monkeypatch, always(client_error("ValidationException")))
    answer = stack.post(planted(("error",)))
    public = capsys.readouterr().out + json.dumps(answer)
    assert answer["statusCode"] == 503
    for canary in (TEST_CARD_NUMBER, TRACKING, CITY, CONSUMER):
        assert canary not in public
