// What goes wrong around the page or in it is said, and nothing that was found is lost: files that are missing or cut off,
// browser functions that throw, memory that ends, a server that is gone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { complaints, launchChromium, serveBuild } from "./browser.mjs";

const quick = "#v=1&samples=60&hidden=4&steps=200&every=10";
const host = "eigendrift.test"; // not secure, as 127.0.0.1 is
let browser, site;

before(async () => {
  browser = await launchChromium([`--host-resolver-rules=MAP ${host} 127.0.0.1`]);
});
after(() => browser?.close());

/** Runs `check` with a new page and a server of its own; `prepare` comes before the page is opened. */
async function withPage({ hash = quick, policy, prepare = () => {}, insecure = false, reducedMotion }, check) {
  site = await serveBuild({ policy });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion });
  try {
    const page = await context.newPage();
    page.complaints = complaints(page);
    await prepare(page);
    await page.goto((insecure ? site.url.replace("127.0.0.1", host) : site.url) + hash);
    await check(page);
  } finally {
    await context.close();
    await site.close();
  }
}

const report = (page) => page.evaluate(() => globalThis.eigendrift?.report() ?? null);

/** Waits until all runs have finished. */
async function finished(page) {
  await page.waitForFunction(
    () => {
      const runs = globalThis.eigendrift?.report?.()?.runs ?? [];
      return runs.length > 0 && runs.every((run) => run.phase === "finished");
    },
    null,
    { timeout: 120_000, polling: 50 },
  );
  return report(page);
}

const says = (page, selector, pattern) =>
  page.waitForFunction(
    ([selector, source]) => {
      const place = document.querySelector(selector);
      return place?.checkVisibility() && new RegExp(source).test(place.textContent);
    },
    [selector, pattern.source],
    { timeout: 60_000, polling: 50 },
  );

/** What a button saves, as text. */
async function saved(page, act) {
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: 120_000 }), act()]);
  return readFileSync(await download.path(), "utf8");
}

async function exportJson(page) {
  await page.evaluate(() => (document.querySelector("[data-part=export]").open = true));
  await page.click("[data-export=json]");
}

/** The page says that it has stopped; both buttons work: what was found is saved, and reloading begins anew. */
async function offersBoth(page, counts) {
  await says(page, "#fault", /has stopped.*Export what is there, or reload/);
  const file = JSON.parse(await saved(page, () => page.click("#fault-export")));
  assert.match(file.schema, /export\.schema\.json/);
  const found = file.runs.map((run) => run.checkpoints.length);
  if (counts) assert.deepEqual(found, counts);
  else assert.ok(found.every((count) => count > 2), `${found}`);
  for (const run of file.runs) {
    assert.ok(run.checkpoints.every((c) => c.parameters.length === run.parameter_count));
  }
  await says(page, "#fault-export-words", /Saved/);
  await page.click("#fault-reload");
  await page.waitForFunction(() => document.body?.dataset.state === "ready");
  assert.ok(await page.isHidden("#fault"));
  assert.notEqual(await report(page), null);
}

