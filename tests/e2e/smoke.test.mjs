// The built page loads in Chromium, under the path of a static host.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { complaints, launchChromium, openPage, serveBuild } from "./browser.mjs";

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

test("loads from a sub-path without a complaint", () => loadsAt(host));

test("needs no inline scripts", () => loadsAt(strictHost));

async function loadsAt({ url }) {
  const page = await browser.newPage();
  const list = complaints(page);
  await openPage(page, url);
  assert.equal(await page.title(), "Eigendrift");
  assert.deepEqual(list, []);
  await page.close();
}
