"""The page in a browser: what it shows and says, to whoever looks, listens, or has only a keyboard."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from local.deployment import Deployment
from local.engine import free_port
from local.page.answers import Page
from local.page.reading import StackReader
from local.page.scenarios import Scenarios
from local.page.server import serving
from tests.integration.client import Client
from tests.integration.notifications import Card
from tests.page.browsing import ARGUMENTS, CHROMIUM, TOO_FAINT, Person
from tests.page.stand_in import StandIn, card, cards, page_of

A_MOMENT: Final = 10_000
"""Milliseconds, and generous: two cores may be busy with more than this."""
A_SCENARIO: Final = 20_000
TABS: Final = 80
MARKUP: Final = '<img src=x onerror="alert(1)"><script>alert(2)</script>'

AT: Final = {"publishedAt": "2026-03-02T06:00:00.000Z"}
PARTS: Final[tuple[tuple[Any, str], ...]] = (
    ("main", ""),
    ("banner", ""),
    ("navigation", "On this page"),
    ("search", "Filter cards"),
    ("region", "Cards"),
    ("region", "Alerts"),
    ("region", "Scenarios"),
    ("region", "Rejected operations"),
    ("table", "Cards"),
    ("group", "Status"),
    ("combobox", "Input file"),
    ("searchbox", "Card"),
    ("combobox", "Order"),
    ("heading", "Card tracking"),
)

SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")

Opened: TypeAlias = Callable[..., Person]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium; where there is none, say so and skip."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}; on Debian: apt-get install --no-install-recommends chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Open a page as a new visitor; in the end nothing may have gone wrong in the browser, or been asked elsewhere."""
    persons: list[tuple[Person, str]] = []

    def open_page(url: str, **context: Any) -> Person:
        person = Person(browser.new_context(**context).new_page())
        persons.append((person, url))
        person.watch()
        person.page.goto(url)
        expect(person.page.locator("#connection")).to_have_text("Live", timeout=A_MOMENT)
        return person

    yield open_page
    for person, url in persons:
        assert person.problems == []
        assert {urlsplit(asked).netloc for asked in person.asked} == {urlsplit(url).netloc}
        person.page.context.close()


@pytest.fixture(scope="module")
def url(deployment: Deployment) -> Iterator[str]:
    """Serve the page of a real stack, which has made its first, slow answers."""
    client, one = Client(deployment), Card()
    client.post(one.requested())
    client.card(one.card_id)
    with serving(page_of_stack(deployment)) as url:
        yield url


@pytest.fixture
def client(deployment: Deployment) -> Client:
    """Be D1."""
    return Client(deployment)


def page_of_stack(deployment: Deployment) -> Page:
    """Make the page as `make run` does."""
    reader = StackReader(deployment.stack, deployment.subscribe_queue(f"page-{uuid4()}"))
    return Page(reader, Scenarios(deployment.stack))


def test_a_notification_shows_within_a_moment(opened: Opened, url: str, client: Client) -> None:
    """The card, its status and for how long; then the next status, in the same row."""
    person, one = opened(url), Card()
    client.post(one.data_prepared())

    row = person.row(one.card_id)
    expect(row).to_contain_text("DATA_PREPARED", timeout=A_MOMENT)
    expect(row).to_contain_text("2025-01-21")
    expect(row.locator("[data-since]")).to_have_text(re.compile(r"\d s"))
    client.post(one.shipped())

    expect(row).to_contain_text("CARD_SHIPPED", timeout=A_MOMENT)


def test_an_alert_is_announced(opened: Opened, url: str, client: Client) -> None:
    """To those who listen at once, to those who look in the list; what came before the page is not announced."""
    earlier, one = Card(), Card()
    client.post(earlier.data_exception())
    expect(opened(url).page.locator("#alert-list")).to_contain_text(earlier.card_id, timeout=A_MOMENT)
    person = opened(url)
    expect(person.page.locator("#alert-list")).to_contain_text(earlier.card_id)
    alarm = person.page.get_by_role("alert")
    expect(alarm).to_have_text("")

    client.post(one.data_exception())

    expect(alarm).to_have_text(f"Alert: DATA_EXCEPTION, card {one.card_id}, FIELD_INVALID_FORMAT pan", timeout=A_MOMENT)
    entry = person.page.locator("#alert-list li").filter(has_text=one.card_id)
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("FIELD_INVALID_FORMAT · pan")


