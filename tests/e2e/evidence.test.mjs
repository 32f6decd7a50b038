// Many seeds on the built page: the claims are those of the native program to the last bit, with any number of workers, after
// stops and lost workers; the page stays usable meanwhile.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { builtPage, readyPage, report, waitFor } from "./browser.mjs";

const root = path.join(import.meta.dirname, "../..");
const built = builtPage();
const quick = "#v=1&samples=60&hidden=4&steps=200&every=10&k=2&seeds=5";

/** The claims of the native program for the ensemble that a page has computed. */
function native(ensemble) {
  execFileSync("cargo", ["build", "--quiet", "--locked", "--bin", "headless"], { cwd: root, stdio: "inherit" });
  const options = { input: JSON.stringify(ensemble), maxBuffer: 2 ** 30, stdio: ["pipe", "pipe", "ignore"] };
  const result = JSON.parse(execFileSync(path.join(root, "target/debug/headless"), ["ensemble", "-"], options));
  return { ...result.claims_by_pairing, [ensemble.pairing]: result.claims };
}

async function open(hash, processors = 2) {
  const context = await built.browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addInitScript((count) => {
    Object.defineProperty(Navigator.prototype, "hardwareConcurrency", { get: () => count });
  }, processors);
  return readyPage(context, built.site.url + hash);
}

/** From the markup: a report would have the page write down all that it has found. */
const phase = (page) => page.evaluate(() => document.getElementById("evidence")?.dataset.phase);
const text = (page, selector) => page.evaluate((selector) => document.querySelector(selector).textContent, selector);

/** Lets seeds begin that do not begin by themselves, which depends on the machine, and waits for the end. */
async function finished(page) {
  await waitFor("the runs", async () => !["none", "waiting", undefined].includes(await phase(page)), { timeout: 300_000 });
  if ((await phase(page)) === "on-request") {
    await page.evaluate(() => (document.getElementById("evidence").open = true));
    await page.click("#seeds-button");
  }
  // One worker computes 16 seeds of the default task in half a minute; a busy machine may take many times as long.
  await waitFor("all seeds", async () => (await phase(page)) === "finished", { timeout: 300_000, every: 200 });
  return (await report(page)).evidence;
}

test("claims are those of the native program, with 1, 2 and 4 workers", async () => {
  let expected;
  for (const processors of [1, 3, 5]) {
    const page = await open(quick, processors);
    const { ensemble, claims, seeds } = await finished(page);
    assert.deepEqual(seeds, [1, 2, 3, 4, 5]);
    expected ??= native(ensemble);
    assert.deepEqual(claims, expected, `${processors} processors`);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  }
  assert.equal(expected.tracked.length, 14);
  assert.ok(expected.tracked.every((claim) => claim.seeds + claim.left_out.length === 5));
});

