"""What the page's server answers: to whom, with what, and how little of it where little is new."""

import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from subprocess import PIPE, STDOUT, Popen
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.d1.scenarios import SCENARIOS
from local.engine import PortBusy, free_port
from local.page import news, scenarios
from local.page.answers import STATIC
from local.page.server import serving
from tests.page.asking import WAIT_SECONDS, Asker
from tests.page.stand_in import StandIn, card, cards, page_of


@pytest.fixture
def stack() -> StandIn:
    """Stand in for a stack."""
    return StandIn()


@pytest.fixture
def asker(stack: StandIn) -> Iterator[Asker]:
    """Serve its page."""
    with serving(page_of(stack)) as url:
        yield Asker(urlsplit(url).port or 0)


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it look whenever it is asked."""
    monkeypatch.setattr(news, "SHORTEST_PAUSE", 0.0)
    monkeypatch.setattr(news, "PAUSE_TO_WORK", 0)
    monkeypatch.setattr(news, "PAUSE_FOR_REJECTED", 0.0)


def test_it_serves_its_files_and_nothing_else(asker: Asker) -> None:
    """Every file of the page has its type; no path leads out of the folder."""
    for file in STATIC.iterdir():
        answer = asker.ask(f"/{file.name}")
        assert (answer.status, answer.body) == (200, file.read_bytes())
    assert asker.ask("/").body == (STATIC / "index.html").read_bytes()
    assert asker.ask("/page.js").headers["Content-Type"] == "text/javascript; charset=utf-8"
    for path in (
        "/nothing",
        "/../answers.py",
        "/%2e%2e/answers.py",
        "/static/page.js",
        "//etc/passwd",
        "/.",
        "/..",
        "*",
    ):
        assert asker.ask(path).status == 404


def test_no_script_but_its_own_can_run(asker: Asker) -> None:
    """Files, news, refusals and nonsense alike: no inline script, nothing from elsewhere, no markup out of texts."""
    for answer in (asker.ask("/"), asker.ask("/news"), asker.ask("/nothing"), asker.ask("/", "PUT")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil:{port}"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_name_that_leads_here_is_refused(asker: Asker, host: str, method: str) -> None:
    """DNS rebinding: a stranger's name for this machine reads nothing and starts nothing."""
    host = host.format(port=asker.port)

    answer = asker.ask(
        "/news" if method == "GET" else "/scenarios/lifecycle", method, host=host, origin=f"http://{host}"
    )

    assert answer.status == 403


def test_it_holds_no_way_to_write_markup() -> None:
    """Texts become text nodes; what could make markup of them is not in the page's scripts at all."""
    scripts = "".join(script.read_text() for script in STATIC.glob("*.js"))

    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|srcdoc", scripts
    )
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", "".join(file.read_text() for file in STATIC.iterdir()))


def test_it_answers_by_both_of_its_names(asker: Asker) -> None:
    """127.0.0.1 and localhost are the same page."""
    assert asker.ask("/news", host=f"localhost:{asker.port}").status == 200


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "https://127.0.0.1:{port}", "http://localhost:{port}"]
)
def test_another_site_starts_nothing(asker: Asker, origin: str | None) -> None:
    """A POST must come from the page itself: every browser says where it comes from."""
    headers = {} if origin is None else {"origin": origin.format(port=asker.port)}

    assert asker.ask("/scenarios/lifecycle", "POST", **headers).status == 403
    assert asker.ask("/stop", "POST", **headers).status == 403
    assert asker.news()["scenarios"]["latest"] is None


@pytest.mark.usefixtures("no_pauses")
def test_only_what_is_new_is_told(asker: Asker, stack: StandIn) -> None:
    """All at first, then what has changed, then nothing; only changed cards are asked for."""
    stack.known = cards(range(3))
    first = asker.news()
    stack.knows(card(1, "CARD_SHIPPED"))
    stack.coming.append({"alertId": "a", "cardId": "card-1"})
    second = asker.news(first)
    third = asker.news(second)

    assert len(first["cards"]) == 3
    assert [one["status"] for one in second["cards"]] == ["CARD_SHIPPED"]
    assert [one["alertId"] for one in second["alerts"]] == ["a"]
    assert (third["cards"], third["alerts"], third["rejected"]) == ([], [], None)
    assert [len(asked) for asked in stack.asked] == [3, 1]