def test_an_alert_of_a_late_card_says_that_it_is_late(opened: Opened) -> None:
    """It reports no failure, so its status alone would tell nothing."""
    late = {"alertId": "a", "cardId": "card-1", "status": "DATA_PREPARED", "kind": "OVERDUE", "overdueOn": "2026-03-09"}
    stack = StandIn(cards([1]))
    with serving(page_of(stack)) as url:
        person = opened(url)
        stack.coming.append(late | {"dueDate": "2026-03-06"} | AT)
        entry = person.page.locator("#alert-list li")
        expect(entry).to_contain_text("Overdue on 2026-03-09, due 2026-03-06", timeout=A_MOMENT)
        expect(person.page.get_by_role("alert")).to_contain_text("overdue on 2026-03-09")


def test_hostile_text_is_shown_as_text(opened: Opened, url: str, client: Client) -> None:
    """Markup in any field is read by people and never by the browser; what steers text is made visible."""
    person = opened(url, viewport={"width": 360, "height": 740})
    one = Card(card_id=f"{MARKUP}{uuid4()}")
    details = {"productionSite": MARKUP, "reason": "\u202egnp.exe\u0007", "inputFileName": MARKUP, "dueDate": MARKUP}
    client.post(
        one.update(MARKUP, "FAILED", details),
        Card(card_id=one.card_id).data_exception() | {"error": MARKUP, "errorCode": "x" * 900},
    )
    client.post({"cardId": one.card_id, "operation": MARKUP, "details": {"status": "x" * 900}})

    expect(person.link(one.card_id)).to_have_text(one.card_id, timeout=A_MOMENT)
    person.page.goto(f"{url}#alerts")
    person.link(one.card_id).click()
    expect(person.page.locator(".timeline > li")).to_have_count(3, timeout=A_MOMENT)
    expect(person.page.locator("#card")).to_contain_text("\\u202egnp.exe\\u0007")
    expect(person.page.locator("#alert-list")).to_contain_text(MARKUP, timeout=A_MOMENT)
    expect(person.page.locator("#rejected-list")).to_contain_text(MARKUP, timeout=A_MOMENT)
    expect(person.page.locator("#statuses")).to_contain_text("DATA_EXCEPTION")
    assert person.page.locator("img, main script, iframe, object").count() == 0
    assert person.width_beyond() <= 0


def test_a_story_is_told_and_goes_on(opened: Opened, url: str, client: Client) -> None:
    """What each arrival did and why, when the alert went; a duplicate, which changes no status, appears as well."""
    one = Card()
    client.post(one.requested(), one.data_exception())
    person = opened(f"{url}#card={one.card_id}")
    arrivals = person.page.locator(".timeline > li")
    expect(arrivals).to_have_count(2, timeout=A_MOMENT)
    expect(arrivals.nth(1)).to_contain_text("Raised an alert.")
    expect(arrivals.nth(1).locator(".operation")).to_be_hidden()
    expect(person.page.locator("#card .entries")).to_contain_text(re.compile(r"published \d+ ms later"))
    arrivals.nth(0).locator("summary").click()

    client.post(one.requested(), one.produced_again().requested())

    expect(arrivals).to_have_count(4, timeout=A_MOMENT)
    expect(arrivals.locator(".effect")).to_have_text(["applied", "applied", "duplicate", "applied"])
    expect(arrivals.nth(1).locator(".operation")).to_be_visible()
    expect(arrivals.nth(0).locator("pre")).to_be_visible()


