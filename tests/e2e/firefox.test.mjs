// The built page loads in Firefox too: a second engine, which forgives other mistakes than Chromium does.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { complaints, launchFirefox, openPage, serveBuild } from "./browser.mjs";

let host, browser;
before(async () => {
  host = await serveBuild();
  browser = await launchFirefox();
});
after(async () => {
  await browser?.close();
  await host?.close();
});

test("loads from a sub-path without errors", async () => {
  const page = await browser.newPage();
  const list = complaints(page);
  await openPage(page, host.url);
  assert.equal(await page.title(), "Eigendrift");
  assert.deepEqual(list, []);
});