describe("files that are missing or cut off", { concurrency: 1 }, () => {
  for (const [what, name, fault] of [
    ["the start script", /^start-.*\.js$/, "missing"],
    ["the program's script", /^app-.*\.js$/, "missing"],
    ["the program", /^app-.*\.wasm$/, "missing"],
    ["the program, cut off,", /^app-.*\.wasm$/, "truncated"],
  ]) {
    test(`${what} is missed with a sentence`, () =>
      withPage({ prepare: () => void (site.faults = (file) => (name.test(file) ? fault : null)) }, async (page) => {
        await says(page, "#fault", /could not start.*Reloading tries again/);
        assert.ok(await page.isHidden("#status"), "nothing says that the page is starting");
        site.faults = () => null;
        await page.click("#fault-reload");
        await finished(page);
      }));
  }

  test("without the script that reports faults the page works", () =>
    withPage({ prepare: () => void (site.faults = (file) => (/^guard/.test(file) ? "missing" : null)) }, async (page) => {
      await finished(page);
      assert.ok(await page.isHidden("#late"));
    }));

  test("without any script the page says that it has not started", () =>
    withPage({ prepare: () => void (site.faults = (file) => (/js$/.test(file) ? "missing" : null)) }, (page) =>
      says(page, "#late", /has not started.*Reloading tries again/)));

  for (const [what, name, requests, fault] of [
    ["the worker's loader", /^worker_loader/, 0, "missing"],
    ["the worker's loader, cut off,", /^worker_loader/, 0, "truncated"],
    // Which the page has had.
    ["the program's script in a worker", /^app-.*\.js$/, 1, "missing"],
    ["the program's script in a worker, cut off,", /^app-.*\.js$/, 1, "truncated"],
  ]) {
    const faulty = (file) => name.test(file) && site.requests.filter((each) => name.test(each)).length > requests;
    test(`${what} is missed with a sentence, and Reset tries again`, () =>
      withPage({ prepare: () => void (site.faults = (file) => (faulty(file) ? fault : null)) }, async (page) => {
        await says(page, "#problem", /a worker failed.*check the connection and press Reset/);
        site.faults = () => null;
        await page.click("#reset");
        assert.deepEqual((await finished(page)).problems, []);
      }));
  }

  test("after the page has finished it needs no server", () =>
    withPage({ hash: "#v=1&steps=400&every=20" }, async (page) => {
      const before = await finished(page);
      await page.waitForFunction(() => globalThis.eigendrift.report().runs.every((run) => run.null_model));
      // The spare worker loads last.
      let known;
      do {
        known = site.requests.length;
        await page.waitForTimeout(1500);
      } while (site.requests.length > known);
      const count = site.requests.length;
      site.faults = () => "missing";
      for (let i = 0; i < 3; i++) {
        await page.click("#new-seed");
        await page.waitForFunction((seed) => globalThis.eigendrift.report().runs[0].experiment.seed !== seed, before.runs[0].experiment.seed);
        const { problems } = await finished(page);
        assert.deepEqual(problems, []);
      }
      for (let i = 0; i < 5; i++) await page.click("#new-seed"); // while the runs are under way
      assert.deepEqual((await finished(page)).problems, []);
      // In place of a worker that is slow to stop another one is asked for; in vain, and so the slow one goes on.
      // The browser itself asks for the icon when the address changes.
      const asked = site.requests.slice(count).filter((name) => !["worker_loader.js", "icon.svg"].includes(name));
      assert.deepEqual(asked, []);
    }));
});

