"""What the simulator counts: calls, latencies, and responses that are not the expected ones."""

import pytest

from local.d1.resending import Reply
from local.d1.script import Message
from local.d1.tally import Tally


@pytest.fixture
def tally() -> Tally:
    """Count four calls of two messages: two were sent again, one ended wrongly."""
    messages = [Message(b"one"), Message(b"two")]
    counted = Tally(messages)
    counted.add(0, messages[0], Reply(503, seconds=0.010), final=False)
    counted.add(0, messages[0], Reply(204, seconds=0.020), final=True)
    counted.add(1, messages[1], Reply(None, "timeout", seconds=0.040), final=False)
    counted.add(1, messages[1], Reply(400, seconds=0.030, detail="why"), final=True)
    return counted


def test_wrong_response_is_named(tally: Tally) -> None:
    """A message whose last response is another than it must have is a line with both."""
    assert tally.wrong == ["message 1: answered 400 (why), not 204: two"]


def test_calls_are_counted_by_response(tally: Tally) -> None:
    """Calls are counted by their response, and so are those that were made again."""
    _, answered, resent, _ = tally.lines()

    assert answered.endswith("a second: 1 times 204, 1 times 400, 1 times 503, 1 times timeout")
    assert answered.startswith("answered  4 calls, ")
    assert resent == "resent    2: 1 times 503, 1 times timeout"


def test_latencies_are_told_in_milliseconds(tally: Tally) -> None:
    """Of four calls the median is the second, and the slowest is all other shares."""
    assert tally.lines()[-1] == "latency   median 20 ms, 90 % 40 ms, 99 % 40 ms, longest 40 ms"


def test_progress_is_a_line(tally: Tally) -> None:
    """A line says how far the run is, and what went wrong so far."""
    assert tally.progress() == "2 of 2 messages answered, 2 sent again, 1 answered wrongly"
    assert Tally([Message(b"one")]).progress() == "0 of 1 messages answered"
