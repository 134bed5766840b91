// Asks for the news again and again, and hands each part to whoever shows it.

import { forgetAlerts, takeAlerts } from "./alerts.js";
import { announce } from "./announce.js";
import { forgetCards, markOpened, takeCards, watchFilters } from "./cards.js";
import { setText } from "./elements.js";
import { showRejected } from "./rejected.js";
import { showScenarios, watchScenarios } from "./scenarios.js";
import { knowStatuses } from "./status.js";
import { openedCard, openStory, readStory } from "./story.js";
import { growOlder } from "./times.js";

const PAUSE = 700;
const PAUSE_UNSEEN = 5_000;
const PATIENCE = 15_000;

const connection = document.getElementById("connection");
let run = "";
let revision = 0;
let timer = 0;
let asking = false;

async function poll() {
  clearTimeout(timer);
  if (asking) return;
  asking = true;
  try {
    take(await ask());
    await readStory();
    tellConnection("live", "Live");
  } catch (error) {
    tellConnection("lost", `${lost(error)} This page goes on by itself.`);
  }
  asking = false;
  timer = setTimeout(poll, document.hidden ? PAUSE_UNSEEN : PAUSE);
}

async function ask() {
  const answer = await fetch(`/news?run=${run}&revision=${revision}`, { signal: AbortSignal.timeout(PATIENCE) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return told;
}

function take(news) {
  const isOther = news.run !== run;
  // Another server is another stack: it knows nothing of what was here.
  if (isOther && run) {
    forgetCards();
    forgetAlerts();
  }
  const isNews = !isOther;
  ({ run, revision } = news);
  knowStatuses(news.statuses);
  takeCards(news.cards);
  takeAlerts(news.alerts, isNews);
  showRejected(news.rejected);
  showScenarios(news.scenarios);
}

function lost(error) {
  return error instanceof TypeError || error.name === "TimeoutError" ? "No answer: is make run still running?" : `${error.message}.`;
}

function tellConnection(state, text) {
  connection.dataset.state = state;
  setText(connection, text);
}

async function followAddress() {
  const named = new URLSearchParams(location.hash.slice(1)).get("card");
  markOpened(named);
  try {
    await openStory(named);
  } catch (error) {
    announce(error.message);
  }
}

watchFilters();
watchScenarios(poll);
addEventListener("hashchange", followAddress);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && openedCard() && !event.target.matches("input, select")) location.hash = "";
});
document.addEventListener("visibilitychange", () => document.hidden || poll());
setInterval(growOlder, 1000);
followAddress();
poll();
