// What could not be stored, and why; it lies in the queue of rejected operations.

import { element, fill, foreign, setText } from "./elements.js";
import { moment } from "./times.js";

const place = (id) => document.getElementById(id);

/** Shows what was looked at; null where nothing has changed. */
export function showRejected(told) {
  if (!told) return;
  const { messages, entries } = told;
  setText(place("rejected-count"), String(messages));
  place("no-rejected").hidden = messages > 0;
  place("rejected-list").hidden = messages === 0;
  const seen = new Map();
  fill(place("rejected-list"), entries, (one) => {
    const text = JSON.stringify(one);
    seen.set(text, (seen.get(text) ?? 0) + 1);
    return `${text} ${seen.get(text)}`;
  }, entry);
}

function entry(one) {
  return element("li", {},
    element("div", { class: "line" },
      element("strong", {}, one.reason, one.field && ": ", one.field && foreign(one.field)), moment(one.receivedAt)),
    one.meaning && element("div", { class: "second" }, one.meaning),
    one.cardId && element("a", { href: `#card=${encodeURIComponent(one.cardId)}` }, foreign(one.cardId)),
    element("details", {}, element("summary", {}, "As it came"), foreign(one.text, "pre")));
}