test("chips and panel show what the report has, and a claim opens its curves", async () => {
  const page = await open(quick);
  const { claims } = await finished(page);
  await waitFor("the verdicts", async () => !/so far/.test(await text(page, "#chips")));
  const signs = { supported: "●", contradicted: "✕", undecided: "○" };
  const claim = (pairing, name) => claims[pairing].find((claim) => claim.name === name);
  const chips = await page.$$eval("#chips .chip", (chips) => chips.map((chip) => [chip.querySelector("b").textContent, chip.className]));
  const names = ["a_stabilizes", "b_reorganizes", "b_reorganizes_matched_loss", "b_localizes", "b_localizes_matched_loss", "b_beyond_null", "b_axes"];
  chips.forEach(([sign, className], i) => {
    const { low, verdict } = claim("subspace", names[i]);
    assert.equal(sign, low === null ? "·" : signs[verdict], names[i]);
    assert.equal(className, low === null ? "chip unknown" : `chip ${verdict}`);
  });
  await page.evaluate(() => (document.getElementById("evidence").open = true));
  const rows = await page.$$eval("#claims tr", (rows) => rows.map((row) => ({
    claim: row.dataset.claim, pairing: row.dataset.pairing, numbers: row.querySelector(".numbers").firstChild.textContent,
    verdict: row.lastElementChild.textContent, left: parseFloat(row.querySelector(".interval b")?.style.left),
  })));
  assert.equal(rows.length, 5 * 3 + 9);
  for (const row of rows) {
    const { estimate, low, high, unit, verdict } = claim(row.pairing, row.claim);
    const shown = row.numbers.replaceAll("−", "-").match(/[-+]?\d+(\.\d+)?/g)?.map(Number) ?? [];
    for (const [i, value] of [estimate, low, high].filter((x) => x !== null).entries()) {
      const error = Math.abs(shown[i] - value);
      assert.ok(error <= 0.0051 * Math.max(1, Math.abs(value) / 100), `${row.claim}: ${row.numbers}, ${value}`);
    }
    if (low !== null) assert.ok(row.verdict.endsWith(verdict), row.verdict);
    if (estimate !== null) assert.equal(Math.sign(row.left - 50), Math.sign(unit === "difference" ? estimate : Math.log2(estimate)), row.claim);
  }
  await page.click('[data-show-claim="b_localizes"]');
  await page.waitForSelector('#pictures[data-open="localization"]');
  await waitFor("the picture over seeds", async () =>
    /mean of 5 seeds and its 95 % interval/.test(await page.evaluate(() => document.querySelector('figure[data-picture="localization"]').textContent)));
  assert.match(page.url(), /curves=all/);
  assert.match(page.url(), /seeds=5/);
  await page.reload();
  await page.waitForSelector('#pictures[data-open="localization"]');
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("stopped and resumed, and with a worker lost on the way, seeds give the same claims", async () => {
  const page = await open(quick.replace("steps=200", "steps=20000").replace("every=10", "every=400"), 3);
  await waitFor("the runs", async () => !["none", "waiting", undefined].includes(await phase(page)), { timeout: 300_000 });
  await page.evaluate(() => (document.getElementById("evidence").open = true));
  if ((await phase(page)) === "on-request") await page.click("#seeds-button");
  // The page itself stops it after a first seed: on a busy machine the driver might come too late.
  await page.waitForFunction(
    () => /^[1-4] of 5 seeds/.test(document.getElementById("seeds-status").textContent) && (document.getElementById("seeds-button").click(), true),
    null,
    { timeout: 300_000 },
  );
  await waitFor("the stop", async () => (await phase(page)) === "stopped");
  const { seeds } = (await report(page)).evidence;
  assert.ok(seeds.length < 5);
  assert.match(await text(page, "#seeds-status"), /^stopped at \d of 5 seeds$/);
  await page.click("#seeds-button");
  await waitFor("it to go on", async () => (await phase(page)) === "running");
  for (const worker of page.workers()) {
    await worker.evaluate(() => void setTimeout(() => { throw new Error("ended by the test"); })).catch(() => {});
  }
  const { ensemble, claims } = await finished(page);
  assert.deepEqual(claims, native(ensemble));
  await page.context().close();
});

test("a seed that diverges is counted and named", async () => {
  const page = await open(`${quick}&A=sgd,lr:1e300&B=adam`);
  const { claims } = await finished(page);
  assert.equal(claims.rank[0].left_out.length, 5);
  await page.evaluate(() => (document.getElementById("evidence").open = true));
  await waitFor("the sentence", async () => /A SGD diverged with 5 seeds: 1, 2, 3, 4, 5\./.test(await text(page, "#seeds-diverged")));
  await page.context().close();
});

test("the page answers while 16 seeds of the default task are computed", async () => {
  const page = await open("#v=1");
  await waitFor("the runs", async () => !["none", "waiting", undefined].includes(await phase(page)), { timeout: 300_000 });
  await page.evaluate(() => {
    globalThis.longest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (globalThis.longest = Math.max(globalThis.longest, entry.duration)))).observe({ type: "longtask" });
  });
  const start = Date.now();
  const done = finished(page);
  await page.selectOption("#view-null", "random_weights");
  const all = await done;
  const seconds = (Date.now() - start) / 1e3;
  const longest = await page.evaluate(() => globalThis.longest);
  console.log(`# 16 seeds × 3 runs in ${seconds.toFixed(1)} s, longest task of the page ${longest.toFixed(0)} ms`);
  assert.equal(all.seeds.length, 16);
  assert.equal(all.ensemble.experiment.steps, 2000);
  await page.context().close();
});
