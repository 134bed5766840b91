// How a status looks: its name says it, its colour and its place in production underline it.

import { element, visible } from "./elements.js";

const KINDS = { PENDING: "pending", SUCCESSFUL: "good", FAILED: "bad" };

/** How far each known status is; any other has no place that we know. */
let places = new Map();

export function knowStatuses(statuses) {
  places = new Map(statuses.map((status, number) => [status, number]));
}

/** Compares two statuses by how far they are; those that nobody knows come last. */
export function byPlace(one, other) {
  const far = (status) => places.get(status) ?? places.size;
  return far(one) - far(other) || (one < other ? -1 : Number(one > other));
}

/** A status of a card whose operation is in a state. */
export function statusMark(status, operationStatus) {
  const kind = status.includes("CANCEL") ? "ended" : !places.has(status) ? "strange" : KINDS[operationStatus] ?? "pending";
  // In a narrow place it is broken between its words.
  const words = visible(status).split(/(?<=_)/u).flatMap((word) => [word, element("wbr")]);
  return element("span", { class: "status foreign", "data-kind": kind }, ...words);
}
