// Results in a file: what the page saved opens on another page with its numbers, view and pictures, and nothing is trained again.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { builtPage, readyPage, report, waitFor } from "./browser.mjs";

const built = builtPage();
const setting = "#v=1&data=iris&hidden=6&steps=60&every=20&k=3&vector=2&A=sgd,lr:0.2&B=adam,lr:0.02&hide=article";

async function open(hash) {
  const context = await built.browser.newContext({ viewport: { width: 1440, height: 960 }, reducedMotion: "reduce" });
  return readyPage(context, built.site.url + hash);
}

const finished = (page, steps) =>
  waitFor("the runs", async () => {
    const all = await report(page);
    const isThere = (run) => run.phase === "finished" && run.experiment.steps === steps;
    return all?.runs.length > 0 && all.runs.every(isThere) && all;
  });

const text = (page, selector) => page.evaluate((selector) => document.querySelector(selector)?.textContent ?? "", selector);

test("a saved file opens with its pictures, on a page that shows something else", async () => {
  const first = await open(setting);
  const before = await finished(first, 60);
  await first.evaluate(() => document.querySelector("[data-part=export]").setAttribute("open", ""));
  const [download] = await Promise.all([first.waitForEvent("download"), first.click("[data-export=json]")]);
  const bytes = readFileSync(await download.path());
  await first.context().close();

  const page = await open("#v=1&steps=40&every=20&hide=article");
  await finished(page, 40);
  // Workers that train would post their first event: none begins.
  await page.setInputFiles("#file", { name: "eigendrift.json", mimeType: "application/json", buffer: bytes });
  const after = await finished(page, 60);
  const found = ({ runs }) => runs.map((run) => [run.name, run.experiment, run.checkpoints, run.parameter_count]);
  assert.deepEqual(found(after), found(before));
  assert.equal(after.link, before.link);
  assert.equal(await text(page, "#notes"), "");
  assert.ok(after.runs.every((run) => run.milliseconds_per_checkpoint === null));
  await waitFor("the function at the cursor", async () => (await report(page)).exploration.runs.length === 2);
  const words = () => page.getAttribute("[data-chart=localization]", "aria-label");
  await waitFor("the last step in words", async () => /60/.test(await words()));

  // Reset computes the same.
  await page.click("#reset");
  const again = await waitFor("the runs again", async () => {
    const all = await report(page);
    return all.runs.every((run) => run.phase === "finished" && run.milliseconds_per_checkpoint !== null) && all;
  });
  assert.deepEqual(found(again), found(before));

  // What is no result changes nothing.
  for (const [buffer, words] of [
    [bytes.subarray(0, 5000), /cut\.json: ends within a value, .*; was it cut off\?/],
    [Buffer.from('{"schema": "eigendrift/export.schema.json/7", "runs": []}'), /cut\.json: has the form “eigendrift\/export/],
    [Buffer.from("[1, 2]"), /cut\.json: is no result that this version reads/],
  ]) {
    await page.setInputFiles("#file", { name: "cut.json", mimeType: "application/json", buffer });
    await waitFor(String(words), async () => words.test(await text(page, "body")));
    assert.deepEqual(found(await report(page)), found(before));
  }
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("seeds that the native program computed are those of the page's claims", async () => {
  const root = path.join(import.meta.dirname, "../..");
  execFileSync("cargo", ["build", "--quiet", "--locked", "--bin", "headless"], { cwd: root, stdio: "inherit" });
  const ensemble = {
    experiment: { data: { name: "iris" }, hidden: [4], steps: 120, checkpoint_every: 10, leading: 3 },
    a: { name: "sgd", learning_rate: 0.2 }, b: { name: "adam", learning_rate: 0.02 }, first_seed: 5, seed_count: 4,
  };
  const options = { input: JSON.stringify(ensemble), maxBuffer: 2 ** 28, stdio: ["pipe", "pipe", "ignore"] };
  const bytes = execFileSync(path.join(root, "target/debug/headless"), ["ensemble", "-"], options);
  const expected = JSON.parse(bytes);

  const page = await open("#v=1&steps=40&every=20&hide=article");
  await finished(page, 40);
  await page.setInputFiles("#file", { name: "seeds.json", mimeType: "application/json", buffer: bytes });
  const after = await finished(page, 120);
  const { evidence } = await report(page);
  assert.deepEqual([evidence.phase, evidence.seeds], ["finished", [5, 6, 7, 8]]);
  assert.deepEqual(evidence.claims.tracked, expected.claims);
  assert.ok(after.runs.every((run) => run.experiment.seed === 5));
  assert.equal(await text(page, "#notes"), "seeds.json has 4 seeds for the claims, and no single runs: these are computed here.Close");
  assert.deepEqual(page.errors, []);
  await page.context().close();
});
