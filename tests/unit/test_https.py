"""HTTPS: which responses of the other side can be another one later."""

import pytest

from card_tracking.adapters.https import Answer, Bounds, check_status
from card_tracking.errors import DependencyBusy, DependencyFailed


@pytest.mark.parametrize("status", [408, 429, 500, 501, 502, 503, 504, 599])
def test_busy_status_can_be_tried_again(status: int) -> None:
    """Time-outs, throttling and every fault of the other side are worth another try, after the time it asks for."""
    with pytest.raises(DependencyBusy, match=f"question: {status}") as busy:
        check_status("question", Answer(status, b"", 7.0))
    assert busy.value.retry_after_seconds == 7.0


@pytest.mark.parametrize("status", [201, 204, 301, 302, 400, 401, 403, 404, 409, 428, 430, 499])
def test_other_status_is_final(status: int) -> None:
    """Everything else but 200 fails at once, redirects included."""
    with pytest.raises(DependencyFailed, match=f"question: {status}") as failed:
        check_status("question", Answer(status, b"", 7.0))
    assert not isinstance(failed.value, DependencyBusy)


def test_200_is_good() -> None:
    """A response of 200 raises nothing."""
    check_status("question", Answer(200, b"", 0.0))


def test_exchange_may_take_a_connection_and_a_read() -> None:
    """An exchange ends after the time for a connection and for a read, in whatever pieces the response comes."""
    assert Bounds(connect_seconds=3.0, read_seconds=6.0, most_bytes=1).exchange_seconds == 9.0
