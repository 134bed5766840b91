"""The call of the relay: nobody waits for it, and it is tried twice."""

import time

import pytest

from card_tracking.adapters.relay_call import RelayCall
from card_tracking.deadline import Deadline
from tests.unit.recorder import Recorder, Response
from tests.wiring.faults import client_error

CALL = ("invoke", {"FunctionName": "arn:relay", "InvocationType": "Event"})


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make no pauses."""
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.mark.parametrize(
    ("responses", "failure", "calls"),
    [
        ([{}], None, 1),
        ([client_error("TooManyRequestsException"), {}], None, 2),
        ([client_error("TooManyRequestsException")], "invoke: TooManyRequestsException", 2),
        ([client_error("AccessDeniedException")], "invoke: AccessDeniedException", 1),
    ],
)
def test_relay_is_called_without_waiting(responses: list[Response], failure: str | None, calls: int) -> None:
    """The relay is invoked as an event; a busy Lambda is asked twice, because D1 waits and the schedule follows."""
    client = Recorder(*responses)

    assert RelayCall(lambda: client, "arn:relay")(Deadline()) == failure  # type: ignore[arg-type,return-value]  # a double
    assert client.requests == [CALL] * calls


def test_relay_is_not_called_without_time() -> None:
    """Where no call may start any more, the reason is returned and nothing is raised."""
    client = Recorder()

    assert RelayCall(lambda: client, "arn:relay")(Deadline(lambda: 0))  # type: ignore[arg-type,return-value]  # a double
    assert client.requests == []
