// Chromium for one scenario: a fresh profile, and whatever a page should never do ends the scenario.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { chromium } = createRequire(import.meta.url)(join(process.env.MINNOW_MODULES, "playwright-core"));

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 900 };

// Runs `scenario(page, faults)`; `expected` are patterns of console errors that belong to it. Fails on any other, on an
// error of a script, and on a request to anywhere but `origin`.
export async function inBrowser(origin, scenario, expected = []) {
  const folder = mkdtempSync(join(tmpdir(), "minnow_chromium_"));
  const browser = await chromium.launchPersistentContext(folder, { executablePath: process.env.MINNOW_CHROMIUM, args: FLAGS, viewport: DESK });
  const faults = [];
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => faults.push(`script: ${error.stack}`));
    page.on("console", (message) => {
      const text = `${message.text()} ${message.location().url}`;
      if (["error", "warning"].includes(message.type()) && !expected.some((pattern) => pattern.test(text))) faults.push(`console: ${text}`);
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith("data:")) faults.push(`request: ${request.url()}`);
    });
    await scenario(page);
  } finally {
    await browser.close();
  }
  assert.deepEqual(faults, []);
}

export const words = (text) => text.replace(/\s+/g, " ").trim();
export const textOf = async (page, selector) => words(await page.locator(selector).first().innerText());

// How far the page can be moved sideways.
export const overhang = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
