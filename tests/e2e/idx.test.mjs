// Data of the visitor's own at the size of MNIST: images and labels, compressed and dropped together or chosen one after the
// other, and a table of 40 MB, read while the page goes on.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { builtPage, readyPage, report, waitFor } from "./browser.mjs";

const built = builtPage();
const folder = mkdtempSync(join(tmpdir(), "eigendrift-"));
after(() => rmSync(folder, { recursive: true }));
const quick = "#v=1&hidden=4&steps=40&every=20&k=2&A=sgd&hide=article";

/** An IDX file of bytes. */
function idx(sizes, body) {
  const head = Buffer.alloc(4 + 4 * sizes.length);
  head.set([0, 0, 8, sizes.length]);
  sizes.forEach((size, i) => head.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([head, Buffer.from(body)]);
}

/** As many images of 28 × 28 as are asked for, each with a bright row that depends on its class, and their labels. */
function images(count) {
  const pixels = new Uint8Array(count * 784);
  for (let i = 0; i < pixels.length; i++) {
    const [n, pixel] = [Math.floor(i / 784), i % 784];
    pixels[i] = Math.floor(pixel / 28) === 2 * (n % 10) + 3 ? 200 + (n % 50) : (n * 31 + pixel * 17) % 40;
  }
  return [idx([count, 28, 28], pixels), idx([count], Uint8Array.from({ length: count }, (_, n) => n % 10))];
}

async function open(hash) {
  const context = await built.browser.newContext({ viewport: { width: 1440, height: 960 }, reducedMotion: "reduce" });
  return readyPage(context, built.site.url + hash);
}

const said = (page) => page.evaluate(() => document.querySelector("#table-preview")?.textContent ?? "");

/** The report once all runs on own rows have finished. */
function finished(page, rows) {
  return waitFor(`runs on ${rows} rows`, async () => {
    const all = await report(page);
    const runs = all?.runs ?? [];
    return runs.length > 0 && runs.every((run) => run.phase === "finished" && run.experiment.data.own?.rows === rows) && all;
  });
}

/** Begins to record tasks of more than 50 ms on the page's thread. */
const watch = (page) =>
  page.evaluate(() => {
    globalThis.longTasks = [];
    globalThis.observer?.disconnect();
    globalThis.observer = new PerformanceObserver((list) =>
      globalThis.longTasks.push(...list.getEntries().map((entry) => Math.round(entry.duration))),
    );
    globalThis.observer.observe({ type: "longtask" });
  });

/** The longest of them. It is printed: how long a task is depends on what else the machine does. */
async function longest(page, what) {
  const tasks = await page.evaluate(() => globalThis.longTasks);
  console.log(`tasks over 50 ms on the page's thread, ${what} (ms): ${tasks.length ? tasks.join(", ") : "none"}`);
  return Math.max(0, ...tasks);
}

// Reading 40 MB on the page's thread would take longer.
const BOUND = 500;

test("compressed images and labels, dropped together, are data with a thumbnail and first-layer images", async () => {
  const page = await open(quick);
  const [pixels, labels] = images(20_000).map((file) => gzipSync(file, { level: 1 }).toString("base64"));
  await page.evaluate(
    ([pixels, labels]) => {
      const file = (text, name) => new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name);
      globalThis.filesForTest = [file(pixels, "train-images-idx3-ubyte.gz"), file(labels, "train-labels-idx1-ubyte.gz")];
    },
    [pixels, labels],
  );
  await watch(page);
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    globalThis.filesForTest.forEach((file) => transfer.items.add(file));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  await waitFor("the preview", async () => /train-images-idx3-ubyte\.gz: 20,000 samples of 28 × 28, 10 classes/.test(await said(page)));
  assert.match(await said(page), /10,000 of the 20,000 rows are used/);
  const all = await finished(page, 20_000);
  const data = all.runs[0].experiment.data;
  assert.deepEqual([data.preparation, data.components, data.samples, data.own.side], ["principal_components", 16, 10_000, 28]);
  assert.equal(all.runs[0].parameter_count, 16 * 4 + 4 + 4 * 10 + 10);
  assert.ok((await longest(page, "with 15 MB of images")) < BOUND);
  await waitFor("the thumbnail", () =>
    page.evaluate(() => {
      const canvas = document.querySelector("canvas[data-thumbnail=csv]");
      return canvas?.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
    }),
  );
  assert.ok(!page.url().includes("train-images"), "links have no data");

  // As they are, with a small network: images of the first layer.
  await page.evaluate(() => (location.hash = "#v=1&hidden=2&steps=2&every=2&k=1&samples=200&preparation=none&spectrum=leading&data=csv&A=sgd"));
  await waitFor("the runs", async () => {
    const [run] = (await report(page)).runs;
    return run.phase === "finished" && run.experiment.data.preparation === "none" && run.parameter_count === 784 * 2 + 2 + 20 + 10;
  });

  // They are there at the next visit.
  await waitFor("the promise", async () => /Kept in this browser/.test(await said(page)));
  await page.reload();
  await waitFor("the runs", async () => (await report(page))?.runs?.[0]?.phase === "finished");
  assert.equal((await report(page)).runs[0].experiment.data.own.hash, data.own.hash);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("the missing half of a pair is asked for", async () => {
  const page = await open(quick);
  const [pixels, labels] = images(60);
  await page.setInputFiles("#file", { name: "labels", mimeType: "", buffer: labels });
  await waitFor("the sentence", async () => /labels: 60 labels\. Choose the file of their images too\./.test(await said(page)));
  await page.setInputFiles("#file", { name: "broken.gz", mimeType: "", buffer: gzipSync(pixels).subarray(0, 500) });
  await waitFor("the refusal", async () => /broken\.gz: it is no complete gzip file/.test(await said(page)));
  await page.setInputFiles("#file", { name: "images", mimeType: "", buffer: pixels });
  await finished(page, 60);
  assert.match(await said(page), /images: 60 samples of 28 × 28, 10 classes/);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("a table of 40 MB is read and kept while the page goes on, a larger one refused", async () => {
  const page = await open(quick);
  const line = (n) => Array.from({ length: 60 }, (_, i) => (((n * 7919 + i * 104729) % 100_000) / 1000 + (n % 3)).toFixed(4)).join(",") + `,${"abc"[n % 3]}`;
  const lines = Array.from({ length: 85_000 }, (_, n) => line(n));
  const path = join(folder, "large.csv");
  const text = lines.join("\n");
  assert.ok(text.length > 38e6 && text.length < 42e6, `${text.length}`);
  writeFileSync(path, text);
  await watch(page);
  await page.setInputFiles("#file", path);
  await waitFor("the note", async () => /Reading large\.csv|large\.csv: 85,000/.test(await said(page)));
  await waitFor("the preview", async () => /large\.csv: 85,000 rows, 60 inputs, 3 classes/.test(await said(page)));
  await finished(page, 85_000);
  await waitFor("the promise", async () => /Kept in this browser/.test(await said(page)));
  assert.ok((await longest(page, "with a table of 40 MB")) < BOUND);

  await page.reload();
  await finished(page, 85_000);
  writeFileSync(path, text + text.slice(0, 12e6));
  await page.setInputFiles("#file", path);
  await waitFor("the refusal", async () => /large\.csv: line 1: the table has \d+ bytes; at most 50000000 are allowed\. large\.csv stays in use/.test(await said(page)));
  assert.deepEqual(page.errors, []);
  await page.context().close();
});
