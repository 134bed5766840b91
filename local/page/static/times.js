// Times as people read them.

import { element, setText } from "./elements.js";

const STEPS = [[60, "s"], [60, "min"], [24, "h"], [Infinity, "d"]];

/** Tells how long ago a time was, such as "4 min". */
export function age(time, now = Date.now()) {
  let value = Math.max(0, (now - Date.parse(time)) / 1000);
  for (const [most, unit] of STEPS) {
    if (value < most) return `${Math.floor(value)} ${unit}`;
    value /= most;
  }
  return "";
}

/** Tells a time of day, with the day where that is not today. */
export function clock(time) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  const today = date.toDateString() === new Date().toDateString();
  const day = today ? "" : `${date.toLocaleDateString(undefined, { day: "numeric", month: "short" })}, `;
  return day + date.toLocaleTimeString(undefined, { hourCycle: "h23" });
}

/** A time, exact where one looks closer. */
export function moment(time) {
  return element("time", { datetime: time, title: time }, clock(time));
}

/** An age that goes on. */
export function growingAge(time) {
  return element("span", { "data-since": time }, age(time));
}

/** Brings every age on the page up to date. */
export function growOlder() {
  for (const place of document.querySelectorAll("[data-since]")) setText(place, age(place.dataset.since));
}
