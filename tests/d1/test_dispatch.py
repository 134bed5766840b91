"""Messages leave at their time, in order where order matters, and again where D1 would; nothing is sent needlessly."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import pytest

from local.d1.caller import Caller, Target
from local.d1.dispatch import Dispatch
from local.d1.draws import draws
from local.d1.resending import Resending
from local.d1.script import Message
from local.d1.tally import Tally
from tests.d1.server import Call, Server, Told, serving

SOON: Final = Resending(most=2, first_wait=0.01)


def in_turn(*answers: Told) -> Callable[[Call], Told]:
    """Give one answer after the other, and then 204."""
    left = list(answers)
    return lambda _: left.pop(0) if left else Told()


def send(
    server: Server,
    messages: Sequence[Message],
    resending: Resending = SOON,
    connections: int = 1,
    seconds: float = 0.0,
    **target: float,
) -> Tally:
    """Send messages; return what was counted."""
    tally = Tally(messages)
    url = f"{server.url}/notifications/d1/v2/issuers/BANK000001/cards"
    callers = [Caller(Target(url, **target), "run", draws(number)) for number in range(connections)]  # type: ignore[arg-type]  # numbers only
    Dispatch(messages, seconds, resending, tally).run(callers, lambda: None)
    return tally


def bodies(names: Iterable[str], lane: str | None = None) -> list[Message]:
    """Make a message of each name."""
    return [Message(name.encode(), lane=lane) for name in names]


def test_a_call_is_as_d1_makes_it() -> None:
    """POST on the callback's path, JSON, a correlation id of its own that stays the same when it is sent again."""
    with serving(in_turn(Told(503))) as server:
        send(server, bodies("ab", lane="card"))

    assert {call.path for call in server.calls} == {"/notifications/d1/v2/issuers/BANK000001/cards"}
    assert {call.headers["content-type"] for call in server.calls} == {"application/json"}
    assert [call.headers["x-correlation-id"] for call in server.calls] == ["run-0", "run-0", "run-1"]
    assert "authorization" not in server.calls[0].headers


def test_another_issuer_and_other_headers_can_be_sent() -> None:
    """For what a stack must refuse."""
    with serving(in_turn(Told(404))) as server:
        message = Message(b"", answer=404, issuer="AnotherOne", headers={"Content-Type": "text/plain"})
        tally = send(server, [message])

    assert server.calls[0].path == "/notifications/d1/v2/issuers/AnotherOne/cards"
    assert server.calls[0].headers["content-type"] == "text/plain"
    assert tally.wrong == []


def test_a_failure_is_sent_again_until_it_is_taken() -> None:
    """The same bytes, and it ends well."""
    with serving(in_turn(Told(503), Told(500))) as server:
        tally = send(server, bodies("a"))

    assert server.bodies == ["a", "a", "a"]
    assert tally.wrong == []


def test_a_message_is_given_up_in_the_end() -> None:
    """After as many times as is set, and that is told."""
    with serving(lambda _: Told(503)) as server:
        tally = send(server, bodies("a"))

    assert len(server.calls) == 3
    assert tally.wrong == ["message 0: answered 503, not 204: a"]


def test_a_refusal_is_never_sent_again() -> None:
    """One 400 is the end of a message, and wrong unless it was meant."""
    with serving(lambda _: Told(400, "no")) as server:
        tally = send(server, [Message(b"good"), Message(b"bad", answer=400)])

    assert sorted(server.bodies) == ["bad", "good"]
    assert tally.wrong == ["message 0: answered 400, not 204: good"]


def test_an_expected_failure_is_not_sent_again() -> None:
    """What is answered as it must be is done with, whatever the answer."""
    with serving(lambda _: Told(503)) as server:
        tally = send(server, [Message(b"", answer=503)])

    assert len(server.calls) == 1
    assert tally.wrong == []


def test_no_answer_in_time_is_sent_again() -> None:
    """D1 waits so long and no longer; the next call is made on a new connection."""
    never = threading.Event()
    with serving(in_turn(Told(wait=never))) as server:
        tally = send(server, bodies("a"), timeout=0.1)
        never.set()

    assert server.bodies == ["a", "a"]
    assert len({call.port for call in server.calls}) == 2
    assert tally.wrong == []
    assert any("1 times timeout" in line for line in tally.lines())


