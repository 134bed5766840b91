"""A person at the page, in headless Chromium."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from playwright.sync_api import Locator, Page

CHROMIUM: Final = Path("/usr/bin/chromium")
ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# The contrast of each text with what is behind it, by the formula of WCAG 2; those below 4.5 to 1.
TOO_FAINT: Final = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, number) => sum + part * [0.2126, 0.7152, 0.0722][number], 0);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = numbers(getComputedStyle(one).backgroundColor);
      if ((colour[3] ?? 1) === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest(".unseen")) continue;
    const [one, other] = [light(numbers(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faint.push(`${texts.currentNode.data.trim()}: ${contrast.toFixed(2)}`);
  }
  return faint;
}"""

# What has the focus: what it is, how it is called, and whether one can see that it has it.
FOCUSED: Final = """() => {
  const one = document.activeElement;
  const drawn = one.matches(".choices input") ? one.nextElementSibling : one;
  const style = getComputedStyle(drawn);
  const box = drawn.getBoundingClientRect();
  const at = document.elementFromPoint(box.x + Math.min(box.width, 20) / 2, box.y + Math.min(box.height, 10) / 2);
  return {
    name: one.id || one.dataset.name || (one.closest(".choices label") ?? one).textContent.trim().replace(/\\s+/g, " "),
    tag: one.tagName,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    onTop: !!at && (at === one || drawn.contains(at) || at.contains(drawn)),
  };
}"""


@dataclass(frozen=True, slots=True)
class Person:
    """Looks, presses keys, and notices what is wrong."""

    page: Page
    problems: list[str] = field(default_factory=list)
    """What the browser complained about: errors of scripts, and everything that the policy kept from happening."""
    asked: list[str] = field(default_factory=list)
    """Every address that the page has asked for."""

    def watch(self) -> None:
        """Notice problems and requests from now on."""
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)
        self.page.on("dialog", lambda dialog: self.problems.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def row(self, card_id: str) -> Locator:
        """Find a card among the cards."""
        return self.page.locator("#rows tr", has=self.page.locator(_link_to(card_id)))

    def link(self, card_id: str) -> Locator:
        """Find the link to a card's story among the cards."""
        return self.page.locator("#rows").locator(_link_to(card_id))

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> dict[str, Any]:
        """Tell what has the focus."""
        told: dict[str, Any] = self.page.evaluate(FOCUSED)
        return told

    def width_beyond(self) -> int:
        """Tell by how much the page is wider than its window."""
        beyond: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return beyond


def _link_to(card_id: str) -> str:
    # Escaped as encodeURIComponent does, and then for the selector.
    written = quote(card_id, safe="!'()*~").replace("'", "\\'")
    return f"a[href='#card={written}']"
