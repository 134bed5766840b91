"""What D1 sends again, how often and when: each rule is a setting."""

import pytest

from local.d1.resending import CONNECTION, TIMEOUT, Reply, Resending, read_resent


@pytest.mark.parametrize("status", [200, 204, 400, 401, 403, 404, 413])
def test_what_is_never_sent_again(status: int) -> None:
    """A success, and unless it is set otherwise a refusal: D1 is taken to give a notification up on a 4xx."""
    assert Resending().wait(Reply(status), sent=1) is None


@pytest.mark.parametrize("reply", [Reply(408), Reply(429), Reply(500), Reply(503), Reply(504)])
def test_what_is_sent_again(reply: Reply) -> None:
    """Failures of ours, and being asked to slow down."""
    assert Resending().wait(reply, sent=1) == 1.0


@pytest.mark.parametrize("problem", [TIMEOUT, CONNECTION])
def test_no_answer_is_sent_again(problem: str) -> None:
    """No answer says nothing of what was stored."""
    assert Resending().wait(Reply(None, problem), sent=1) == 1.0


def test_the_waits_grow_to_a_limit_and_then_it_is_given_up() -> None:
    """Doubled each time, never above the longest, as often as is set."""
    resending = Resending(most=5, first_wait=1.0, factor=2.0, longest_wait=6.0)

    assert [resending.wait(Reply(503), sent) for sent in range(1, 7)] == [1.0, 2.0, 4.0, 6.0, 6.0, None]


def test_what_is_sent_again_is_a_setting() -> None:
    """A D1 that sends a 404 again and a 503 not."""
    resending = Resending(resent=read_resent("404, timeout"))

    assert resending.wait(Reply(404), sent=1) is not None
    assert resending.wait(Reply(503), sent=1) is None
    assert resending.wait(Reply(None, CONNECTION), sent=1) is None


def test_retry_after_is_heeded_where_that_is_set() -> None:
    """D1 does not say that it does."""
    reply = Reply(503, retry_after=30.0)

    assert Resending().wait(reply, sent=1) == 1.0
    assert Resending(heeds_retry_after=True).wait(reply, sent=1) == 30.0


@pytest.mark.parametrize("text", ["6xx", "50", "never", "5xx,whenever"])
def test_a_setting_that_is_none_is_refused(text: str) -> None:
    """A slip of the pen does not silently mean that nothing is sent again."""
    with pytest.raises(ValueError, match="is no status"):
        read_resent(text)


@pytest.mark.parametrize("status", [200, 204, 299])
def test_success_is_never_sent_again(status: int) -> None:
    """A success is final, whatever the settings say."""
    assert Resending(resent=read_resent("204,2xx")).wait(Reply(status), sent=1) is None
