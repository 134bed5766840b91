"""Failed operations whose status alerts nobody: each is counted and logged when it is first received."""

from typing import Any, Final

import pytest

from receive_notification.failures import MOST_FAILURES_LOGGED
from tests.samples import CARD, OPERATION, operation
from tests.wiring.faults import always, break_queue, client_error
from tests.wiring.stack import Stack
from tests.wiring.test_alerts import FAILURE
from tests.wiring.test_logs_and_metrics import assert_clean, counts, logs
from tests.wiring.test_replay import put

NAMELESS: Final = {
    name: value
    for name, value in operation(status="FAILED", errorCode="E1", error="personalization").items()
    if name != "details"
}
"""A failure without a status of the card: D1's schema allows it."""


def unalerted(capsys: pytest.CaptureFixture[str]) -> tuple[float, list[dict[str, Any]]]:
    """Return how many failures without an alert were counted since the last look, and what was logged of them."""
    output = capsys.readouterr().out
    assert_clean(output)
    entries = [entry for entry in logs(output) if entry["message"] == "failure without alert"]
    return counts(output).get("FailuresWithoutAlert", 0), entries


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (NAMELESS, "UNKNOWN"),
        (NAMELESS | {"details": {}}, "UNKNOWN"),
        (NAMELESS | {"details": {"status": "CARD_PROD_EXCEPTION"}}, "CARD_PROD_EXCEPTION"),
        (NAMELESS | {"details": {"status": "Castrop-Rauxel"}}, None),
    ],
)
def test_failure_without_alert(
    stack: Stack, capsys: pytest.CaptureFixture[str], failure: dict[str, Any], status: str | None
) -> None:
    """A failure with a status that alerts nobody is counted and logged once, whatever the card shows by then.

    A status that we do not know is free text of D1's, so the log leaves it out.
    """
    stack.post(operation(details={"status": "CARD_PROD_READY"}))
    stack.post(failure, failure)
    counted, [entry] = unalerted(capsys)
    assert counted == 1
    assert (entry["card_id"], entry["operation_id"], entry.get("status")) == (CARD, OPERATION, status)
    stack.post(failure)
    stack.post(operation(details={"status": "CARD_SHIPPED"}), failure)
    assert unalerted(capsys) == (0, [])
    assert stack.alerts() == []


def test_failure_that_alerts_is_not_counted(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """People hear of it by the alert."""
    stack.post(FAILURE, operation(cardId="other", status="FAILED", details={"status": "CARD_PROD_CANCELED"}))
    assert unalerted(capsys) == (0, [])


def test_failure_without_alert_of_a_request_that_fails(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is counted by the request that stores the status, also if that request fails afterwards: no other will."""
    with monkeypatch.context() as broken:
        break_queue(stack, broken, always(client_error("AccessDeniedException")))
        assert stack.post(NAMELESS, {"cardId": "malformed"})["statusCode"] == 503
        assert unalerted(capsys)[0] == 1
    assert stack.post(NAMELESS, {"cardId": "malformed"})["statusCode"] == 204
    assert unalerted(capsys)[0] == 0


def test_many_failures_without_alert(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """All are counted, and some of them logged: a bad batch can hold a thousand."""
    stack.post(*(NAMELESS | {"cardId": f"card-{number}"} for number in range(37)))
    counted, entries = unalerted(capsys)
    assert (counted, len(entries)) == (37, MOST_FAILURES_LOGGED)


def test_failure_without_alert_of_a_replay(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """Whichever function receives the operation counts it."""
    put([NAMELESS])
    assert stack.order_replay(dryRun=False)["replayed"] == 1
    assert unalerted(capsys)[0] == 1