def test_a_scenario_ends_in_a_green_verdict(opened: Opened, url: str) -> None:
    """By keyboard: its progress shows, its cards and alerts too, and in the end that all was as it must be."""
    person = opened(url)
    button = person.page.get_by_role("button", name="failure", exact=True)
    button.focus()
    person.press("Enter")

    expect(person.page.locator("#latest-title")).to_have_text("failure: runs…", timeout=A_MOMENT)
    expect(button).to_be_focused()
    expect(person.page.locator("#latest-title")).to_have_text("failure: green", timeout=A_SCENARIO)
    expect(person.page.locator("#latest-lines")).to_contain_text("once for each of 1 causes")
    expect(person.page.locator("#announcer")).to_have_text("Scenario failure: green")
    expect(person.page.locator("#scenario-list li").filter(has=button)).to_contain_text("green")


def test_the_filters_filter(opened: Opened) -> None:
    """By status, by input file, by part of an id, all at once; the numbers are those of what is found."""
    stack = StandIn(cards(range(5)))
    stack.knows(card(5, "CARD_SHIPPED", inputFileName="A.xml"))
    stack.knows(card(6, "CARD_SHIPPED", inputFileName="B.xml"))
    with serving(page_of(stack)) as url:
        person = opened(url)
        rows, shown = person.page.locator("#rows tr"), person.page.locator("#shown")
        expect(shown).to_have_text("7 cards")
        person.page.get_by_role("radio", name="CARD_SHIPPED 2").check()
        expect(rows).to_have_count(2)
        person.page.get_by_label("Input file").select_option("B.xml")
        expect(rows).to_have_text([re.compile("card-6")])
        expect(person.page.locator("#announcer")).to_have_text("1 card")
        person.page.get_by_label("Input file").select_option("")
        person.page.get_by_role("radio", name="All 7").check()
        person.page.get_by_role("searchbox", name="Card").fill("RD-3")
        expect(rows).to_have_text([re.compile("card-3")])
        person.page.get_by_role("searchbox", name="Card").fill("nothing like it")
        expect(person.page.locator("#no-match")).to_be_visible()
        # What comes later goes through the same filters.
        stack.knows(card(7) | {"cardId": "nothing like it, but for this one"})
        expect(rows).to_have_count(1, timeout=A_MOMENT)


def test_everything_is_reached_by_keyboard_alone(opened: Opened) -> None:
    """Tab leads to all there is, and one always sees where one is; a story is opened, read and left by keys."""
    stack = StandIn(cards(range(2)), coming=[{"alertId": "a", "cardId": "card-1", "status": "DATA_EXCEPTION"} | AT])
    stack.kept = [{"reason": "NOT_JSON", "receivedAt": AT["publishedAt"], "body": "["}]
    with serving(page_of(stack)) as url:
        person = opened(url)
        expect(person.page.locator("#rejected-list li")).to_have_count(1)
        reached = {}
        for _ in range(TABS):
            person.press("Tab")
            place = person.focused()
            reached[place["name"]] = place
        names = reached.keys()

        assert {"file", "find", "order", "card-0", "card-1", "lifecycle", "hostile", "As it came"} <= names
        assert {"Cards 2", "Alerts 1", "Scenarios", "Rejected 1", "All 2", "alert-list"} <= names
        unseen = [
            name for name, one in reached.items() if one["tag"] != "BODY" and not (one["outlined"] and one["onTop"])
        ]
        assert unseen == []


def test_a_story_is_opened_and_left_by_keys(opened: Opened, url: str, client: Client) -> None:
    """Enter opens it and leads to its heading; Escape closes it and leads back to where one was; so does Back."""
    one = Card()
    client.post(one.requested())
    person = opened(url)
    for leave in (lambda: person.press("Escape"), person.page.go_back):
        person.link(one.card_id).focus()
        person.press("Enter")
        heading = person.page.get_by_role("heading", name=f"Card {one.card_id}")
        expect(heading).to_be_focused(timeout=A_MOMENT)
        expect(person.link(one.card_id)).to_have_attribute("aria-current", "true")
        leave()
        expect(heading).to_be_hidden()
        expect(person.link(one.card_id)).to_be_focused()


