// The size ladder: parameters against validation score. Each shape that was tried stands at its best score, its trials
// are dots, and those that were decided without trials of their own stand in a strip under the plot.
"use strict";

function shapeWords(page, shape) {
  const verdict = VERDICTS[shape.verdict];
  const because = shape.because && shape.because !== "direct" ? ` (${shape.because})` : "";
  const start = `${hiddenWords(shape.hidden)}, ${counted(shape.parameters, "parameter")}: ${verdict.word}${because}`;
  if (!shape.tries) return `${start}; no trials of its own.`;
  const upper = shape.verdict === "NOT_GOOD_ENOUGH" && shape.pass_rate_upper !== null
    ? `, so its pass rate is at most ${percent(shape.pass_rate_upper)}` : "";
  return `${start}. ${count(shape.passes)} of ${counted(shape.tries, "trial")} passed${upper}; best ${page.goal.metric} ` +
    `${score(page.goal.metric, shape.best_score)}, median ${score(page.goal.metric, shape.median)}.`;
}

// A small shift to the side, always the same for a trial, so that dots of one shape do not hide each other.
const sway = (trial) => ((trial * 2654435761) % 4294967296) / 4294967296 - 0.5;

class LadderChart {
  constructor(place, choose) {
    this.chart = new Chart(place, {
      label: "The size ladder: each shape by its parameters and its best validation score. Arrow keys walk from shape to shape, Enter chooses one.",
      hint: "Point at a shape, or walk through them with Tab and the arrow keys. A click or Enter chooses it for the charts below.",
      describe: (shape) => shapeWords(this.page, shape),
      choose,
    });
    this.chart.draw = () => this.draw();
  }

  update(page, chosen) {
    this.page = page;
    this.chosen = chosen;
    this.draw();
  }

  draw() {
    const page = this.page;
    if (!page) return;
    const narrow = this.chart.place.clientWidth < 520;
    const box = this.chart.begin(narrow ? 380 : 460, { left: 48, right: 14, top: 50, bottom: 86 });
    const sizes = page.shapes.map((shape) => Math.max(1, shape.parameters));
    const x = d3.scaleLog().domain([d3.min(sizes) / 1.15 || 1, d3.max(sizes) * 1.15 || 10]).range([box.left, box.right]);
    const best = page.shapes.map((shape) => shape.best_score).filter((value) => value !== null);
    const y = scoreScale(page.goal.metric, page.dots.map((dot) => dot[6]), best.concat(page.goal.value ?? []),
      [box.bottom, box.top]);
    const lower = page.goal.higher_is_better ? "higher is better" : "lower is better";
    drawY(this.chart, box, y, `${page.goal.metric} on validation, ${lower}`);
    const strip = box.bottom + 22;
    drawX(this.chart, { ...box, bottom: strip + 12 }, x, "parameters", (value) => d3.format("~s")(value), true);
    this.drawStrip(box, strip);
    this.drawDots(x, y);
    // The words of the threshold stand on the side of those that miss it: there is more room at that end.
    const side = page.goal.higher_is_better ? "under" : "right";
    drawThreshold(this.chart, box, page.goal.value === null ? null : y(page.goal.value), page.goal.text, side);
    this.drawShapes(box, x, y, strip);
  }

  drawStrip(box, strip) {
    this.chart.layer("strip").selectAll("rect").data([0]).join("rect").attr("x", box.left).attr("y", strip - 11)
      .attr("width", box.right - box.left).attr("height", 22);
  }

  drawDots(x, y) {
    const at = new Map(this.page.shapes.map((shape) => [shape.shape, shape]));
    const dots = this.page.dots.filter((dot) => dot[6] !== null && at.has(dot[0]));
    this.chart.layer("dots").selectAll("circle").data(dots, (dot) => dot[1]).join("circle").attr("r", 1.8)
      .attr("class", (dot) => (dot[2] === "PASSED" ? "passed" : "missed"))
      .attr("cx", (dot) => x(at.get(dot[0]).parameters) + 7 * sway(dot[1])).attr("cy", (dot) => y(dot[6]));
  }

  drawShapes(box, x, y, strip) {
    const marks = this.page.shapes.map((shape) => ({
      key: shape.shape,
      item: shape,
      x: x(Math.max(1, shape.parameters)),
      y: shape.tries && shape.best_score !== null ? y(shape.best_score) : strip,
    }));
    const answer = this.page.answer.answer;
    const isAnswer = (shape) => answer !== null && shape.hidden === layers(answer.hidden);
    this.chart.layer("shapes").selectAll("path").data(marks, (mark) => mark.key).join("path")
      .attr("class", (mark) => `shape ${VERDICTS[mark.item.verdict].className}`)
      .classed("small", (mark) => mark.y === strip)
      .classed("chosen", (mark) => mark.key === this.chosen)
      .attr("d", (mark) => symbolPath(mark.item.verdict, mark.y === strip ? 26 : 64))
      .attr("transform", (mark) => `translate(${mark.x},${mark.y}) ${symbolTurn(mark.item.verdict)}`);
    const rings = marks.filter((mark) => mark.key === this.chosen);
    this.chart.layer("rings").selectAll("circle").data(rings).join("circle").attr("r", 10)
      .attr("cx", (mark) => mark.x).attr("cy", (mark) => mark.y);
    this.drawAnswer(box, marks.filter((mark) => isAnswer(mark.item)));
    this.chart.marks(marks);
  }

  // What keeps the best network so far from being the answer.
  doubt() {
    if (["RUNNING", "PAUSED", "QUEUED"].includes(this.page.job.state)) return ", so far";
    return this.page.job.confirmed === false ? ", not confirmed" : "";
  }

  drawAnswer(box, marks) {
    const layer = this.chart.layer("answer");
    layer.selectAll("line").data(marks).join("line").attr("x1", (mark) => mark.x).attr("x2", (mark) => mark.x)
      .attr("y1", (mark) => mark.y - 9).attr("y2", box.top - 6);
    layer.selectAll("text").data(marks).join("text").attr("y", box.top - 10)
      .attr("x", (mark) => mark.x)
      .attr("text-anchor", (mark) => (mark.x > (box.left + box.right) / 2 ? "end" : "start"))
      .text((mark) => `${layers(mark.item.hidden)}, ${counted(mark.item.parameters, "parameter")}${this.doubt()}`);
  }
}

function ladderLegend(page) {
  const entry = (className, mark, text) => make("li", {}, make("span", { class: `mark ${className}`, "aria-hidden": "true" }, mark), text);
  const verdict = (name) => entry(VERDICTS[name].className, VERDICTS[name].mark, VERDICTS[name].word);
  return make("ul", { class: "legend" }, verdict("GOOD_ENOUGH"), verdict("NOT_GOOD_ENOUGH"), verdict("UNDECIDED"),
    entry("dot-passed", "•", "a trial that passed"), entry("dot-missed", "•", "a trial that missed"),
    entry("strip-mark", "▭", "decided or open without trials of its own"));
}
