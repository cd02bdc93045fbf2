// Rows of ranges: from the worst to the best score, the middle half thick, the median as a stroke. For the comparison of
// initial weights and for the spread over seeds.
"use strict";

class RangesChart {
  // `name(row)`: what stands at the left of a row.
  constructor(place, { label, name }) {
    this.name = name;
    this.chart = new Chart(place, {
      label: `${label} Arrow keys walk from row to row.`,
      hint: "Point at a row, or walk through them with Tab and the arrow keys.",
      describe: (row) => this.words(row),
    });
    this.chart.draw = () => this.draw();
  }

  update(page, rows) {
    this.page = page;
    this.rows = rows;
    this.draw();
  }

  words(row) {
    const say = (value) => score(this.page.goal.metric, value);
    const none = row.no_score ? `; ${count(row.no_score)} had no score` : "";
    return `${this.name(row)}: ${count(row.passes)} of ${counted(row.tries, "trial")} passed; ${this.page.goal.metric} ` +
      `from ${say(row.worst)} to ${say(row.best)}, median ${say(row.median)}, half of them between ${say(row.low)} and ` +
      `${say(row.high)}${none}.`;
  }

  draw() {
    if (!this.page) return;
    const place = this.chart.place;
    const step = place.clientWidth < 520 ? 44 : 30;
    const stacked = place.clientWidth < 520;
    const longest = d3.max(this.rows, (row) => this.name(row).length) || 4;
    const left = stacked ? 8 : Math.min(330, 24 + 7 * longest);
    const box = this.chart.begin(30 + step * Math.max(1, this.rows.length) + 44, { left, right: stacked ? 58 : 84, top: 30, bottom: 44 });
    const values = this.rows.flatMap((row) => [row.worst, row.low, row.median, row.high, row.best]);
    const threshold = this.page.goal.value;
    const best = this.rows.map((row) => row.best);
    const x = scoreScale(this.page.goal.metric, values, best.concat(threshold ?? []), [box.left, box.right]);
    const high = (row, index) => box.top + step * (index + (stacked ? 0.68 : 0.5));
    drawX(this.chart, box, x, `best ${this.page.goal.metric} of each trial`, plain, false);
    drawThreshold(this.chart, box, threshold === null ? null : x(threshold), this.page.goal.text, "upright");
    this.drawRows(x, high, box, stacked);
  }

  drawRows(x, high, box, stacked) {
    const rows = this.rows.map((row, index) => ({ row, y: high(row, index), key: this.name(row) }));
    const where = (value, instead) => x(value === null ? instead : value);
    const groups = this.chart.layer("ranges").selectAll("g").data(rows, (entry) => entry.key).join((enter) => {
      const group = enter.append("g");
      for (const part of ["whole", "half", "median"]) group.append("line").attr("class", part);
      group.append("text").attr("class", "name");
      group.append("text").attr("class", "passes");
      return group;
    }).attr("transform", (entry) => `translate(0,${entry.y})`);
    const line = (part, from, to) => groups.select(`line.${part}`)
      .attr("display", (entry) => (entry.row.best === null ? "none" : null))
      .attr("x1", (entry) => where(from(entry.row), entry.row.best)).attr("x2", (entry) => where(to(entry.row), entry.row.best));
    line("whole", (row) => row.worst, (row) => row.best);
    line("half", (row) => row.low, (row) => row.high);
    line("median", (row) => row.median, (row) => row.median).attr("y1", -8).attr("y2", 8);
    groups.select("text.name").text((entry) => entry.key).attr("x", stacked ? box.left : box.left - 12)
      .attr("y", stacked ? -12 : 4).attr("text-anchor", stacked ? "start" : "end");
    groups.select("text.passes").text((entry) => `${count(entry.row.passes)} of ${count(entry.row.tries)}`)
      .attr("x", box.right + 8).attr("y", 4);
    this.chart.layer("heading").selectAll("text").data(["passed"]).join("text").attr("class", "passes")
      .attr("x", box.right + 8).attr("y", box.top - 6).text((text) => text);
    this.chart.marks(rows.map((entry) => ({
      key: entry.key, item: entry.row, x: where(entry.row.median, entry.row.best) || box.left, y: entry.y,
    })));
  }
}