def test_it_goes_on_when_the_server_is_back(opened: Opened, browser: Browser) -> None:
    """It says that nobody answers, keeps what it has, and shows the new stack once there is one."""
    port = free_port()
    with serving(page_of(StandIn(cards(range(3)))), port) as url:
        person = opened(url)
        expect(person.page.locator("#rows tr")).to_have_count(3)
    connection = person.page.locator("#connection")
    expect(connection).to_have_text(re.compile("No answer"), timeout=A_MOMENT)
    expect(person.page.locator("#rows tr")).to_have_count(3)

    with serving(page_of(StandIn(cards([7]))), port):
        expect(connection).to_have_text("Live", timeout=A_MOMENT)
        expect(person.page.locator("#rows tr")).to_have_text([re.compile("card-7")])
    # That nobody answered is a complaint of the browser's own.
    person.problems[:] = [problem for problem in person.problems if "ERR_CONNECTION_REFUSED" not in problem]


def test_a_stack_that_fails_is_told_from_a_server_that_is_gone(opened: Opened) -> None:
    """The reason shows, and it goes on by itself."""
    stack = StandIn(cards([1]))
    with serving(page_of(stack)) as url:
        person = opened(url)
        stack.is_down = True
        connection = person.page.locator("#connection")
        expect(connection).to_contain_text("the stack does not answer", timeout=A_MOMENT)
        stack.is_down = False
        expect(connection).to_have_text("Live", timeout=A_MOMENT)
    person.problems[:] = [problem for problem in person.problems if "503" not in problem]


def test_thousands_of_cards_cost_what_is_seen_of_them(opened: Opened) -> None:
    """A hundred rows are built and more on demand; a row whose card has no news is not built again."""
    stack = StandIn(cards(range(3_000)))
    with serving(page_of(stack)) as url:
        person = opened(url)
        rows = person.page.locator("#rows tr")
        expect(person.page.locator("#shown")).to_have_text("100 of 3,000 cards")
        expect(rows).to_have_count(100)
        person.page.evaluate("for (const row of document.querySelectorAll('#rows tr')) row.dataset.built = 'before'")
        stack.knows(card(2_999) | {"receivedAt": "2026-03-03T00:00:00.000Z"})
        expect(person.page.locator("#rows tr[data-built]")).to_have_count(99)
        person.page.get_by_role("button", name="Show more").focus()
        person.press("Enter")
        expect(rows).to_have_count(600)
        expect(rows.nth(100).locator("a")).to_be_focused()


def test_it_is_read_at_every_width_by_day_and_night(opened: Opened, url: str, client: Client) -> None:
    """Nothing is wider than the window, and every text stands out from what is behind it (WCAG AA)."""
    one = Card()
    client.post(one.data_exception(), one.shipped())
    client.post({"cardId": one.card_id})
    person = opened(f"{url}#card={one.card_id}")
    expect(person.page.locator(".timeline > li")).to_have_count(3, timeout=A_MOMENT)
    for scheme in SCHEMES:
        person.page.emulate_media(color_scheme=scheme)
        for width in (360, 768, 1280, 1920):
            person.page.set_viewport_size({"width": width, "height": 900})
            assert person.width_beyond() <= 0, width
        assert person.page.evaluate(TOO_FAINT) == [], scheme


def test_its_parts_have_names_and_roles(opened: Opened) -> None:
    """Landmarks, headings and labels as those meet them who do not see the page."""
    with serving(page_of(StandIn(cards([1])))) as url:
        person = opened(url)
        for role, name in PARTS:
            expect(person.page.get_by_role(role, name=name, exact=True)).to_have_count(1)
        expect(person.page.get_by_role("rowheader")).to_have_text(["card-1"])
        expect(person.page.locator("#connection")).to_have_attribute("role", "status")
        assert person.page.locator("html").get_attribute("lang") == "en"
