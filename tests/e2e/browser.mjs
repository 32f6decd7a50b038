// What the tests of the built page share: the build served as a static host would, and browsers that report complaints.
import { createReadStream, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";

/** The folder of the built page. */
export const build = fileURLToPath(new URL("../../target/site", import.meta.url));
const types = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** The name of the folder with the files of a build. */
export const filesOf = (folder) => readFileSync(join(folder, "index.html"), "utf8").match(/\.\/([0-9a-f]{16})\//)[1];

/**
 * Serves the build under a path like a project's on a static host, so that an address that ignores the path is not
 * found, and with the content security policy, if one is named. Returns the address of the page and that of the folder of its
 * files, the names of the files that were asked for, without that folder, and how to stop. `faults` is consulted for each such
 * name: "missing" and "truncated" files are served so. What is in `folder` is served, also after another one was named.
 */
export async function serveBuild({ path = "/sub/path/", policy, port = 0, folder = build } = {}) {
  const site = { requests: [], faults: () => null, folder };
  const server = createServer(async (request, response) => {
    const requested = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const address = requested === path ? "index.html" : requested.slice(path.length);
    const name = address.replace(/^[0-9a-f]{16}\//, "");
    const file = join(site.folder, normalize("/" + address));
    site.requests.push(name);
    const fault = site.faults(name);
    const size = await stat(file).then((it) => it.isFile() && it.size, () => false);
    const found = requested.startsWith(path) && size !== false && fault !== "missing";
    if (policy) response.setHeader("content-security-policy", policy);
    response.writeHead(found ? 200 : 404, { "content-type": (found && types[extname(file)]) || "text/plain" });
    if (found) createReadStream(file, fault === "truncated" ? { end: Math.floor(size / 2) } : {}).pipe(response);
    else response.end("not found");
  });
  await new Promise((listening) => server.listen(port, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${server.address().port}${path}`;
  return Object.assign(site, {
    url,
    files: `${url}${filesOf(folder)}/`,
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  });
}

// --no-sandbox: as root Chromium refuses to start with it, and nothing but this project's page is opened.
// The others keep it from calling home, and from looking for a graphics card.
const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Chromium with a new, empty profile (playwright). CHROME, set by scripts/env, names the program. Its pages know of no service
 * workers, unless they are asked for: what a service worker answers reaches neither servers nor routes of a test.
 */
export async function launchChromium(flags = [], { serviceWorkers = false } = {}) {
  const args = [...chromiumFlags, ...flags];
  const browser = await chromium.launch({ executablePath: program("CHROME"), args, timeout: 120_000 });
  const newContext = browser.newContext.bind(browser); // newPage calls it too
  if (!serviceWorkers) {
    browser.newContext = async (options) => {
      const context = await newContext(options);
      await context.addInitScript(() => delete Navigator.prototype.serviceWorker);
      return context;
    };
  }
  return browser;
}

/** Firefox with a new, empty profile (puppeteer, over WebDriver BiDi). FIREFOX, set by scripts/env, names the program. */
export function launchFirefox() {
  return puppeteer.launch({ browser: "firefox", executablePath: program("FIREFOX"), headless: true, timeout: 120_000 });
}

function program(variable) {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} is not set: run the tests by scripts/test, or source scripts/env first`);
  return path;
}

/**
 * Collects, from now on, whatever goes wrong on a page of either browser: errors and warnings on the console, uncaught
 * exceptions, requests that fail. The list stays empty on a page that is well.
 */
export function complaints(page) {
  const list = [];
  page.on("console", (message) => {
    if (["error", "warning", "warn", "assert"].includes(message.type())) list.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => list.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => list.push(`not loaded: ${request.url()}`));
  page.on("response", (response) => {
    if (response.status() >= 400) list.push(`${response.status()}: ${response.url()}`);
  });
  return list;
}

/** Opens the page and waits until the program in WebAssembly has been started. */
export async function openPage(page, url) {
  const record = () => addEventListener("TrunkApplicationStarted", () => (window.startedForTest = true));
  if (page.addInitScript) await page.addInitScript(record);
  else await page.evaluateOnNewDocument(record);
  await page.goto(url);
  await waitFor("the program to start", () => page.evaluate(() => window.startedForTest === true));
}

/** A new page of a context at `url`, once it is ready; what it throws from then on is in its `errors`. */
export async function readyPage(context, url) {
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  await page.goto(url);
  await page.waitForFunction(() => document.body.dataset.state === "ready");
  return page;
}

/** Lets each worker of a context run `script`, which may name its program's `memory`, once that program has started. */
export const inWorkers = (context, script) =>
  context.route("**/worker_loader.js", (route) =>
    route.fulfill({
      contentType: "text/javascript",
      body: `onmessage = async ({ data: { script, module } }) => {
        const { default: init } = await import(script);
        const { memory } = await init({ module_or_path: module });
        ${script}
      };`,
    }),
  );

/** Calls `condition` until its result is true. Works with both browsers, whose drivers wait each in a way of their own. */
export async function waitFor(what, condition, { timeout = 60_000, every = 50 } = {}) {
  const end = Date.now() + timeout;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > end) throw new Error(`waited ${timeout / 1000} s in vain for ${what}`);
    await new Promise((later) => setTimeout(later, every));
  }
}

/** The build, served, and Chromium, for all tests of a file: `site` and `browser` are there from the first test on. */
export function builtPage() {
  const built = {};
  before(async () => {
    built.site = await serveBuild();
    built.browser = await launchChromium();
  });
  after(async () => {
    await built.browser?.close();
    await built.site?.close();
  });
  return built;
}

/** The page's own report; nothing before it has begun. */
export const report = (page) => page.evaluate(() => globalThis.eigendrift?.report());
