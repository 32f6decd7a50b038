// Memory: what is too much is refused with what to change, and a worker whose memory is used up says so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtPage, inWorkers, report, waitFor } from "./browser.mjs";

const built = builtPage();

test("runs that need gigabytes are refused, and begin once more is allowed", async () => {
  const page = await built.browser.newPage();
  await page.goto(`${built.site.url}#v=1&hidden=50,50&k=5&steps=2000&every=10&A=sgd&B=sgd,lr:0.2&C=sgd,lr:0.3`);
  const problems = await waitFor("a refusal", async () => {
    const found = (await report(page))?.problems ?? [];
    return found.length > 0 && found;
  });
  assert.match(problems[0], /^3 runs of 201 checkpoints with k = 5 would hold about .* GB, more than the memory limit of 1 GB/);
  assert.ok((await report(page)).runs.every((run) => run.phase === "failed"));
  await page.selectOption("#memory select", "4");
  await waitFor("all runs", async () => (await report(page)).runs.every((run) => run.phase !== "failed"));
  assert.match(page.url(), /&memory=4/);
  await page.close();
});

test("a worker whose memory is used up says so, and the page goes on", async () => {
  const context = await built.browser.newContext();
  // As a browser that gives a worker less than 4 MB more than it begins with.
  await inWorkers(context, "for (let pages = 16384; pages >= 64; ) try { memory.grow(pages); } catch { pages /= 2; }");
  const page = await context.newPage();
  await page.goto(`${built.site.url}#v=1&hidden=40,40&k=2&steps=20&every=10&A=sgd`);
  const problems = await waitFor("a sentence", async () => {
    const found = (await report(page))?.problems ?? [];
    return found.length > 0 && found;
  });
  assert.match(problems[0], /^Run A: the memory that the browser gives a worker is used up\. Take fewer checkpoints/);
  await page.goto(`${built.site.url}#v=1&hidden=3&k=2&steps=20&every=10&A=sgd`);
  await waitFor("a small run", async () => (await report(page))?.runs?.[0]?.phase === "finished");
  await context.close();
});