@pytest.mark.usefixtures("no_pauses")
def test_two_browsers_are_told_the_same(asker: Asker, stack: StandIn) -> None:
    """What one has seen is not taken from the other, alerts included."""
    stack.known = cards(range(2))
    stack.coming.append({"alertId": "a", "cardId": "card-1"})

    one, other = asker.news(), asker.news()

    assert one["cards"] == other["cards"]
    assert one["alerts"] == other["alerts"]


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(
    "asked", ["run=another&revision=999", "run=&revision=", "revision=rubbish", "run=a&run=b", "%ff=%00"]
)
def test_who_knows_another_run_is_told_all(asker: Asker, stack: StandIn, asked: str) -> None:
    """After a restart, and after any nonsense, a browser gets everything."""
    stack.known = cards(range(2))
    asker.news()

    assert len(asker.ask(f"/news?{asked}").json()["cards"]) == 2


@pytest.mark.usefixtures("no_pauses")
def test_an_alert_that_comes_twice_is_one(asker: Asker, stack: StandIn) -> None:
    """The same ``alertId`` is the same alert (README, "Be alerted")."""
    stack.coming += [{"alertId": "a", "cardId": "1"}, {"alertId": "a", "cardId": "1"}]
    first = asker.news()
    stack.coming.append({"alertId": "a", "cardId": "1"})

    assert len(first["alerts"]) == 1
    assert asker.news(first)["alerts"] == []


def test_however_many_ask_it_does_not_look_too_often(asker: Asker, stack: StandIn) -> None:
    """Looking costs the stack something, so those who ask at once share one look."""
    for _ in range(5):
        asker.news()

    assert stack.looks == 1


@pytest.mark.usefixtures("no_pauses")
def test_a_stack_that_does_not_answer_is_said_to_be_so(asker: Asker, stack: StandIn) -> None:
    """503 with the reason; nothing is lost when it is back."""
    stack.known = cards(range(2))
    stack.is_down = True
    down = asker.ask("/news")
    stack.is_down = False

    assert down.status == 503
    assert down.json()["error"].startswith("the stack does not answer: ")
    assert len(asker.news()["cards"]) == 2


@pytest.mark.usefixtures("no_pauses")
def test_rejected_operations_are_told_each_with_its_reason(asker: Asker, stack: StandIn) -> None:
    """Operations, several in one message, whole bodies and beginnings: the newest first, with what the reason means."""
    stack.kept = [
        {"reason": "NOT_JSON", "receivedAt": "2026-01-01T00:00:00.000Z", "body": "operations=["},
        {
            "reason": "FIELD_MISSING",
            "field": "startTime",
            "receivedAt": "2026-01-03T00:00:00.000Z",
            "operations": [{"cardId": "card-1"}, {"cardId": "card-2"}],
        },
        {"reason": "OPERATION_NOT_AN_OBJECT", "receivedAt": "2026-01-02T12:00:00.000Z", "operations": [7]},
        {"reason": "TOO_LARGE", "receivedAt": "2026-01-02T00:00:00.000Z", "operationStart": "x" * 50_000},
    ]

    told = asker.news()["rejected"]

    assert told["messages"] == 4
    assert [(one["reason"], one["field"], one["cardId"]) for one in told["entries"]] == [
        ("FIELD_MISSING", "startTime", "card-1"),
        ("FIELD_MISSING", "startTime", "card-2"),
        ("OPERATION_NOT_AN_OBJECT", None, None),
        ("TOO_LARGE", None, None),
        ("NOT_JSON", None, None),
    ]
    assert told["entries"][0]["meaning"] == "a required field is not there; field names it"
    assert told["entries"][2]["text"] == "7"
    assert len(told["entries"][3]["text"]) < 5_000
    assert told["entries"][4]["text"] == "operations=["


@pytest.mark.usefixtures("no_pauses")
def test_a_mass_of_rejected_operations_is_shown_in_part(asker: Asker, stack: StandIn) -> None:
    """A message with a hundred thousand operations does not hold the page up: it shows the first of them."""
    mass: list[Any] = [{}] * 100_000
    stack.kept = [
        {"reason": "FIELD_MISSING", "receivedAt": "2026-01-03T00:00:00.000Z", "operations": mass} for _ in range(10)
    ]
    began = time.process_time()

    told = asker.news()["rejected"]

    assert (told["messages"], len(told["entries"])) == (10, 200)
    assert time.process_time() - began < 1


@pytest.mark.usefixtures("no_pauses")
def test_the_queue_of_rejected_operations_is_left_alone_while_it_is_the_same(asker: Asker, stack: StandIn) -> None:
    """Looking hides messages from others for a moment; counting does not."""
    stack.kept = [{"reason": "NOT_JSON", "receivedAt": "2026-01-01T00:00:00.000Z", "body": ""}]
    seen = asker.news()
    for _ in range(3):
        seen = asker.news(seen)
    assert stack.looks_at_rejected == 1
    stack.kept = []

    assert asker.news(seen)["rejected"] == {"messages": 0, "entries": []}


