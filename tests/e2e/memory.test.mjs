// Memory: what is too much is refused with what to change, and a worker whose memory is used up says so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtPage, report, waitFor } from "./browser.mjs";

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
  // As a browser that gives a worker 4 MB more than it begins with.
  await context.route(/worker[^/]*\.wasm$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: capped(await response.body(), 64) });
  });
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

/** A WebAssembly module whose memory grows by at most so many pages of 64 KiB. */
function capped(module, pages) {
  const bytes = [...module.subarray(0, 8)];
  let at = 8;
  let found = false;
  while (at < module.length) {
    const [id, begin] = [module[at], at];
    const size = number(module, at + 1);
    const end = size.next + size.value;
    if (id === 5) {
      const count = number(module, size.next);
      assert.equal(count.value, 1);
      const least = number(module, count.next + 1); // after the flags
      const section = [1, 1, ...leb128(least.value), ...leb128(least.value + pages)];
      bytes.push(5, ...leb128(section.length), ...section);
      found = true;
    } else {
      for (let i = begin; i < end; i++) bytes.push(module[i]);
    }
    at = end;
  }
  assert.ok(found, "the module has a memory of its own");
  return Buffer.from(bytes);
}

function number(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return { value, next: at };
  }
}

function leb128(value) {
  const bytes = [];
  do {
    bytes.push((value % 128) | (value >= 128 ? 128 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return bytes;
}
