// Asks the server for one document again and again, and shows what comes.
"use strict";

const TOKEN = "minnow.token";  // in sessionStorage: until the tab is closed
const SOON = 1500;             // milliseconds between two questions while something moves
const LATER = 5000;            // and while nothing does
const PATIENCE = 20000;        // for one answer

class Live {
  constructor(address, main, page, moves) {
    this.address = address;
    this.main = main;
    this.page = page;
    this.moves = moves;
    this.notice = document.getElementById("notice");
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.ask(); });
    window.addEventListener("online", () => this.ask());
    this.ask();
  }

  async ask() {
    if (this.asking) return;
    this.asking = true;
    clearTimeout(this.timer);
    try {
      this.take(await this.fetch());
    } finally {
      this.asking = false;
      const pause = this.moving === false && !this.since ? LATER : SOON;
      if (!this.stopped && !document.hidden) this.timer = setTimeout(() => this.ask(), pause);
    }
  }

  // What the server says, or null when it says nothing.
  async fetch() {
    const headers = {};
    this.token = sessionStorage.getItem(TOKEN);
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (this.tag) headers["If-None-Match"] = this.tag;
    try {
      const response = await fetch(this.address, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      return { status: response.status, tag: response.headers.get("ETag"), text: await response.text() };
    } catch (error) {
      return null;
    }
  }

  take(said) {
    if (said === null) return this.offline("does not answer");
    if (said.status === 401 || said.status === 403) return this.login(said.status, this.token);
    if (said.status === 404) return this.missing(said.text);
    if (said.status !== 200 && said.status !== 304) return this.offline(`cannot say: ${said.text.trim()}`);
    this.online();
    return said.status === 200 ? this.show(said) : undefined;
  }

  show(said) {
    const page = JSON.parse(said.text);
    if (!this.shown) {
      this.main.replaceChildren();
      this.shown = this.page(this.main);
    }
    this.shown.update(page, Date.now());
    this.tag = said.tag;
    this.moving = this.moves(page);
  }

  online() {
    this.since = null;
    fill(this.notice);
  }

  offline(what) {
    this.since = this.since || new Date();
    const since = this.since.toLocaleTimeString([], { hour12: false });
    fill(this.notice, paragraph(`The server ${what} (since ${since}). ${this.shown ? "What is shown is from before. " : ""}Trying again.`));
  }

  missing(text) {
    this.stopped = true;
    this.main.replaceChildren(make("section", { class: "empty" }, make("h1", {}, "Not here"), paragraph(text.trim()),
      make("p", {}, make("a", { href: "/" }, "All jobs"))));
  }

  login(status, token) {
    this.stopped = true;
    this.shown = null;
    sessionStorage.removeItem(TOKEN);
    const wrong = status === 403 ? "That token may not read here." : token ? "That token is not known here." : "";
    const field = make("input", { type: "password", id: "token", autocomplete: "current-password", required: true,
      "aria-describedby": wrong ? "wrong" : null });
    const form = make("form", { class: "login" }, make("h1", {}, "Minnow"),
      make("label", { for: "token" }, "This server wants a token with the role read:"), field,
      make("button", {}, "Show"), wrong ? make("p", { id: "wrong", class: "why", role: "alert" }, wrong) : null,
      paragraph("It is kept in this tab until the tab is closed.", "quiet"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sessionStorage.setItem(TOKEN, field.value.trim());
      this.stopped = false;
      this.ask();
    });
    this.main.replaceChildren(form);
    field.focus();
  }
}
