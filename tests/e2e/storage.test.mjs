// What lasts: an own table is there again after a reload, until it is forgotten; a browser without storage is no obstacle.
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtPage, readyPage, report, waitFor } from "./browser.mjs";

const quick = "#v=1&hidden=4&steps=100&every=50&k=2";
const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${(i * i) % 11},${i % 2 ? "odd" : "even"}`);
const table = { name: "own.csv", mimeType: "text/csv", buffer: Buffer.from(["x,y,kind", ...rows].join("\n")) };
const built = builtPage();

const said = (page, selector) => page.evaluate((selector) => document.querySelector(selector)?.textContent ?? "", selector);

/** The report once all runs on some data have finished. */
function finished(page, data) {
  return waitFor(`runs on ${data}`, async () => {
    const all = await report(page);
    const runs = all?.runs ?? [];
    return runs.length > 0 && runs.every((run) => run.phase === "finished" && data in run.experiment.data) && all;
  });
}

const openWith = (context, hash) => readyPage(context, built.site.url + hash);

const losses = (all) => all.runs.map((run) => run.checkpoints.map((checkpoint) => checkpoint.loss));

test("an own table and its results are there again after a reload, until it is forgotten", async () => {
  const context = await built.browser.newContext();
  const page = await openWith(context, quick);
  await finished(page, "name");
  await page.setInputFiles("#file", table);
  const first = await finished(page, "own");
  await waitFor("the promise", async () => /Kept in this browser/.test(await said(page, "#table-preview")));

  await page.reload();
  const second = await finished(page, "own");
  assert.deepEqual(losses(second), losses(first));
  assert.match(await said(page, "#table-preview"), /own\.csv: 60 rows.*Kept in this browser/);
  assert.equal(await said(page, "#notes"), "");

  // A crash of the tab leaves no more than a new tab at the same address finds.
  const address = page.url();
  await page.close();
  const other = await context.newPage();
  await other.goto(address);
  assert.deepEqual(losses(await finished(other, "own")), losses(first));

  await other.click("[data-forget-table]");
  await waitFor("it to be forgotten", async () => !/Kept/.test(await said(other, "#table-preview")));
  await other.reload();
  await finished(other, "name");
  assert.match(await said(other, "#notes"), /which is not in this browser/);
  await context.close();
});

test("a table that an earlier version kept as text is there again", async () => {
  const context = await built.browser.newContext();
  const page = await openWith(context, quick);
  await finished(page, "name");
  await page.evaluate(
    ([name, text]) =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open("eigendrift", 1);
        request.onerror = reject;
        request.onsuccess = () => {
          const transaction = request.result.transaction("tables", "readwrite");
          transaction.objectStore("tables").put([name, text], "own");
          transaction.oncomplete = resolve;
          transaction.onabort = reject;
        };
      }),
    ["old.csv", table.buffer.toString()],
  );
  await page.goto(`${built.site.url}${quick}&data=csv`);
  await page.reload();
  await finished(page, "own");
  assert.match(await said(page, "#table-preview"), /old\.csv: 60 rows.*Kept in this browser/);
  await context.close();
});

test("a browser that stores nothing says so, and computes all the same", async () => {
  const faults = {
    throws: () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException("not in this window", "SecurityError");
      };
    },
    missing: () => Object.defineProperty(globalThis, "indexedDB", { value: undefined }),
    full: () => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException("no room", "QuotaExceededError");
      };
    },
    silent: () => {
      IDBFactory.prototype.open = () => new EventTarget();
    },
  };
  for (const [name, fault] of Object.entries(faults)) {
    const context = await built.browser.newContext();
    await context.addInitScript(fault);
    const page = await openWith(context, quick);
    await finished(page, "name");
    await page.setInputFiles("#file", table);
    await finished(page, "own");
    if (name !== "silent") {
      await waitFor(`a sentence (${name})`, async () => /Not kept for the next visit/.test(await said(page, "#table-preview")));
    }
    await page.reload();
    await finished(page, "name");
    assert.match(await said(page, "#notes"), /which is not in this browser/, name);
    await page.click("#new-seed");
    await waitFor("another seed", async () => (await report(page)).runs[0].experiment.seed !== 1);
    await finished(page, "name");
    assert.deepEqual(page.errors, [], name);
    await context.close();
  }
});

test("changes on the way are in the link, and can be removed", async () => {
  const context = await built.browser.newContext();
  const page = await openWith(context, `${quick}&A=sgd,lr:0.1,at:30,lr:0.5`);
  const changed = await finished(page, "name");
  assert.match(await said(page, "[data-run-card=A] .note"), /η = 0.5 since step 30\. Reset repeats it\./);
  await page.click("[data-run-card=A] [data-run-action=remove-changes]");
  await waitFor("the link", async () => !page.url().includes("at:30"));
  await waitFor("another task", async () => (await report(page)).runs[0].generation !== changed.runs[0].generation);
  const plain = await finished(page, "name");
  assert.equal(plain.runs[0].checkpoints[0].loss, changed.runs[0].checkpoints[0].loss);
  assert.notEqual(plain.runs[0].checkpoints.at(-1).loss, changed.runs[0].checkpoints.at(-1).loss);
  assert.deepEqual(page.errors, []);
  await context.close();
});
