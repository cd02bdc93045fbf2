// Numbers and names for people, and the making of elements. All text reaches the page as text, never as markup.
"use strict";

const STATES = {
  QUEUED: "waiting", RUNNING: "running", PAUSED: "paused", ANSWERED: "answered", EXHAUSTED: "nothing good enough",
  BUDGET_SPENT: "budget spent", CANCELLED: "cancelled", FAILED: "failed",
};
const VERDICTS = {
  GOOD_ENOUGH: { word: "good enough", mark: "▲", className: "good" },
  NOT_GOOD_ENOUGH: { word: "not good enough", mark: "✕", className: "bad" },
  UNDECIDED: { word: "undecided", mark: "○", className: "open" },
};
const TRIAL_STATES = {
  PASSED: "passed", MISSED: "missed", STOPPED_EARLY: "stopped early", DIVERGED: "diverged", FAILED: "failed",
  CANCELLED: "cancelled",
};

// make("p", {class: "quiet"}, "text", another_element): an element. A property that is null is left out.
function make(tag, properties = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const part of content.flat(Infinity)) {
    if (part !== null && part !== undefined && part !== "") element.append(part);
  }
  return element;
}

// Puts `content` into `place` where it differs from what is there. What had the focus has it again, by its data-key.
function fill(place, ...content) {
  const fresh = make("div", {}, ...content);
  if (place.filledWith === fresh.innerHTML) return;
  place.filledWith = fresh.innerHTML;
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const open = new Set([...place.querySelectorAll("details[open]")].map((details) => details.dataset.key));
  place.replaceChildren(...fresh.childNodes);
  for (const details of place.querySelectorAll("details")) {
    if (open.has(details.dataset.key)) details.open = true;
  }
  if (focused) [...place.querySelectorAll("[data-key]")].find((element) => element.dataset.key === focused)?.focus();
}

const count = (number) => (number === null ? "" : d3.format(",")(number));
const counted = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
const percent = (share) => `${100 * share < 10 ? d3.format(".1f")(100 * share) : d3.format(".0f")(100 * share)} %`;

// A number without needless digits, with a minus sign of its own width.
function plain(number) {
  if (number === null || number === undefined) return "none";
  return d3.format(".6~g")(number).replace("-", "−");
}

// Four decimals, or five digits of a metric in the target's own units: as the commands print scores.
function score(metric, number) {
  if (number === null || number === undefined) return "none";
  const text = metric === "rmse" || metric === "mae" ? Number(number.toPrecision(5)).toString() : number.toFixed(4);
  return text.replace("-", "−");
}

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 60) return `${seconds.toFixed(seconds < 1 ? 2 : seconds < 10 ? 1 : 0)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

// "2026-05-31 12:00:00" of "2026-05-31T12:00:00.123Z", in UTC.
const time = (text) => (text ? text.replace("T", " ").replace(/(\.\d+)?Z$/, "") : "");
const timeElement = (text) => (text ? make("time", { datetime: text }, time(text)) : "");

// How fast a count grows, by the news about it.
class Pace {
  // The count at `now`, in milliseconds. Returns "12/s", or "" before there is a second piece of news.
  note(now, value) {
    if (this.time !== undefined && now > this.time) this.speed = (1000 * (value - this.value)) / (now - this.time);
    [this.time, this.value] = [now, value];
    return this.speed === undefined ? "" : `${count(Math.max(0, Math.round(this.speed)))} trials/s`;
  }
}

const goal = (text) => text.replace(">=", "≥").replace("<=", "≤");
const layers = (hidden) => (Array.isArray(hidden) ? `[${hidden.join(",")}]` : hidden || "");
const hiddenWords = (hidden) => (layers(hidden) === "[]" ? "[] (no hidden layer)" : layers(hidden));
const number = (job) => job.replace("jobs/", "");
const rate = (value) => `learning rate ${plain(value)}`;

function recipeWords(recipe) {
  const decay = recipe.weight_decay ? `, weight decay ${plain(recipe.weight_decay)}` : "";
  return `${recipe.init}, ${recipe.activation}, ${recipe.optimizer}, ${rate(recipe.learning_rate)}, batches of ` +
    `${recipe.batch_size}${decay}`;
}

// The state of a job. An answer that the test part did not confirm (`confirmed` is false) is not one to trust.
function badge(state, also, confirmed) {
  const doubtful = state === "ANSWERED" && confirmed === false;
  const words = [STATES[state] || state, doubtful ? "not confirmed" : null, also].filter(Boolean);
  return make("span", { class: `badge ${doubtful ? "doubtful" : state.toLowerCase()}` }, words.join(", "));
}

// A table. Columns: {title, cell(row), right: numbers, key(row): for the focus}.
function table(caption, columns, rows, rowClass) {
  const head = make("tr", {}, columns.map((column) =>
    make("th", { scope: "col", class: column.right ? "right" : null }, column.title)));
  const body = rows.map((row) => make("tr", { class: rowClass ? rowClass(row) : null }, columns.map((column, index) => {
    const tag = index === 0 ? "th" : "td";
    return make(tag, { scope: index === 0 ? "row" : null, class: column.right ? "right" : null }, column.cell(row));
  })));
  return make("div", { class: "scroll", role: "region", "aria-label": caption, tabindex: "0", "data-key": caption },
    make("table", {}, make("caption", { class: "unseen" }, caption), make("thead", {}, head), make("tbody", {}, body)));
}

// A number stays with its percent sign.
const kept = (text) => text.replace(/(\d) %/g, "$1\u00a0%");

function listed(labelled) {
  return make("dl", { class: "words" }, labelled.flatMap((word) =>
    [make("dt", {}, word.label), make("dd", {}, kept(word.text))]));
}

const paragraph = (text, className) => (text ? make("p", { class: className || null }, kept(text)) : null);
