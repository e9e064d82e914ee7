// SPDX-License-Identifier: EUPL-1.2
// The live view: shows what the stream of this gateway sends as rows of a table. Texts and addresses are in data attributes of
// the page. Without this script the page shows the latest events, with a link to read them again.

const MOST_ROWS = 500;
const ROWS_PER_SECOND = 20;
const LONGEST = 30 * 60 * 1000;

const view = document.getElementById("live");
const text = view.dataset;
const body = view.querySelector("tbody");
const state = document.getElementById("live-toestand");
const counts = document.getElementById("live-aantallen");
const [start, pause, clear] = ["starten", "pauzeren", "wissen"].map((id) => document.getElementById(id));

let source = null;
let timer = 0;
let end = 0;
let waiting = [];
let shown = 0;
let skipped = 0;
let last = "";

const heads = [...view.querySelectorAll("thead th")].map((head) => head.textContent);

function cell(column, part) {
  const made = document.createElement("td");
  made.setAttribute("role", "cell");
  made.dataset.label = heads[column];
  made.className = "utrecht-table__cell";
  made.append(part);
  return made;
}

function element(name, className, content) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = content;
  return made;
}

function row(entry) {
  const made = document.createElement("tr");
  made.setAttribute("role", "row");
  made.className = "utrecht-table__row";
  const moment = element("time", "", entry.moment);
  moment.dateTime = entry.at;
  const link = element("a", "utrecht-link utrecht-url-data", entry.name);
  link.href = entry.href;
  const detail = element("span", "utrecht-url-data", entry.detail);
  const kanaal = element("span", "", entry.kanaal);
  for (const part of [link, detail, kanaal]) part.translate = false;
  const badge = element("span", `utrecht-status-badge utrecht-status-badge--${entry.badge}`, entry.what);
  made.append(...[moment, badge, kanaal, detail, link].map((part, column) => cell(column, part)));
  return made;
}

function showCounts() {
  counts.textContent = `${text.shown} ${shown}, ${text.skipped} ${skipped}`;
}

// Once a second: the newest entries become rows, the others were counted when they came.
function show() {
  if (Date.now() >= end) return stop(text.over);
  const entries = waiting;
  waiting = [];
  for (const entry of entries) body.prepend(row(entry));
  while (body.rows.length > MOST_ROWS) body.deleteRow(-1);
  shown += entries.length;
  showCounts();
}

function stop(why) {
  source?.close();
  source = null;
  clearInterval(timer);
  waiting = [];
  state.textContent = why;
}

function begin() {
  if (source) return;
  end = Date.now() + LONGEST;
  source = new EventSource(last ? `${text.stream}&na=${encodeURIComponent(last)}` : text.stream);
  source.addEventListener("open", () => { state.textContent = text.running; });
  source.addEventListener("row", (message) => {
    last = message.lastEventId;
    waiting.push(JSON.parse(message.data));
    if (waiting.length > ROWS_PER_SECOND) {
      waiting.shift();
      skipped += 1;
    }
  });
  source.addEventListener("skipped", (message) => { skipped += Number(message.data); });
  source.addEventListener("gap", () => { state.textContent = text.gap; });
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) stop(text.stopped);
  });
  timer = setInterval(show, 1000);
  state.textContent = text.starting;
}

start.addEventListener("click", begin);
pause.addEventListener("click", () => { if (source) stop(text.paused); });
clear.addEventListener("click", () => {
  body.replaceChildren();
  shown = 0;
  skipped = 0;
  showCounts();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden && source) stop(text.away);
});
for (const button of [start, pause, clear]) button.hidden = false;
