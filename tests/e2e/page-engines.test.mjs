// Chromium and Firefox compute the same: the default runs agree to the last bit.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchChromium, launchFirefox, serveBuild } from "./browser.mjs";

let site, browsers;
before(async () => {
  site = await serveBuild();
  browsers = [await launchChromium(), await launchFirefox()];
});
after(async () => {
  for (const browser of browsers ?? []) await browser.close();
  await site?.close();
});

async function finalNumbers(browser) {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(site.url);
  for (const deadline = Date.now() + 180_000; Date.now() < deadline; ) {
    const report = await page.evaluate(() => JSON.stringify(globalThis.eigendrift?.report() ?? null));
    const { runs, cursor, shown } = JSON.parse(report) ?? { runs: [] };
    // The status is that of the moment that is shown, which the next frames bring up to date, and playback moves on to the
    // last one.
    const isLast = (run) => run.phase === "finished" && cursor === run.checkpoints.length - 1;
    if (runs.length === 2 && shown === cursor && runs.every(isLast)) {
      const status = await page.evaluate(() => document.getElementById("status").textContent.split(" · exact")[0]);
      await page.close();
      assert.deepEqual(errors, []);
      return { status, checkpoints: runs.map((run) => run.checkpoints) };
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the default runs did not finish");
}

test("the default runs finish in both engines with the same numbers", async () => {
  const [chromium, firefox] = [await finalNumbers(browsers[0]), await finalNumbers(browsers[1])];
  assert.equal(chromium.checkpoints[0].length, 41);
  assert.deepEqual(firefox, chromium);
});
