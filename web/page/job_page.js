// The page of one job, live or saved.
"use strict";

class JobPage {
  // Builds the sections once; `update` fills them.
  constructor(main, { saved }) {
    this.saved = saved;
    this.pace = new Pace();
    this.main = main;
    this.head = main.appendChild(make("section", { class: "head", "aria-label": "The answer" }));
    this.section("ladder", "The size ladder",
      "Each shape stands at the best score of its trials, met at two epochs running: so much it takes to pass. Wanted is the smallest one that meets the threshold.");
    this.section("closer", "A closer look at one shape", "");
    this.section("inits", "Initial weights", "The best score of each trial, by how its weights began, over all shapes.");
    this.section("certificate", "The certificate", "");
    this.section("splits", "Other splits of the rows", "The same question asked of the same rows, split otherwise.");
    this.section("spent", "What it cost", "");
    this.section("workers", "Workers", "Who trained what of this job.");
    this.section("events", "What happened", "");
    this.buildLadder();
    this.buildCloser();
    this.inits = new RangesChart(this.charts("inits"), { label: "Initial weights.", name: (row) => row.init });
  }

  section(name, title, introduction) {
    const id = `${name}-title`;
    const section = make("section", { class: name, "aria-labelledby": id }, make("h2", { id }, title),
      paragraph(introduction, "quiet"));
    this[`${name}Section`] = this.main.appendChild(section);
  }

  charts(name) { return this[`${name}Section`].appendChild(make("div", { class: "plot" })); }
  body(name) {
    const section = this[`${name}Section`];
    return section.querySelector(":scope > .body") || section.appendChild(make("div", { class: "body" }));
  }

  buildLadder() {
    this.ladderKey = this.ladderSection.appendChild(make("div", {}));
    this.ladder = new LadderChart(this.charts("ladder"), (shape) => this.choose(shape.shape));
  }

  buildCloser() {
    const section = this.closerSection;
    this.select = make("select", { id: "shape" });
    this.select.addEventListener("change", () => this.choose(Number(this.select.value)));
    const what = (value, text) => make("label", {}, make("input", { type: "radio", name: "what", value, checked: value === "scores" }), text);
    this.what = "scores";
    const choice = make("fieldset", { class: "choice" }, make("legend", { class: "unseen" }, "What the curves show"),
      what("scores", "validation score"), what("losses", "training loss"));
    choice.addEventListener("change", (event) => { this.what = event.target.value; this.updateCloser(); });
    section.append(make("div", { class: "controls" }, make("label", { for: "shape" }, "Shape"), this.select, choice));
    this.shapeText = section.appendChild(make("p", { class: "shape-words" }));
    section.append(make("h3", {}, "Learning curves"), curvesLegend());
    this.curvesPlace = this.charts("closer");
    this.curves = new CurvesChart(this.curvesPlace);
    this.noCurves = section.appendChild(make("p", { class: "quiet" }, "No trial of this shape has counted yet."));
    section.append(make("h3", {}, "Spread over seeds"),
      paragraph("Each row is a recipe. All that differs between its trials is the seed: the initial weights.", "quiet"));
    this.seedsPlace = this.charts("closer");
    this.seeds = new RangesChart(this.seedsPlace, { label: "The spread over seeds.", name: (row) => this.recipeName(row) });
  }

  // Of a recipe, what differs between the recipes of this job.
  recipeName(row) {
    const varied = (key) => new Set(this.page.recipes.map((recipe) => recipe[key])).size > 1;
    const parts = [row.init];
    if (varied("activation")) parts.push(row.activation);
    if (varied("optimizer")) parts.push(row.optimizer);
    parts.push(rate(row.learning_rate));
    if (varied("batch_size")) parts.push(`batches of ${row.batch_size}`);
    if (varied("weight_decay")) parts.push(`weight decay ${plain(row.weight_decay)}`);
    return parts.join(", ");
  }

  choose(shape) {
    this.chosen = shape;
    this.updateCloser();
    this.ladder.update(this.page, this.chosen);
  }

  // The answer's shape, or else that with the best score.
  defaultShape() {
    const page = this.page;
    const answer = page.answer.answer ? layers(page.answer.answer.hidden) : null;
    const found = page.shapes.find((shape) => shape.hidden === answer);
    if (found) return found.shape;
    const sign = page.goal.higher_is_better ? 1 : -1;
    const tried = page.shapes.filter((shape) => shape.tries);
    const scored = tried.filter((shape) => shape.best_score !== null);
    const best = d3.least(scored.length ? scored : tried, (a, b) => sign * (b.best_score - a.best_score));
    return best ? best.shape : null;
  }

  // `now`: milliseconds, of a page that is live.
  update(page, now) {
    this.page = page;
    const speed = this.saved ? "" : this.pace.note(now, page.job.trials + page.job.trained_beside);
    document.title = `${page.job.job}${page.job.name ? ` ${page.job.name}` : ""}: ${STATES[page.job.state]} – Minnow`;
    fill(this.head, jobHead(page, this.saved, speed));
    fill(this.ladderKey, ladderLegend(page));
    const chosen = this.chosen !== undefined && page.shapes.some((shape) => shape.shape === this.chosen);
    this.ladder.update(page, chosen ? this.chosen : this.defaultShape());
    this.updateCloser();
    const inits = page.inits.length > 0;
    this.initsSection.hidden = !inits;
    if (inits) this.inits.update(page, page.inits);
    fill(this.body("ladder"), leftOut(page), shapeTable(page, "Every shape as a table", page.shapes));
    fill(this.body("certificate"), certificate(page));
    fill(this.body("splits"), splits(page));
    this.splitsSection.hidden = page.answer.splits.length === 0;
    fill(this.body("spent"), spent(page));
    fill(this.body("workers"), workersOfJob(page));
    this.workersSection.hidden = page.workers.length === 0;
    fill(this.body("events"), events(page));
  }

  updateCloser() {
    const page = this.page;
    const tried = page.shapes.filter((shape) => shape.tries);
    this.closerSection.hidden = tried.length === 0;
    if (!tried.length) return;
    const known = this.chosen !== undefined && page.shapes.some((shape) => shape.shape === this.chosen);
    const chosen = known ? this.chosen : this.defaultShape();
    const shape = page.shapes.find((row) => row.shape === chosen);
    const listedShapes = tried.includes(shape) ? tried : tried.concat([shape]).sort((a, b) => a.shape - b.shape);
    fill(this.select, listedShapes.map((row) =>
      make("option", { value: row.shape }, `${hiddenWords(row.hidden)} – ${count(row.parameters)}`)));
    this.select.value = String(chosen);
    this.shapeText.textContent = kept(shapeWords(page, shape));
    const rows = page.recipes.filter((row) => row.shape === chosen);
    this.curvesPlace.hidden = !shape.tries;
    this.seedsPlace.hidden = !rows.length;
    this.noCurves.hidden = Boolean(shape.tries);
    if (shape.tries) this.curves.update(page, chosen, this.what);
    if (rows.length) this.seeds.update(page, rows);
  }
}

function leftOut(page) {
  return page.left_out.map((sentence) => paragraph(sentence, "quiet note"));
}
