// The cards: which there are, and those of them that are asked for.

import { announce } from "./announce.js";
import { element, fill, foreign, setText } from "./elements.js";
import { byPlace, statusMark } from "./status.js";
import { growingAge, moment } from "./times.js";

const ROWS = 100;

const ORDERS = {
  newest: (one, other) => later(one.first, other.first),
  longest: (one, other) => later(other.since, one.since),
  latest: (one, other) => later(one.receivedAt, other.receivedAt),
};

const place = (id) => document.getElementById(id);
const cards = new Map();
let limit = ROWS;
let opened = null;
let status = "";

function later(one, other) {
  return one === other ? 0 : one < other ? 1 : -1;
}

/** Takes cards in as `get_card_status` tells them, with what is derived from that. */
export function takeCards(told) {
  for (const card of told) {
    cards.set(card.cardId, {
      ...card,
      since: card.milestones?.[card.status] ?? card.receivedAt,
      first: Object.values(card.milestones ?? {}).reduce((one, other) => (one < other ? one : other), card.receivedAt),
    });
  }
  if (told.length) show();
}

export function forgetCards() {
  cards.clear();
  show();
}

/** Marks the card whose story is open. */
export function markOpened(cardId) {
  opened = cardId;
  show();
}

export function watchFilters() {
  for (const id of ["file", "find", "order"]) {
    place(id).addEventListener("input", () => filterAnew());
  }
  place("statuses").addEventListener("change", (event) => {
    status = event.target.value;
    filterAnew();
  });
  place("file").form.addEventListener("submit", (event) => event.preventDefault());
  place("more").addEventListener("click", () => {
    const next = limit;
    limit += 5 * ROWS;
    show();
    place("rows").children[next]?.querySelector("a")?.focus();
  });
}

function filterAnew() {
  limit = ROWS;
  announce(show());
}

/** Shows what is asked for; answers in words how much that is. */
function show() {
  const file = place("file").value;
  const part = place("find").value.trim().toLowerCase();
  const all = [...cards.values()];
  const ofFile = all.filter((card) => !file || card.inputFileName === file);
  const found = ofFile.filter((card) => (!status || card.status === status) && card.cardId.toLowerCase().includes(part));
  found.sort(ORDERS[place("order").value]);
  showStatuses(ofFile);
  showFiles(all);
  fill(place("rows"), found.slice(0, limit).map((card) => ({ ...card, opened: card.cardId === opened })), (card) => card.cardId, row);
  const shown = Math.min(limit, found.length);
  const words = shown < found.length ? `${shown} of ${counted(found.length)}` : counted(found.length);
  setText(place("cards-count"), String(all.length));
  setText(place("shown"), all.length ? words : "");
  place("rows").parentElement.hidden = !found.length;
  place("no-cards").hidden = all.length > 0;
  place("no-match").hidden = found.length > 0 || !all.length;
  place("more").hidden = shown >= found.length;
  return words;
}

function counted(number) {
  return number === 1 ? "1 card" : `${number.toLocaleString("en")} cards`;
}

function showStatuses(among) {
  const counts = new Map();
  for (const card of among) counts.set(card.status, (counts.get(card.status) ?? 0) + 1);
  if (status && !counts.has(status)) counts.set(status, 0);
  const choices = [...counts].sort(([one], [other]) => byPlace(one, other));
  fill(place("statuses"), [["", among.length], ...choices], ([name]) => name, ([name, count]) => {
    const input = element("input", { type: "radio", name: "status", value: name });
    input.checked = name === status;
    return element("label", {}, input, element("span", { class: "choice" },
      name ? foreign(name) : "All", " ", element("span", { class: "count" }, count)));
  });
}

function showFiles(among) {
  const names = [...new Set(among.map((card) => card.inputFileName).filter(Boolean))].sort();
  const chosen = place("file").value;
  fill(place("file"), ["", ...names], (name) => name, (name) => element("option", { value: name }, name || "All"));
  place("file").value = names.includes(chosen) ? chosen : "";
}

function row(card) {
  const trouble = [card.errorCode, card.error, card.reason].filter(Boolean).join(" · ");
  const shipment = [card.shipment?.carrier, card.shipment?.message ?? card.shipment?.status].filter(Boolean).join(" · ");
  const link = element("a", { href: `#card=${encodeURIComponent(card.cardId)}`, "aria-current": card.opened && "true" },
    foreign(card.cardId));
  return element("tr", { class: card.opened && "opened" },
    element("th", { scope: "row" }, link, card.inputFileName && foreign(card.inputFileName, "div", { class: "second" })),
    element("td", {}, statusMark(card.status, card.operationStatus),
      (trouble || shipment) && foreign(trouble || shipment, "div", { class: "second short" })),
    element("td", { class: "wide" }, card.dueDate && foreign(card.dueDate, "div"),
      card.productionSite && foreign(card.productionSite, "div", { class: "second short" })),
    element("td", { class: "age" }, growingAge(card.since), element("div", { class: "second" }, moment(card.since))));
}
