// The scenarios of `make d1`: a button each, and how the latest one goes.

import { announce } from "./announce.js";
import { element, fill, setText, visible } from "./elements.js";

const WORDS = { running: "runs…", green: "green", red: "RED", stopped: "stopped" };

const place = (id) => document.getElementById(id);
let running = null;

export function watchScenarios(pollNow) {
  const order = async (path) => {
    const answer = await fetch(path, { method: "POST" });
    if (!answer.ok) announce((await answer.json()).error);
    pollNow();
  };
  place("scenario-list").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && !running) order(`/scenarios/${encodeURIComponent(button.dataset.name)}`);
    else if (button) announce(`${running} is still running`);
  });
  place("stop").addEventListener("click", () => order("/stop"));
}

export function showScenarios({ all, latest }) {
  const before = running;
  running = latest?.state === "running" ? latest.name : null;
  fill(place("scenario-list"), all.map((one) => ({ ...one, busy: running !== null })), (one) => one.name, entry);
  place("latest").hidden = !latest;
  if (!latest) return;
  setText(place("latest-title"), `${latest.name}: ${WORDS[latest.state]}`);
  place("latest").dataset.state = latest.state;
  place("stop").hidden = !running;
  const lines = place("latest-lines");
  const isAtEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4;
  setText(lines, latest.lines.map(visible).join("\n").trim());
  if (isAtEnd) lines.scrollTop = lines.scrollHeight;
  if (before && !running) announce(`Scenario ${latest.name}: ${WORDS[latest.state]}`);
}

function entry({ name, story, state, busy }) {
  // Not disabled while another one runs: that would take the focus from whoever has it.
  const button = element("button", { type: "button", "data-name": name, "aria-disabled": busy && "true" }, name);
  return element("li", {},
    element("div", { class: "line" }, button, state && element("span", { class: "verdict", "data-state": state }, WORDS[state])),
    element("p", { class: "second" }, story));
}
