// The parts of a job's page that are words and tables.
"use strict";

function tile(label, value, note) {
  return make("div", { class: "tile" }, make("dt", {}, label), make("dd", {}, make("strong", {}, value), note ? make("small", {}, note) : null));
}

function tiles(page) {
  const answer = page.answer.answer;
  const metric = page.goal.metric;
  const list = [];
  if (answer) {
    const looked = answer.test_score !== null;
    list.push(tile("hidden layers", hiddenWords(answer.hidden), `${count(answer.parameters)} parameters`));
    list.push(tile(`validation ${metric}`, score(metric, answer.validation_score), `wanted: ${goal(page.goal.text).replace(`${metric} `, "")}`));
    const interval = answer.test_interval
      ? `${score(metric, answer.test_interval[0])} to ${score(metric, answer.test_interval[1])}` : null;
    list.push(tile(`test ${metric}`, looked ? score(metric, answer.test_score) : "not opened", interval));
    const passRate = page.answer.pass_rate;
    if (passRate) {
      list.push(tile("fresh seeds that pass", `${count(passRate.passes)} of ${count(passRate.tries)}`,
        `${percent(passRate.interval[0])} to ${percent(passRate.interval[1])}`));
    }
  }
  const beside = page.job.trained_beside ? `, ${count(page.job.trained_beside)} trials beside` : "";
  list.push(tile("trials that count", count(page.job.trials), `${counted(page.job.epochs, "epoch")}${beside}`));
  list.push(tile("time", duration(page.answer.seconds.search + page.answer.seconds.characterise), null));
  return make("dl", { class: "tiles" }, list);
}

// How much of what must be decided is decided, while that goes on.
function progress(page, speed) {
  if (!["RUNNING", "QUEUED", "PAUSED"].includes(page.job.state) || !page.shapes.length) return null;
  const open = page.shapes.filter((shape) => shape.verdict === "UNDECIDED" && shape.smaller).length;
  const shown = page.shapes.length;
  const words = `${count(shown - open)} of ${counted(shown, "shape")} decided or not needed`;
  return make("p", { class: "progress" }, make("progress", { max: shown, value: shown - open, "aria-label": words }), " ", words,
    speed ? make("span", { class: "rate" }, speed) : null);
}

function jobHead(page, saved, speed) {
  const job = page.job;
  const words = page.words;
  const moreLines = words.test.flatMap((passage) => [paragraph(passage.text),
    passage.lines.length ? make("ul", {}, passage.lines.map((line) => make("li", {}, line))) : null]);
  return [
    make("p", { class: "trail" }, saved ? null : make("a", { href: "/", "data-key": "jobs" }, "Jobs"), saved ? null : " / ", job.job,
      job.split_of && !saved ? [" is a split of ", make("a", { href: `/jobs/${number(job.split_of)}`, "data-key": "parent" }, job.split_of)] : null),
    make("div", { class: "title" }, make("h1", {}, job.name || job.job), badge(job.state, job.characterising ? "more is being added" : null, job.confirmed)),
    make("p", { class: "headline" }, words.headline),
    paragraph(page.why_still, "why"),
    paragraph(words.more_to_come),
    progress(page, speed),
    tiles(page),
    paragraph(words.question, "quiet"), paragraph(words.threshold_rule, "quiet"),
    words.network.length ? listed(words.network) : null,
    moreLines,
    paragraph(words.advice),
  ];
}

