// The folder that `scripts/package site` makes: compressed files are their originals, and the page and the element beside it work.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { complaints, launchChromium, openPage, serveBuild } from "../e2e/browser.mjs";

const folder = fileURLToPath(new URL("../../target/package/site", import.meta.url));
const files = readdirSync(folder, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
let host, browser;

before(async () => {
  host = await serveBuild({ folder });
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await host?.close();
});

test("each compressed file gives its original, and is smaller", () => {
  const forms = { ".gz": gunzipSync, ".br": brotliDecompressSync };
  for (const [ending, inflate] of Object.entries(forms)) {
    const compressed = files.filter((name) => name.endsWith(ending));
    for (const name of compressed) {
      const [bytes, original] = [name, name.slice(0, -3)].map((each) => readFileSync(join(folder, each)));
      assert.ok(inflate(bytes).equals(original), name);
      assert.ok(bytes.length < original.length, name);
    }
    for (const kind of [".html", ".wasm", ".css", ".js"]) {
      const originals = files.filter((name) => name.endsWith(kind) && readFileSync(join(folder, name)).length > 500);
      assert.ok(originals.length > 0, kind);
      for (const name of originals) assert.ok(compressed.includes(name + ending), name + ending);
    }
  }
});

test("the page names files that exist, all relative", () => {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  const named = [...html.matchAll(/\b(?:href|src)="?([^"\s>]+)/g)].map(([, name]) => name);
  assert.ok(named.length >= 7, named.join());
  for (const name of named) {
    assert.match(name, /^\.\//);
    assert.ok(existsSync(join(folder, name)), name);
  }
});

test("the page loads from it", async () => {
  const page = await browser.newPage();
  const list = complaints(page);
  await openPage(page, host.url);
  assert.deepEqual(list, []);
  await page.close();
});

test("the element beside the page shows it without being told where it is", async () => {
  const page = await browser.newPage();
  const list = complaints(page);
  await page.route("**/notes/lecture.html", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<link rel=icon href=data:,><script type=module src="../element.js"></script>
        <eigen-drift link="#v=1&amp;samples=60&amp;hidden=4&amp;steps=100&amp;every=20&amp;k=2"></eigen-drift>`,
    }));
  await page.goto(`${host.url}notes/lecture.html`);
  const frame = await (await page.waitForSelector("eigen-drift iframe")).contentFrame();
  await frame.waitForFunction(() => globalThis.eigendrift?.report?.()?.runs.some((run) => run.phase === "finished"), null, { timeout: 120_000 });
  assert.match(frame.url(), new RegExp(`^${host.url}#v=1&.*embed`));
  assert.deepEqual(list, []);
  await page.close();
});
