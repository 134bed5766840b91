// The alerts, as the page's own queue has received them.

import { alarm } from "./announce.js";
import { element, fill, foreign, setText, visible } from "./elements.js";
import { statusMark } from "./status.js";
import { moment } from "./times.js";

const SHOWN = 100;
const KEPT = 500;

const place = (id) => document.getElementById(id);
let alerts = [];
let total = 0;

/** Takes new alerts in, the oldest first; says them aloud unless they were there before the page was. */
export function takeAlerts(told, isNews) {
  if (!told.length) return;
  alerts = [...told.toReversed(), ...alerts].slice(0, KEPT);
  total += told.length;
  show();
  if (isNews) alarm(spoken(told));
}

export function forgetAlerts() {
  alerts = [];
  total = 0;
  show();
}

function spoken(told) {
  const last = told.at(-1);
  const more = told.length > 1 ? `${told.length} alerts, the last one: ` : "Alert: ";
  return visible(`${more}${last.overdueOn ? `overdue on ${last.overdueOn}, ` : ""}${last.status}, card ${last.cardId}${last.error ? `, ${last.errorCode ?? ""} ${last.error}` : ""}`);
}

function show() {
  setText(place("alerts-count"), String(total));
  place("no-alerts").hidden = total > 0;
  place("alert-list").hidden = total === 0;
  fill(place("alert-list"), alerts.slice(0, SHOWN), (alert) => alert.alertId, entry);
}

/** Says of a late card how late it is. */
export function overdue(on, due) {
  return `Overdue on ${on}${due ? `, due ${due}` : ""}: still in production.`;
}

function entry(alert) {
  const trouble = [alert.errorCode, alert.error, alert.reason].filter(Boolean).join(" · ");
  return element("li", {},
    element("div", { class: "line" }, statusMark(alert.status, alert.operationStatus), moment(alert.publishedAt)),
    element("a", { href: `#card=${encodeURIComponent(alert.cardId)}` }, foreign(alert.cardId)),
    alert.overdueOn && foreign(overdue(alert.overdueOn, alert.dueDate), "div", { class: "second" }),
    trouble && foreign(trouble, "div", { class: "second short" }),
    alert.superseded && element("div", { class: "second" }, "Superseded: the card was known to be further on."));
}