function shapeTable(page, title, shapes) {
  if (!shapes.length) return null;
  const metric = page.goal.metric;
  const own = (shape, value) => (shape.tries ? value : "");
  const byWork = page.goal.order_by === "multiply_adds";
  const columns = [
    { title: "hidden", cell: (shape) => shape.hidden },
    { title: "parameters", right: true, cell: (shape) => count(shape.parameters) },
    byWork ? { title: "multiply-adds", right: true, cell: (shape) => count(shape.multiply_adds) } : null,
    { title: "verdict", cell: (shape) => make("span", { class: `verdict ${VERDICTS[shape.verdict].className}` },
      make("span", { class: "mark", "aria-hidden": "true" }, VERDICTS[shape.verdict].mark), VERDICTS[shape.verdict].word) },
    { title: "because", cell: (shape) => shape.because },
    { title: "tries", right: true, cell: (shape) => own(shape, count(shape.tries)) },
    { title: "stopped", right: true, cell: (shape) => own(shape, count(shape.tries - shape.finished)) },
    { title: "passes", right: true, cell: (shape) => own(shape, count(shape.passes)) },
    { title: "best", right: true, cell: (shape) => own(shape, score(metric, shape.best_score)) },
    { title: "median", right: true, cell: (shape) => own(shape, score(metric, shape.median)) },
    { title: "pass rate", right: true, cell: (shape) => (shape.verdict === "NOT_GOOD_ENOUGH" && shape.pass_rate_upper !== null
      ? `≤ ${percent(shape.pass_rate_upper)}` : "") },
  ].filter((column) => column !== null);
  return make("details", { "data-key": title, open: shapes.length <= 12 }, make("summary", {}, `${title} (${count(shapes.length)})`),
    table(title, columns, shapes));
}

function certificate(page) {
  const smaller = page.shapes.filter((shape) => shape.smaller && shape.verdict !== "UNDECIDED");
  const open = page.shapes.filter((shape) => shape.smaller && shape.verdict === "UNDECIDED");
  return [make("p", {}, page.words.certificate), listed(page.words.meanings),
    shapeTable(page, page.answer.answer ? "The smaller shapes" : "The rejected shapes", smaller),
    shapeTable(page, "The undecided shapes", open)];
}

function splits(page) {
  if (!page.answer.splits.length) return null;
  const own = page.answer.answer;
  const rows = [{ split_seed: page.job.split_seed, hidden: own ? own.hidden : null, parameters: own ? own.parameters : null,
    state: page.job.state, job: page.job.job, confirmed: page.job.confirmed, own: true }].concat(page.answer.splits);
  const most = d3.max(rows, (row) => row.parameters) || 1;
  return table("Other splits of the rows", [
    { title: "split seed", cell: (row) => `${row.split_seed}${row.own ? " (this job)" : ""}` },
    { title: "state", cell: (row) => badge(row.state, null, row.confirmed) },
    { title: "answer", cell: (row) => (row.hidden ? layers(row.hidden) : "none") },
    { title: "parameters", right: true, cell: (row) => count(row.parameters) },
    { title: "", cell: (row) => (row.parameters ? make("meter", { max: most, value: row.parameters, "aria-hidden": "true" }) : "") },
  ], rows);
}

function spent(page) {
  const budgets = [["trials", page.job.trials, count], ["epochs", page.job.epochs, count], ["seconds", page.answer.seconds.search, duration]]
    .filter(([name]) => page.budget[name] !== null)
    .map(([name, value, say]) => make("p", { class: "progress" },
      make("progress", { max: page.budget[name], value: Math.min(value, page.budget[name]), "aria-label": `budget of ${name}` }), " ",
      `${say(value)} of a budget of ${say(page.budget[name])}${name === "seconds" ? "" : ` ${name}`}`));
  return [paragraph(page.words.spent), budgets.length ? budgets : paragraph("No budget was set.", "quiet")];
}

function workersOfJob(page) {
  return table("Workers", [
    { title: "worker", cell: (row) => row.worker || "(this machine)" },
    { title: "trials", right: true, cell: (row) => count(row.trials) },
    { title: "epochs", right: true, cell: (row) => count(row.epochs) },
    { title: "training", right: true, cell: (row) => duration(row.train_seconds) },
    { title: "in its hands", right: true, cell: (row) => (row.leases ? counted(row.leases, "slice") : "") },
    { title: "last result (UTC)", cell: (row) => timeElement(row.last_time) },
  ], page.workers);
}

function events(page) {
  if (!page.events.length) return paragraph("Nothing yet.", "quiet");
  return make("ol", { class: "events" }, [...page.events].reverse().map((event) =>
    make("li", {}, timeElement(event.time), make("span", { class: "kind" }, event.kind), make("span", {}, event.text))));
}
