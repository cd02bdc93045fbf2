// Learning curves: validation score or training loss against the epoch, on a log axis. The best and the median trial of
// the chosen shape stand out against the best of the others.
"use strict";

class CurvesChart {
  constructor(place) {
    this.chart = new Chart(place, {
      label: "Learning curves of the chosen shape. Arrow keys walk along its points.",
      hint: "Point at a curve, or walk along the points with Tab and the arrow keys.",
      describe: (point) => this.words(point),
    });
    this.chart.draw = () => this.draw();
  }

  update(page, chosen, what) {
    this.page = page;
    this.chosen = chosen;
    this.what = what;
    this.draw();
  }

  words(point) {
    const curve = point.curve;
    const metric = this.what === "scores" ? this.page.goal.metric : "training loss";
    const value = this.what === "scores" ? score(metric, point.value) : plain(point.value);
    return `${curve.name} (trial ${count(curve.trial)}) at epoch ${point.epoch}: ${metric} ${value}.`;
  }

  // The curves of the chosen shape, the most important last, so that it lies on top.
  curves() {
    const chosen = this.page.curves.filter((curve) => curve.shape === this.chosen);
    const named = chosen.map((curve) => {
      const kind = ["answer", "best", "median"].find((name) => curve.kinds.includes(name));
      const names = { answer: "The answer", best: "The best trial", median: "The median trial" };
      return { ...curve, kind, name: names[kind] };
    });
    return named.sort((a, b) => ["median", "best", "answer"].indexOf(a.kind) - ["median", "best", "answer"].indexOf(b.kind));
  }

  points(curve) {
    return curve.epochs.map((epoch, index) => ({ epoch, value: curve[this.what][index], curve }))
      .filter((point) => point.value !== null);
  }

  draw() {
    const page = this.page;
    if (!page) return;
    const box = this.chart.begin(300, { left: 52, right: 14, top: 34, bottom: 48 });
    const mine = this.curves();
    const others = page.curves.filter((curve) => curve.shape !== this.chosen && curve.kinds.includes("best"));
    const all = mine.concat(others).flatMap((curve) => this.points(curve));
    const threshold = this.what === "scores" ? page.goal.value : null;
    const own = mine.flatMap((curve) => this.points(curve).map((point) => point.value));
    const x = d3.scaleLog().domain([1, Math.max(2, page.epochs)]).range([box.left, box.right]);
    const y = scoreScale(this.what === "scores" ? page.goal.metric : "loss", all.map((point) => point.value),
      own.concat(threshold ?? []), [box.bottom, box.top]);
    const title = this.what === "scores" ? `${page.goal.metric} on validation` : "training loss";
    drawY(this.chart, box, y, title);
    drawX(this.chart, box, x, "epoch", (value) => plain(value), true);
    drawThreshold(this.chart, box, threshold === null ? null : y(threshold), page.goal.text, "left");
    this.drawLines(x, y, mine, others);
  }

  drawLines(x, y, mine, others) {
    const line = d3.line().x((point) => x(point.epoch)).y((point) => y(point.value));
    this.chart.layer("others").selectAll("path").data(others, (curve) => curve.trial).join("path")
      .attr("class", "other").attr("d", (curve) => line(this.points(curve)));
    this.chart.layer("mine").selectAll("path").data(mine, (curve) => curve.trial).join("path").order()
      .attr("class", (curve) => `curve ${curve.kind}`).attr("d", (curve) => line(this.points(curve)));
    const points = [...mine].reverse().flatMap((curve) => this.points(curve));
    const marks = points.map((point) => ({
      key: `${point.curve.trial}/${point.epoch}`, item: point, x: x(point.epoch), y: y(point.value),
    }));
    this.chart.layer("points").selectAll("circle").data(marks, (mark) => mark.key).join("circle").attr("r", 3)
      .attr("class", (mark) => mark.item.curve.kind).attr("cx", (mark) => mark.x).attr("cy", (mark) => mark.y);
    this.chart.marks(marks);
  }
}

function curvesLegend() {
  const entry = (kind, text) => make("li", {}, make("span", { class: `line ${kind}`, "aria-hidden": "true" }), text);
  return make("ul", { class: "legend" }, entry("answer", "the answer"), entry("best", "best trial of the shape"),
    entry("median", "median trial of the shape"), entry("other", "best trials of the other shapes"));
}