def test_a_connection_that_breaks_is_sent_again() -> None:
    """Whether it was stored, D1 cannot know."""
    with serving(in_turn(Told(hang_up=True))) as server:
        tally = send(server, bodies("a"))

    assert server.bodies == ["a", "a"]
    assert any("1 times connection" in line for line in tally.lines())


def test_nobody_there_is_told() -> None:
    """Every try is counted, and why it failed is said."""
    with serving(in_turn()) as server:
        pass
    tally = send(server, bodies("a"))

    assert "Connection refused" in tally.wrong[0]


def test_one_connection_is_kept() -> None:
    """As long as the other side keeps it."""
    with serving(in_turn()) as server:
        send(server, bodies("abc"))

    assert len({call.port for call in server.calls}) == 1


def test_a_connection_closed_meanwhile_is_no_failure() -> None:
    """The call is made on a new one at once, and nothing counts as sent again."""
    with serving(in_turn(Told(close_after=True))) as server:
        tally = send(server, [*bodies("a", lane="l"), Message(b"b", at=1.0, lane="l")], seconds=0.1)

    assert server.bodies == ["a", "b"]
    assert "resent    0" in tally.lines()


def test_a_lane_keeps_its_order_through_failures() -> None:
    """The next message of a lane leaves when the one before is done with, however many connections there are."""
    with serving(in_turn(Told(503), Told(), Told(503), Told(503))) as server:
        send(server, bodies("abcdef", lane="card"), connections=4)

    assert server.bodies == ["a", "a", "b", "b", "b", "c", "d", "e", "f"]


def test_a_failure_holds_nobody_else_up() -> None:
    """Other lanes go on while one waits to be sent again."""
    with serving(lambda call: Told(503 if call.body == "a" else 204)) as server:
        send(server, bodies("a") + bodies("bc"), Resending(most=1, first_wait=0.2))

    assert server.bodies == ["a", "b", "c", "a"]


def test_messages_without_a_lane_race() -> None:
    """Several are under way at once: none is answered before all have arrived."""
    everybody = threading.Event()
    arrived: list[str] = []

    def answer(call: Call) -> Told:
        arrived.append(call.body)
        if len(arrived) == 3:
            everybody.set()
        return Told(wait=everybody)

    with serving(answer) as server:
        tally = send(server, bodies("abc"), connections=3)

    assert Counter(server.bodies) == Counter("abc")
    assert tally.wrong == []


def test_messages_leave_at_their_time() -> None:
    """Spread over the seconds asked for."""
    came: list[float] = []

    def answer(_: Call) -> Told:
        came.append(time.monotonic())
        return Told()

    with serving(answer) as server:
        send(server, [Message(b"", at=0.0), Message(b"", at=1.0)], seconds=0.3)

    assert came[1] - came[0] >= 0.25


def test_lost_answers_make_duplicates() -> None:
    """What was stored is sent again, because D1 never heard of it."""
    with serving(in_turn()) as server:
        tally = send(server, bodies("abcdefghij"), Resending(most=50, first_wait=0.001), lost_answers=0.5)

    assert set(server.bodies) == set("abcdefghij")
    assert len(server.calls) > 10
    assert tally.wrong == []


def test_a_defect_ends_the_run() -> None:
    """An error that no rule knows stops all callers and is told, instead of hanging."""

    class Broken(Caller):
        def call(self, number: int, message: Message) -> None:  # type: ignore[override]  # raises instead
            raise RuntimeError(message.body)

    messages = bodies("ab")
    broken = [Broken(Target("http://127.0.0.1:9"), "run", draws(1)) for _ in range(2)]

    with pytest.raises(RuntimeError):
        Dispatch(messages, 0, SOON, Tally(messages)).run(broken, lambda: None)


def test_the_tally_tells_percentiles() -> None:
    """How long D1 waited, from the middle to the worst."""
    with serving(in_turn(Told(503))) as server:
        tally = send(server, bodies("abc"))

    sent, answered, resent, latency = tally.lines()
    assert sent.startswith("sent      3 messages with 0 operations, in ")
    assert answered.startswith("answered  4 calls")
    assert answered.endswith(": 3 times 204, 1 times 503")
    assert resent == "resent    1: 1 times 503"
    assert [part.split()[0] for part in latency.removeprefix("latency").split(",")] == ["median", "90", "99", "longest"]
    assert tally.progress() == "3 of 3 messages answered, 1 sent again"
