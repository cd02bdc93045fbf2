// What people do with the pages. Called as: node scenarios.mjs NAME, with what a scenario needs in the environment.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { DESK, PHONE, inBrowser, overhang, textOf, words } from "./browser.mjs";

const env = process.env;
const grouped = (number) => Number(number).toLocaleString("en-US");

// The page of job 1 says what SQLite holds, and what `minnow answer` prints. FACTS has the rows, ANSWER the text.
async function shows(page, address) {
  const facts = JSON.parse(readFileSync(env.FACTS, "utf8"));
  const [network] = facts.answers;
  await page.goto(address);
  await page.locator(".ladder .shapes path").first().waitFor();
  const count = (selector) => page.locator(selector).count();
  assert.equal(await count(".ladder .shapes path"), facts.shapes.length);
  for (const [verdict, className] of [["GOOD_ENOUGH", "good"], ["NOT_GOOD_ENOUGH", "bad"], ["UNDECIDED", "open"]]) {
    const rows = facts.shapes.filter((shape) => shape.verdict === verdict);
    assert.equal(await count(`.ladder .shapes path.${className}`), rows.length, verdict);
  }
  assert.equal(await count(".ladder .dots circle"), facts.trials.filter((trial) => trial.best_score !== null).length);
  assert.equal(await count(".ladder .dots circle.passed"), facts.trials.filter((trial) => trial.state === "PASSED").length);
  const rows = page.locator(".ladder tbody tr");
  for (const [index, shape] of facts.shapes.entries()) {
    const cells = await rows.nth(index).locator("th, td").allTextContents();
    assert.equal(cells[0], shape.hidden);
    assert.equal(cells[1], grouped(shape.parameters));
    assert.equal(cells[4], shape.tries ? grouped(shape.tries) : "");
    assert.equal(cells[6], shape.tries ? grouped(shape.passes) : "");
    assert.equal(cells[7], shape.tries ? (shape.best_score === null ? "none" : shape.best_score.toFixed(4)) : "");
  }
  const tiles = words((await page.locator(".tile").allInnerTexts()).join(" "));
  for (const value of [network.hidden, network.validation_score.toFixed(4), network.test_score.toFixed(4)]) {
    assert.ok(tiles.includes(value), `${value} in ${tiles}`);
  }
  const answer = words(readFileSync(env.ANSWER, "utf8"));
  assert.ok(answer.startsWith(await textOf(page, ".headline")));
  for (const text of await page.locator("dl.words dd").allInnerTexts()) assert.ok(answer.includes(words(text)), text);
  assert.equal(await count(".inits .ranges g"), new Set(facts.trials.map((trial) => trial.init)).size);
}

async function walksByKeyboard(page) {
  const targets = page.locator(".ladder .targets circle[tabindex='0']");
  assert.equal(await targets.count(), 1, "one mark of a chart is in the order of Tab");
  await targets.focus();
  const before = await textOf(page, ".ladder .detail");
  await page.keyboard.press("End");
  const last = await textOf(page, ".ladder .detail");
  assert.notEqual(last, before);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  const second = await textOf(page, ".ladder .detail");
  assert.ok(second.includes("parameter"), second);
  await page.keyboard.press("Enter");
  assert.equal(await textOf(page, ".shape-words"), second, "Enter chooses a shape for the charts below");
  // Tab reaches the shape's list of curves and no further mark of the ladder on its way.
  await page.keyboard.press("Tab");
  assert.ok(!(await page.evaluate(() => document.activeElement.classList.contains("target") && document.activeElement.closest(".ladder"))));
}

async function fitsAndFollowsTheScheme(page) {
  await page.setViewportSize(PHONE);
  assert.equal(await overhang(page), 0, "nothing moves sideways on a phone");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await ground();
  await page.emulateMedia({ colorScheme: "dark" });
  assert.notEqual(await ground(), light);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  assert.equal(await ground(), light, "paper is light");
  await page.emulateMedia({ media: null, colorScheme: null });
  await page.setViewportSize(DESK);
}

