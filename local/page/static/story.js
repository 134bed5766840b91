// One card's story: what arrived, what each arrival did and why, the alerts and when they went.

import { overdue } from "./alerts.js";
import { element, fill, foreign, visible } from "./elements.js";
import { statusMark } from "./status.js";
import { growingAge, moment } from "./times.js";

const FACTS = {
  operationId: "Operation",
  inputFileName: "Input file",
  issuerRequestId: "Issuer request",
  productionSite: "Production site",
  dueDate: "Due",
  errorCode: "Error code",
  error: "Error",
  reason: "Reason",
  startTime: "Started",
  endTime: "Ended",
};

const section = document.getElementById("card");
let cardId = null;
let shown = "";
let from = null;

export const openedCard = () => cardId;

/** Opens a card's story, or closes it where none is named. */
export async function openStory(named) {
  if (named === cardId) return;
  if (!cardId) from = document.activeElement;
  cardId = named;
  shown = "";
  section.hidden = !named;
  if (!named) return giveFocusBack();
  frame(named);
  await readStory();
  section.querySelector("h2")?.focus();
}

/** Reads the story of the open card anew: duplicates change no status, and are part of it. */
export async function readStory() {
  const asked = cardId;
  if (!asked) return;
  const answer = await fetch(`/story?card=${encodeURIComponent(asked)}`);
  const text = await answer.text();
  // Meanwhile another card may have been opened.
  if (asked !== cardId || text === shown) return;
  shown = text;
  const story = JSON.parse(text);
  if (!answer.ok) throw new Error(story.error);
  tell(story);
}

function giveFocusBack() {
  const href = from?.getAttribute("href");
  // The row with the link may have been made anew meanwhile.
  const again = from?.isConnected ? from : [...document.links].find((link) => link.getAttribute("href") === href);
  from = null;
  (again ?? document.getElementById("cards")).focus();
}

function frame(named) {
  const close = element("button", { type: "button", class: "close" }, "Close");
  close.addEventListener("click", () => { location.hash = ""; });
  section.replaceChildren(
    element("div", { class: "line" }, element("h2", { id: "card-title", tabindex: "-1" }, "Card ", foreign(named)), close),
    element("div", { class: "now" }),
    element("h3", {}, "Timeline"),
    element("ol", { class: "timeline" }),
    element("h3", { class: "alerts-of-card" }, "Alerts"),
    element("ol", { class: "entries alerts-of-card" }));
}

function tell({ card, why, notes, arrivals, alerts }) {
  const one = (content) => [{ content }];
  fill(section.querySelector(".now"), one({ card, why, notes }), () => "now", () => now(card, why, notes));
  const timeline = section.querySelector(".timeline");
  timeline.classList.toggle("several", new Set(arrivals.map(({ operation }) => operation.operationId)).size > 1);
  fill(timeline, arrivals.map((arrival, number) => ({ number, ...arrival })), (arrival) => arrival.number, entry);
  fill(section.querySelector(".entries"), alerts, (alert) => alert.alertId, alertEntry);
  for (const part of section.querySelectorAll(".alerts-of-card")) part.hidden = !alerts.length;
}

function now(card, why, notes) {
  const facts = card ? Object.entries(FACTS).filter(([name]) => card[name]) : [];
  const shipment = card?.shipment && Object.entries(card.shipment).filter(([, value]) => typeof value === "string");
  return element("div", {},
    card && element("p", { class: "line" }, statusMark(card.status, card.operationStatus),
      element("span", {}, "for ", growingAge(card.milestones?.[card.status] ?? card.receivedAt))),
    element("p", {}, foreign(why)),
    ...notes.map((note) => element("p", { class: "note" }, foreign(note))),
    facts.length > 0 && element("dl", {}, ...facts.flatMap(([name, label]) => [
      element("dt", {}, label), element("dd", {}, foreign(card[name]))])),
    shipment?.length > 0 && element("details", {}, element("summary", {}, "Shipment"),
      element("dl", {}, ...shipment.flatMap(([name, value]) => [
        element("dt", {}, foreign(name)), element("dd", {}, foreign(value))]))));
}

function entry(arrival) {
  const { operation, effect } = arrival;
  const name = arrival.status ?? (typeof operation.operation === "string" ? operation.operation : "Something unreadable");
  return element("li", { "data-effect": effect },
    element("div", { class: "line" }, foreign(name, "strong"), element("span", { class: "effect" }, effect), moment(arrival.receivedAt)),
    element("p", { class: "second" }, foreign(arrival.why)),
    operation.operationId && element("p", { class: "second operation" }, "Operation ", foreign(operation.operationId)),
    arrival.alertId && element("p", { class: "second raised" }, "Raised an alert."),
    element("details", {}, element("summary", {}, "As D1 sent it"),
      foreign(JSON.stringify(operation, null, 2), "pre"),
      arrival.correlationId && element("p", { class: "second" }, "Correlation id ", foreign(arrival.correlationId))));
}

function alertEntry(alert) {
  const gone = alert.publishedAt
    ? ["Raised ", moment(alert.raisedAt), `, published ${Date.parse(alert.publishedAt) - Date.parse(alert.raisedAt)} ms later.`]
    : ["Raised ", moment(alert.raisedAt), ", not published yet",
        ...(alert.leaseEndsAt ? [": the relay publishes it after ", moment(alert.leaseEndsAt), "."] : ["."])];
  return element("li", {},
    statusMark(alert.status, alert.overdueOn ? "PENDING" : "FAILED"),
    alert.overdueOn && element("p", { class: "second" }, foreign(overdue(alert.overdueOn))),
    element("p", { class: "second" }, ...gone),
    alert.superseded && element("p", { class: "second" }, "Superseded: the card was known to be further on."),
    element("p", { class: "second" }, visible(`Alert ${alert.alertId}`)));
}