describe("errors within the page", { concurrency: 1 }, () => {
  test("an exception while a frame is drawn", () =>
    withPage({ reducedMotion: "reduce" }, async (page) => {
      const counts = (await finished(page)).runs.map((run) => run.checkpoints.length);
      await page.evaluate(() => {
        CanvasRenderingContext2D.prototype.fillRect = () => { throw new Error("no canvas today"); };
        CanvasRenderingContext2D.prototype.clearRect = CanvasRenderingContext2D.prototype.fillRect;
      });
      await page.click("#back");
      await offersBoth(page, counts);
    }));

  test("a panic of the program", () =>
    withPage({}, async (page) => {
      const counts = (await finished(page)).runs.map((run) => run.checkpoints.length);
      // The program takes for granted that a document has a root.
      await page.evaluate(() => Object.defineProperty(document, "documentElement", { get: () => null }));
      await page.click("#theme");
      await offersBoth(page, counts);
    }));

  test("memory that ends while results come in", () =>
    withPage(
      {
        hash: "#v=1&samples=60&hidden=4&steps=20000&every=10&k=1",
        prepare: (page) =>
          page.addInitScript(() => {
            const instantiate = WebAssembly.instantiateStreaming;
            WebAssembly.instantiateStreaming = async (...given) => {
              const result = await instantiate.apply(WebAssembly, given);
              globalThis.memoryForTest = result.instance.exports.memory;
              return result;
            };
          }),
      },
      async (page) => {
        await page.waitForFunction(() => globalThis.eigendrift?.report()?.runs.every((run) => run.checkpoints.length > 2));
        await page.evaluate(() => {
          for (let pages = 16384; pages >= 1; ) {
            try {
              globalThis.memoryForTest.grow(pages);
            } catch {
              pages = Math.floor(pages / 2);
            }
          }
        });
        await offersBoth(page);
      },
    ));

  test("browser functions that throw leave the page alive", () =>
    withPage(
      {
        prepare: (page) =>
          page.addInitScript(() => {
            const refuse = () => { throw new DOMException("refused", "SecurityError"); };
            History.prototype.replaceState = refuse;
            Storage.prototype.getItem = refuse;
            Storage.prototype.setItem = refuse;
            Storage.prototype.removeItem = refuse;
            Clipboard.prototype.writeText = refuse;
          }),
      },
      async (page) => {
        await finished(page);
        await page.click("#theme");
        await page.click("#new-seed");
        await finished(page);
        await page.click("#share");
        await page.waitForSelector("#link:not([hidden])");
        assert.ok(await page.isHidden("#fault"));
      },
    ));

  test("a file that cannot be saved is named, and the next one is saved", () =>
    withPage({}, async (page) => {
      await finished(page);
      await page.evaluate(() => {
        globalThis.createForTest = URL.createObjectURL;
        URL.createObjectURL = () => { throw new Error("no room"); };
      });
      await exportJson(page);
      await says(page, "#problem", /The file eigendrift\.json could not be saved: no room/);
      await page.click("[data-export=csv]");
      await says(page, "#problem", /The file eigendrift\.csv could not be saved: no room/);
      await page.evaluate(() => (URL.createObjectURL = globalThis.createForTest));
      JSON.parse(await saved(page, () => page.click("[data-export=json]")));
      await page.waitForSelector("#problem", { state: "hidden" });
    }));

  test("everything of many checkpoints is exported, with progress", () =>
    withPage({ hash: "#v=1&samples=30&hidden=3&steps=600&every=1&k=1" }, async (page) => {
      const { runs } = await finished(page);
      await page.evaluate(() => {
        globalThis.progressForTest = [];
        const place = document.getElementById("saving");
        new MutationObserver(() => globalThis.progressForTest.push(place.textContent)).observe(place, { childList: true, characterData: true, subtree: true });
      });
      const file = JSON.parse(await saved(page, () => exportJson(page)));
      assert.deepEqual(file.runs.map((run) => run.checkpoints.length), [601, 601]);
      file.runs.forEach((run, index) => {
        assert.deepEqual(run.checkpoints.map((c) => c.loss), runs[index].checkpoints.map((c) => c.loss));
      });
      const words = await page.evaluate(() => globalThis.progressForTest);
      assert.ok(words.some((text) => /^Exporting [\d,]+ of 1,202 checkpoints$/.test(text)), words.join("; "));
      await page.waitForFunction(() => document.getElementById("saving").textContent === "");
    }));
});

describe("where the page is served", { concurrency: 1 }, () => {
  test("without a clipboard Share shows the link, selected", () =>
    withPage({ insecure: true }, async (page) => {
      await finished(page);
      assert.equal(await page.evaluate(() => navigator.clipboard), undefined);
      await page.click("#share");
      await page.waitForSelector("#link:not([hidden])");
      assert.equal(await page.inputValue("#link"), page.url());
      assert.equal(await page.evaluate(() => getSelection().toString() || document.activeElement.id), page.url());
      await page.click("#reset");
      await finished(page);
      assert.deepEqual(page.complaints, []);
    }));

  test("a strict content security policy with trusted types is kept", () => {
    const policy =
      "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; object-src 'none'; img-src 'self' data:; " +
      "style-src 'self'; require-trusted-types-for 'script'; trusted-types eigendrift";
    return withPage({ policy }, async (page) => {
      const { problems } = await finished(page);
      assert.deepEqual(problems, []);
      await page.click("#new-seed");
      await finished(page);
      assert.deepEqual(page.complaints, []);
    });
  });
});
