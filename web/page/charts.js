// What all charts have: an SVG of the width of its place, axes, marks that can be walked through by keyboard, and a line
// of text that says what is pointed at.
"use strict";

const NEAR = 28;  // pixels within which a pointer means a mark
const SYMBOLS = { GOOD_ENOUGH: "symbolTriangle", NOT_GOOD_ENOUGH: "symbolCross", UNDECIDED: "symbolCircle" };

function symbolPath(verdict, size) {
  const path = d3.symbol().type(d3[SYMBOLS[verdict]]).size(size)();
  return path;
}

// Crosses stand on their points.
const symbolTurn = (verdict) => (verdict === "NOT_GOOD_ENOUGH" ? "rotate(45)" : "");

class Chart {
  // `describe(item)`: what the line under the chart says of a mark; `choose(item)`: what Enter, a click or a tap does.
  constructor(place, { label, describe, choose, hint }) {
    this.describe = describe;
    this.choose = choose;
    this.hint = hint;
    this.items = [];
    this.svg = d3.select(place).append("svg").attr("class", "chart").attr("role", "group").attr("aria-label", label);
    this.detail = make("p", { class: "detail", "aria-live": "polite" }, hint);
    place.append(this.detail);
    this.place = place;
    this.svg.on("pointermove", () => this.point()).on("pointerleave", () => this.say(null))
      .on("click", () => this.click());
    new ResizeObserver(() => this.again()).observe(place);
  }

  // Draws again when the width has changed.
  again() {
    if (this.draw && this.width !== this.place.clientWidth) this.draw();
  }

  // Sets the size, and the inner space of the plot.
  begin(height, margin) {
    this.width = this.place.clientWidth || 640;
    this.height = height;
    this.margin = margin;
    this.svg.attr("viewBox", `0 0 ${this.width} ${height}`).attr("width", this.width).attr("height", height);
    return { left: margin.left, right: this.width - margin.right, top: margin.top, bottom: height - margin.bottom };
  }

  // A layer lies over those that were asked for before it. It is never moved again: what is in it would lose the focus.
  layer(name) {
    const found = this.svg.select(`g.${name}`);
    return found.empty() ? this.svg.append("g").attr("class", name) : found;
  }

  // Marks that can be pointed at and walked through, in the order of reading: {x, y, key, item}.
  marks(marks) {
    this.items = marks;
    if (!marks.some((mark) => mark.key === this.current)) this.current = marks.length ? marks[0].key : undefined;
    const chart = this;
    this.layer("targets").selectAll("circle").data(marks, (mark) => mark.key)
      .join((enter) => enter.append("circle").attr("r", 11).attr("class", "target").attr("role", "button")
        .on("focus", function (mark) { chart.current = mark.key; chart.tab(); chart.say(mark); })
        .on("blur", () => chart.say(null))
        .on("keydown", function () { chart.key(d3.event); }))
      .attr("cx", (mark) => mark.x).attr("cy", (mark) => mark.y)
      .attr("aria-label", (mark) => this.describe(mark.item));
    this.tab();
    this.refresh();
  }

  // One mark of a chart is in the order of Tab; arrows reach the others.
  tab() {
    this.layer("targets").selectAll("circle").attr("tabindex", (mark) => (mark.key === this.current ? 0 : -1));
  }

  key(event) {
    const at = this.items.findIndex((mark) => mark.key === this.current);
    const last = this.items.length - 1;
    const moves = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, Home: 0, End: last };
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (this.choose) this.choose(this.items[at].item);
    } else if (event.key in moves) {
      event.preventDefault();
      this.current = this.items[Math.max(0, Math.min(last, moves[event.key]))].key;
      this.tab();
      this.layer("targets").selectAll("circle").filter((mark) => mark.key === this.current).node().focus();
    }
  }

  nearest() {
    const [x, y] = d3.mouse(this.svg.node());
    let best = null;
    let distance = NEAR;
    for (const mark of this.items) {
      const away = Math.hypot(mark.x - x, mark.y - y);
      if (away < distance) [best, distance] = [mark, away];
    }
    return best;
  }

  point() { this.say(this.nearest()); }

  click() {
    const mark = this.nearest();
    this.say(mark);
    if (mark && this.choose) this.choose(mark.item);
  }

  say(mark) {
    this.spoken = mark ? mark.key : null;
    const text = mark ? kept(this.describe(mark.item)) : this.hint;
    if (this.detail.textContent !== text) this.detail.textContent = text;
    this.layer("targets").selectAll("circle").classed("pointed", (other) => mark !== null && other.key === mark.key);
  }

  // What is said follows new data.
  refresh() {
    if (this.spoken) this.say(this.items.find((mark) => mark.key === this.spoken) || null);
  }
}

// Round numbers of a log axis: the roundest first, others as far as there is room for them.
function logTicks(scale) {
  const [low, high] = scale.domain();
  const candidates = [];
  for (const step of [1, 2, 5, 3, 7, 4, 1.5, 6, 8]) {
    for (let decade = Math.floor(Math.log10(low)); decade <= Math.log10(high); ++decade) {
      const tick = step * 10 ** decade;
      if (tick >= low && tick <= high && Number.isInteger(tick)) candidates.push(tick);
    }
  }
  return roomy(candidates, scale, 46);
}

