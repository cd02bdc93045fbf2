// Chooses the page by the address; a saved report has its document in itself.
"use strict";

function start() {
  const main = document.getElementById("main");
  const saved = document.getElementById("document");
  if (saved) {
    new JobPage(main, { saved: true }).update(JSON.parse(saved.textContent));
  } else {
    const path = location.pathname;
    const job = path.match(/^\/jobs\/(\d+)$/);
    for (const link of document.querySelectorAll("nav a")) {
      if (link.getAttribute("href") === path) link.setAttribute("aria-current", "page");
    }
    if (job) {
      new Live(`/api/jobs/${job[1]}`, main, (place) => new JobPage(place, { saved: false }),
        (page) => ["RUNNING", "QUEUED"].includes(page.job.state) || page.job.characterising);
    } else if (path === "/workers") {
      new Live("/api/workers", main, (place) => new WorkersPage(place), () => true);
    } else {
      new Live("/api/jobs", main, (place) => new JobsPage(place), (page) => page.jobs.some(ACTIVE));
    }
  }
  // Paper cannot be unfolded: the certificate is printed with its shapes.
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll(".certificate details:not([open])")) {
      details.open = true;
      details.dataset.printed = "yes";
    }
  });
  window.addEventListener("afterprint", () => {
    for (const details of document.querySelectorAll("details[data-printed]")) {
      details.open = false;
      delete details.dataset.printed;
    }
  });
}

document.addEventListener("DOMContentLoaded", start);
