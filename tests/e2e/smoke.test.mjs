// The built page loads in Chromium, under the path of a static host, and is small.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { build, complaints, launchChromium, openPage, serveBuild } from "./browser.mjs";

let host, strictHost, browser;
before(async () => {
  host = await serveBuild();
  strictHost = await serveBuild({ policy: "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; object-src 'none'" });
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await strictHost?.close();
  await host?.close();
});

test("loads from a sub-path without errors", () => loadsAt(host));

test("needs no inline scripts", () => loadsAt(strictHost));

test("a visitor loads at most 720 kB, gzipped", async () => {
  const context = await browser.newContext();
  const bodies = [];
  // What workers load is reported to the whole context only.
  context.on("response", (response) => bodies.push(response.body().then((body) => [response.url(), body])));
  const page = await context.newPage();
  await openPage(page, host.url);
  await page.waitForLoadState("networkidle");
  const files = new Map(await Promise.all(bodies)); // each worker asks for the same files, which the browser has by then
  const all = [...files].map(([url, body]) => [new URL(url).pathname, gzipSync(body, { level: 9 }).length]);
  // Tables of real data, the claims on other tasks, article and explanations are fetched once the first curves stand.
  const isLater = (name) => name.includes("/tables/") || ["/results.json", "/reading.html"].some((end) => name.endsWith(end));
  const [later, sizes] = [true, false].map((wanted) => all.filter(([name]) => isLater(name) === wanted));
  console.log(`later, gzipped: ${later.map(([name, size]) => `${name} ${(size / 1000).toFixed(1)}`).join(", ") || "not yet"}`);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  const listed = sizes.map(([name, size]) => `${name} ${(size / 1000).toFixed(1)}`).join(", ");
  console.log(`loaded, gzipped: ${(total / 1000).toFixed(1)} kB: ${listed}`);
  assert.equal(sizes.filter(([name]) => name.endsWith(".wasm")).length, 1, listed);
  assert.ok(total <= 720_000, listed);
  await context.close();
});

test("no file names a folder of the machine that built it", () => {
  const names = readdirSync(build, { recursive: true });
  assert.ok(names.filter((name) => name.endsWith(".wasm")).length >= 2, names.join());
  assert.ok(!names.includes(".trunk-lock"));
  for (const name of names.filter((name) => /\.(wasm|js|mjs|html)$/.test(name))) {
    const text = readFileSync(join(build, name)).toString("latin1");
    for (const folder of [homedir(), process.cwd()]) assert.ok(!text.includes(`${folder}/`), `${name} names ${folder}`);
  }
});

async function loadsAt({ url }) {
  const page = await browser.newPage();
  const list = complaints(page);
  await openPage(page, url);
  assert.equal(await page.title(), "Eigendrift");
  assert.deepEqual(list, []);
  await page.close();
}