// Those of the candidates, the first ones first, that stand at least `room` pixels apart.
function roomy(candidates, scale, room) {
  const kept = [];
  for (const tick of candidates) {
    if (kept.every((other) => Math.abs(scale(other) - scale(tick)) >= room)) kept.push(tick);
  }
  return kept.sort(d3.ascending);
}

function drawX(chart, box, scale, title, format, log) {
  const axis = d3.axisBottom(scale).tickSizeOuter(0).tickPadding(6).tickFormat(format);
  if (log) axis.tickValues(logTicks(scale));
  else axis.tickValues(scale.ticks(52));
  chart.layer("x").attr("class", "x axis").attr("transform", `translate(0,${box.bottom})`).call(axis)
    .selectAll("text").attr("font-size", null);
  chart.layer("x").selectAll("text.title").data([title]).join("text").attr("class", "title")
    .attr("x", box.right).attr("y", 38).attr("text-anchor", "end").text((text) => text);
}

function drawY(chart, box, scale, title) {
  const axis = d3.axisLeft(scale).tickValues(scale.ticks(24)).tickSize(-(box.right - box.left)).tickPadding(6)
    .tickSizeOuter(0).tickFormat(plain);
  chart.layer("y").attr("class", "y axis").attr("transform", `translate(${box.left},0)`).call(axis).lower();
  chart.layer("y").selectAll("text.title").data([title]).join("text").attr("class", "title")
    .attr("x", -box.left + 2).attr("y", 12).attr("text-anchor", "start").text((text) => text);
}

// The dashed line of the threshold, across or upright ("upright"), with its words at the "left" or "right" end of it, or
// under its right end ("under").
function drawThreshold(chart, box, at, text, end) {
  const upright = end === "upright";
  const layer = chart.layer("threshold").attr("class", "threshold");
  const shown = at !== null && Number.isFinite(at);
  layer.selectAll("line").data(shown ? [at] : []).join("line")
    .attr("x1", upright ? at : box.left).attr("x2", upright ? at : box.right)
    .attr("y1", upright ? box.top : at).attr("y2", upright ? box.bottom : at);
  layer.selectAll("text").data(shown && text ? [text] : []).join("text").text((words) => goal(words))
    .attr("x", upright ? at : end === "left" ? box.left + 6 : box.right).attr("y", upright ? box.top - 6 : end === "under" ? at + 15 : at - 6)
    .attr("text-anchor", (upright ? at < (box.left + box.right) / 2 : end === "left") ? "start" : "end");
}

// What can be 1 at most: its distance from 1 is on a log axis, so that 0.95 and 0.99 stand as far apart as 0.75 and 0.95.
const UP_TO_ONE = new Set(["accuracy", "balanced_accuracy", "f1_macro", "auc", "r2"]);

const LEAST_SPAN = 0.3;  // of an axis, as a power of ten: about a factor of two

// A scale of scores (or of losses) whose errors are on a log axis. It shows all of `must`, and of `values` what is not far
// off; what lies beyond stands at the edge.
function scoreScale(metric, values, must, range) {
  const upToOne = UP_TO_ONE.has(metric);
  const error = (value) => (upToOne ? 1 - value : value);
  const errors = values.concat(must).filter(Number.isFinite).map(error);
  const positive = errors.filter((value) => value > 1e-9).sort(d3.ascending);
  const floor = positive.length ? Math.max(positive[0] / 2, 1e-6) : 0.01;  // where those without an error stand
  const bend = (value) => Math.log10(Math.max(error(value), floor));
  const back = (bent) => (upToOne ? 1 - 10 ** bent : 10 ** bent);
  const bent = values.filter(Number.isFinite).map(bend).sort(d3.ascending);
  const ends = must.filter(Number.isFinite).map(bend);
  if (bent.length) ends.push(d3.quantile(bent, 0.02), d3.quantile(bent, 0.98));
  let [low, high] = ends.length ? d3.extent(ends) : [-1, 0];
  const pad = Math.max(0.06 * (high - low), (LEAST_SPAN - (high - low)) / 2);
  [low, high] = [low - pad, high + pad];
  const base = d3.scaleLinear().domain(upToOne ? [high, low] : [low, high]).range(range);
  const [least, most] = d3.extent(range);
  const scale = (value) => Math.max(least, Math.min(most, base(bend(value))));
  scale.copy = () => scale;
  scale.range = () => range;
  scale.domain = () => base.domain().map(back);
  const perfect = errors.length > positive.length ? [upToOne ? 1 : 0] : [];
  const above = (tick) => error(tick) > (perfect.length ? 1.5 * floor : 0);
  scale.ticks = (room) => roomy(perfect.concat(scoreTicks(scale.domain(), back, low, high).filter(above)), scale, room);
  return scale;
}

// Round numbers between the ends, the roundest first.
function scoreTicks(domain, back, low, high) {
  const [first, last] = d3.extent(domain);
  if (high - low <= 0.5) return d3.ticks(first, last, 6);
  const candidates = [];
  for (let decade = Math.floor(low); decade <= Math.ceil(high); ++decade) {
    for (const step of [1, 5, 2]) candidates.push(Number(back(decade + Math.log10(step)).toPrecision(6)));
  }
  return candidates.filter((tick) => tick >= first && tick <= last);
}