def test_a_story_is_told_with_what_was_rejected(asker: Asker, stack: StandIn) -> None:
    """Of any card, however its id is written, without another look at the queue."""
    stack.kept = [{"reason": "NOT_JSON", "receivedAt": "2026-01-01T00:00:00.000Z", "body": ""}]
    asker.news()

    assert asker.ask("/story?card=%22%3B%20DROP%26x").json() == {"cardId": '"; DROP&x', "rejected": 1}
    assert stack.looks_at_rejected == 1


def test_every_scenario_of_d1_is_offered(asker: Asker) -> None:
    """The list is the code's own."""
    offered = asker.news()["scenarios"]["all"]

    assert [one["name"] for one in offered] == list(SCENARIOS)
    assert all(one["story"] and one["state"] is None for one in offered)


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let another program run in place of a scenario."""

    def run(program: str) -> None:
        def process(*_: object) -> "Popen[str]":
            return Popen([sys.executable, "-u", "-c", program], stdout=PIPE, stderr=STDOUT, text=True)

        monkeypatch.setattr(scenarios, "_process", process)

    return run


def latest(asker: Asker, *, until: Callable[[Any], bool]) -> Any:
    """Wait for the latest run to be as it must be."""
    give_up = time.monotonic() + WAIT_SECONDS
    while not until(told := asker.news()["scenarios"]["latest"]) and time.monotonic() < give_up:
        time.sleep(0.02)
    return told


@pytest.mark.parametrize(("code", "verdict"), [(0, "green"), (1, "red")])
def test_a_scenario_tells_its_words_and_its_verdict(
    asker: Asker, instead: Callable[[str], None], code: int, verdict: str
) -> None:
    """The verdict is the command's own exit code; of its progress only the last line is kept."""
    instead(f"print('word'); print(' ' * 10 + '1 of 2'); print(' ' * 10 + '2 of 2'); raise SystemExit({code})")

    assert asker.post("/scenarios/storm").status == 202
    told = latest(asker, until=lambda run: run["state"] != "running")

    assert told == {"name": "storm", "state": verdict, "lines": ["word", "          2 of 2"]}
    states = {one["name"]: one["state"] for one in asker.news()["scenarios"]["all"]}
    assert (states["storm"], states["bulk"]) == (verdict, None)


def test_one_scenario_at_a_time_and_it_can_be_stopped(asker: Asker, instead: Callable[[str], None]) -> None:
    """A second one is refused with the reason; stopping ends the program as Ctrl-C does."""
    instead("import time\nprint('up')\ntry: time.sleep(60)\nexcept KeyboardInterrupt: print('put away')")
    asker.post("/scenarios/storm")
    latest(asker, until=lambda run: run["lines"] == ["up"])

    second = asker.post("/scenarios/bulk")
    asker.post("/stop")
    told = latest(asker, until=lambda run: "put away" in run["lines"])

    assert (second.status, second.json()) == (409, {"error": "storm is still running"})
    assert told == {"name": "storm", "state": "stopped", "lines": ["up", "put away"]}
    assert asker.post("/stop").status == 200


def test_no_scenario_outlives_the_server(stack: StandIn, instead: Callable[[str], None]) -> None:
    """What the page has started goes when it goes, also what does not heed Ctrl-C."""
    instead("import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('up')\ntime.sleep(60)")
    page = page_of(stack)
    with serving(page) as url:
        asker = Asker(urlsplit(url).port or 0)
        asker.post("/scenarios/storm")
        latest(asker, until=lambda run: run["lines"] == ["up"])
        run = page.scenarios._run

    assert run is not None
    assert run.process.returncode is not None


@pytest.mark.parametrize(
    "path", ["/scenarios/nothing", "/scenarios/", "/scenarios/storm/x", "/", "/stop/x", "/scenarios/--help"]
)
def test_nothing_else_can_be_started(asker: Asker, path: str) -> None:
    """Only a name of the list ever gets onto a command line."""
    assert asker.post(path).status == 404
    assert asker.news()["scenarios"]["latest"] is None


def test_a_busy_port_is_said_to_be_busy(stack: StandIn) -> None:
    """And the first page goes on."""
    port = free_port()
    with (
        serving(page_of(stack), port),
        pytest.raises(PortBusy, match=f"Port {port} is in use"),
        serving(page_of(stack), port),
    ):
        pass


def test_rubbish_does_not_hurt(asker: Asker) -> None:
    """Whoever sends no HTTP, or leaves in the middle of it, keeps nobody else from the page."""
    for rubbish in (b"\x00\xff\r\n\r\n", b"GET", b"POST /stop HTTP/1.1\r\nContent-Length: 99999\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", asker.port), WAIT_SECONDS) as connection:
            connection.sendall(rubbish)

    assert asker.ask("/").status == 200