const scenarios = {
  // A report from a file.
  async saved() {
    await inBrowser(env.ADDRESS, async (page) => {
      await shows(page, env.ADDRESS);
      await walksByKeyboard(page);
      await fitsAndFollowsTheScheme(page);
    });
  },

  // Pages of a server whose job has ended.
  async served() {
    await inBrowser(env.ADDRESS, async (page) => {
      await page.goto(env.ADDRESS);
      await page.getByRole("link", { name: env.NAME }).first().waitFor();
      assert.equal(await page.locator(".jobs > li").count(), 1, "splits stand with their job");
      await page.setViewportSize(PHONE);
      assert.equal(await overhang(page), 0);
      await page.setViewportSize(DESK);
      await page.goto(`${env.ADDRESS}/workers`);
      await page.getByRole("rowheader", { name: "w1" }).waitFor();
      await shows(page, `${env.ADDRESS}/jobs/1`);
      await walksByKeyboard(page);
      await fitsAndFollowsTheScheme(page);
    });
  },

  // The page of a job that runs: it reaches the end without being loaded again, and its chart is never taken away.
  async live() {
    await inBrowser(env.ADDRESS, async (page) => {
      await page.goto(`${env.ADDRESS}/jobs/1`);
      await page.locator(".badge.running, .badge.queued").first().waitFor();
      await page.evaluate(() => { window.marked = true; document.querySelector(".ladder svg").marked = true; });
      await page.locator(".ladder .targets circle[tabindex='0']").focus();
      console.log("watching");
      await page.locator(".badge.answered").first().waitFor({ timeout: 60000 });
      assert.ok(await page.evaluate(() => window.marked && document.querySelector(".ladder svg").marked));
      assert.ok(await page.evaluate(() => document.activeElement.matches(".ladder .target")), "news take no focus away");
      assert.ok((await textOf(page, ".headline")).startsWith("The smallest network that is good enough"));
    });
  },

  // Tokens are asked for, and kept for this tab alone.
  async login() {
    await inBrowser(env.ADDRESS, async (page) => {
      await page.goto(`${env.ADDRESS}/`);
      await page.getByLabel("token").fill("wrong-wrong-wrong-wrong");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").filter({ hasText: "not known here" }).waitFor();
      await page.getByLabel("token").fill("farm-farm-farm-farm");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").filter({ hasText: "may not read" }).waitFor();
      await page.getByLabel("token").fill(env.TOKEN);
      await page.keyboard.press("Enter");
      await page.getByText("There is no job yet.").waitFor();
      assert.deepEqual(await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie]), [1, 0, ""]);
      await page.reload();
      await page.getByText("There is no job yet.").waitFor();
    }, [/status of 40[13]/]);
  },

  // A server that goes and comes back. The test kills it when it reads "kill it", and starts it again at "start it".
  async offline() {
    await inBrowser(env.ADDRESS, async (page) => {
      await page.goto(`${env.ADDRESS}/`);
      await page.getByText("There is no job yet.").waitFor();
      console.log("kill it");
      await page.locator("#notice").filter({ hasText: "The server does not answer (since" }).waitFor();
      assert.ok(await page.getByText("There is no job yet.").isVisible(), "what was shown stays");
      console.log("start it");
      await page.locator("#notice p").waitFor({ state: "detached", timeout: 60000 });
    }, [/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/]);
  },

  // Names that would like to be more than names.
  async hostile() {
    const harmless = async (page, address) => {
      await page.goto(address);
      await page.locator("h1").filter({ hasText: env.NAME }).waitFor();
      assert.equal(await page.locator("main script, main img").count(), 0);
      assert.equal(await page.evaluate(() => window.hostile), undefined);
    };
    await inBrowser(env.ADDRESS, async (page) => {
      await page.goto(`${env.ADDRESS}/`);
      await page.getByRole("link", { name: env.NAME }).first().waitFor();
      await harmless(page, `${env.ADDRESS}/jobs/1`);
    });
    await inBrowser(env.SAVED, (page) => harmless(page, env.SAVED));
  },
};

await scenarios[process.argv[2]]();
