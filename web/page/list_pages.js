// The list of jobs, and that of workers.
"use strict";

const ACTIVE = (job) => job.state === "RUNNING" || job.characterising;

class JobsPage {
  constructor(main) {
    this.head = main.appendChild(make("section", { class: "head", "aria-label": "Jobs" }, make("h1", {}, "Jobs")));
    this.body = main.appendChild(make("section", { "aria-label": "All jobs" }));
    this.paces = new Map();  // by job
  }

  paceOf(job, now) {
    if (!ACTIVE(job)) return "";
    if (!this.paces.has(job.job)) this.paces.set(job.job, new Pace());
    return this.paces.get(job.job).note(now, job.trials_reported);
  }

  update(page, now) {
    document.title = "Jobs – Minnow";
    const splits = d3.nest().key((job) => job.split_of).object(page.jobs.filter((job) => job.split_of));
    const jobs = page.jobs.filter((job) => !job.split_of);
    const paces = new Map(page.jobs.map((job) => [job.job, this.paceOf(job, now)]));
    if (!jobs.length) {
      fill(this.body, make("div", { class: "empty" }, paragraph("There is no job yet."), make("p", {}, "Ask the first question: ",
        make("code", {}, "minnow submit TABLE.csv --target COLUMN --good-enough \"accuracy >= 0.95\""))));
      return;
    }
    const more = page.total > page.jobs.length ? paragraph(`Shown are the ${count(page.jobs.length)} newest of ${count(page.total)} jobs.`, "quiet") : null;
    fill(this.body, make("ul", { class: "jobs" }, jobs.map((job) => this.row(job, paces, splits[job.job] || []))), more);
  }

  row(job, paces, splits) {
    const answer = job.hidden
      ? make("span", {}, make("strong", {}, hiddenWords(job.hidden)), ` ${counted(job.parameters, "parameter")}`,
        job.confirmed === false ? ", not confirmed" : job.confirmed ? ", confirmed" : job.state === "RUNNING" ? " so far" : "")
      : make("span", { class: "quiet" }, job.state === "RUNNING" ? "none so far" : job.state === "QUEUED" ? "" : "none");
    const name = job.name || `${job.target} of ${job.data}`;
    const decided = job.shapes - job.open_shapes;
    const going = ACTIVE(job) || job.state === "PAUSED";
    const splitsDone = splits.filter((split) => !["QUEUED", "RUNNING", "PAUSED"].includes(split.state)).length;
    return make("li", {}, make("article", {},
      make("h2", {}, make("a", { href: `/jobs/${number(job.job)}`, "data-key": job.job }, name), " ", badge(job.state, job.characterising ? "adding" : null, job.confirmed)),
      make("p", { class: "answer" }, answer),
      going ? make("p", { class: "progress" }, make("progress", { max: job.shapes || 1, value: decided, "aria-label": `progress of ${job.job}` }), " ",
        `${count(decided)} of ${counted(job.shapes, "shape")}`, make("span", { class: "rate" }, paces.get(job.job))) : null,
      make("p", { class: "quiet" }, [`${job.job}: ${goal(job.goal)} for “${job.target}” in ${job.data}`, counted(job.trials_reported ?? job.trials, "trial"), duration(job.seconds),
        job.label ? `label ${job.label}` : null, job.owner ? `by ${job.owner}` : null,
        splits.length ? `${splitsDone} of ${counted(splits.length, "other split")} done` : null].filter(Boolean).join(" · "))));
  }
}

class WorkersPage {
  constructor(main) {
    this.head = main.appendChild(make("section", { class: "head", "aria-label": "Workers" }, make("h1", {}, "Workers")));
    this.body = main.appendChild(make("section", { "aria-label": "All workers" }));
  }

  update(page) {
    document.title = "Workers – Minnow";
    if (!page.workers.length) {
      fill(this.body, make("div", { class: "empty" }, paragraph("No worker has ever been here, so nothing is trained."),
        make("p", {}, "Start one: ", make("code", {}, "minnow-worker --server HOST:7077"))));
      return;
    }
    const state = (row) => (row.standing === "quarantined" ? row.standing : !row.connected ? "gone" : row.standing === "good" ? "connected" : row.standing);
    fill(this.body, table("All workers", [
      { title: "worker", cell: (row) => row.worker },
      { title: "state", cell: (row) => make("span", { class: `badge worker-${state(row)}` }, state(row)) },
      { title: "threads", right: true, cell: (row) => count(row.threads) },
      { title: "kernels", cell: (row) => row.processor },
      { title: "doing", cell: (row) => (row.job ? make("a", { href: `/jobs/${number(row.job)}`, "data-key": row.worker }, `${row.job} ${row.hidden ? layers(row.hidden) : ""}`) : row.connected ? "idle" : "") },
      { title: "slices", right: true, cell: (row) => count(row.leases) },
      { title: "trials", right: true, cell: (row) => count(row.trials) },
      { title: "epochs", right: true, cell: (row) => count(row.epochs) },
      { title: "samples/s", right: true, cell: (row) => (row.samples_per_second === null ? "" : count(Math.round(row.samples_per_second))) },
      { title: "last heard (UTC)", cell: (row) => timeElement(row.last_heard_time) },
    ], page.workers), page.workers.filter((row) => row.trouble).map((row) => paragraph(`${row.worker}: ${row.trouble}`, "why")));
  }
}
