// The JS API as a researcher loads it from the served build, and the worker's answers while two runs compute.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { launchChromium, launchFirefox, serveBuild } from "./browser.mjs";

const golden = JSON.parse(await readFile(new URL("../golden/deep_tanh_ce.json", import.meta.url)));

let host;
before(async () => {
  // A page of its own without the instrument, next to the built files, would need a second server: an unknown address does.
  host = await serveBuild();
});
after(() => host?.close());

for (const [name, launch] of [
  ["Chromium", launchChromium],
  ["Firefox", launchFirefox],
]) {
  test(`analyze and Run can be imported, and answer, in ${name}`, async () => {
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(`${host.url}no-such-page`);
      const found = await page.evaluate(
        async ({ module, golden }) => {
          const { default: init, analyze, Run } = await import(module);
          await init();
          const { eigenvalues_descending, loss } = analyze(golden);
          let thrown;
          try {
            analyze({ ...golden, labels: [0] });
          } catch (error) {
            thrown = error instanceof Error && error.message;
          }
          const run = new Run({ steps: 20, checkpoint_every: 10, null_model: null });
          const steps = [];
          while (!run.isFinished) {
            run.advance();
            steps.push(run.checkpoint().step);
          }
          const typed = run.report().subspace_overlap[0] instanceof Float64Array;
          run.free();
          return { eigenvalues: [...eigenvalues_descending], loss, thrown, steps, typed };
        },
        { module: `${host.url}api.js`, golden },
      );
      assert.ok(Math.abs(found.loss - golden.loss) <= 1e-12);
      const scale = Math.abs(golden.eigenvalues_descending[0]);
      found.eigenvalues.forEach((value, i) => assert.ok(Math.abs(value - golden.eigenvalues_descending[i]) <= 1e-11 * scale));
      assert.match(found.thrown, /^labels: /);
      assert.deepEqual(found.steps, [0, 10, 20]);
      assert.equal(found.typed, true);
    } finally {
      await browser.close();
    }
  });
}

test("the build has the types", async () => {
  const types = await (await fetch(`${host.files}api.d.ts`)).text();
  for (const wanted of ["export function analyze(_case: Case): Analysis", "export class Run", "Promise<InitOutput>"]) {
    assert.ok(types.includes(wanted), wanted);
  }
});

test("two runs at P = 606 that compute at the same time answer a pause within 200 ms", async () => {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${host.url}no-such-page`);
    const answers = await page.evaluate(async (loader) => {
      // The program as the page posts it to a new worker.
      const html = await (await fetch(new URL("..", loader))).text();
      const [script, wasm] = [/app-\w+\.js/, /app-\w+\.wasm/].map((name) => new URL(html.match(name)[0], loader).href);
      const module = await WebAssembly.compileStreaming(fetch(wasm));
      const response = await fetch(new URL("tables/digits.bin", loader));
      const tables = [{ name: "digits", bytes: new Uint8Array(await response.arrayBuffer()) }];
      const task = (name) => ({
        Run: {
          experiment: {
            data: { name: "digits4x4" },
            hidden: [16, 12],
            optimizer: { name, learning_rate: 0.01 },
            steps: 100_000,
            checkpoint_every: 50,
            null_model: null,
          },
          speed: null,
          paused: false,
        },
      });
      const received = (worker, wanted) =>
        new Promise((resolve) => {
          worker.onmessage = ({ data }) => wanted(data) && resolve();
        });
      const workers = ["sgd", "adam"].map((name) => {
        const worker = new Worker(loader, { type: "module" });
        worker.postMessage({ script, module });
        return received(worker, (message) => message === "Ready").then(() => {
          worker.postMessage({ Start: { generation: 1, task: task(name), tables } });
          return worker;
        });
      });
      const both = await Promise.all(workers);
      const milliseconds = [];
      for (let pause = 0; pause < 15; pause++) {
        await new Promise((later) => setTimeout(later, 400 + 13 * pause));
        const begin = performance.now();
        const paused = both.map((worker) => received(worker, (message) => message.Event?.event.Paused));
        both.forEach((worker) => worker.postMessage({ Command: "Pause" }));
        await Promise.all(paused);
        milliseconds.push(performance.now() - begin);
        both.forEach((worker) => worker.postMessage({ Command: "Resume" }));
      }
      both.forEach((worker) => worker.terminate());
      return milliseconds.sort((a, b) => a - b);
    }, `${host.files}worker_loader.js`);
    console.log(`answers to pause: ${answers.map((each) => each.toFixed(0)).join(" ")} ms`);
    // The median: what else a machine does can delay single answers, and the first checkpoints run code not yet optimized.
    assert.ok(answers[7] <= 200, `${answers[7]} ms`);
  } finally {
    await browser.close();
  }
});

test("the API can be imported in a worker too", async () => {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${host.url}no-such-page`);
    const loss = await page.evaluate(
      ({ module, golden }) => {
        const source = `
          onmessage = async ({ data }) => {
            const { default: init, analyze } = await import("${module}");
            await init();
            postMessage(analyze(data).loss);
          };`;
        const file = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
        const worker = new Worker(file, { type: "module" });
        worker.postMessage(golden);
        return new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = (event) => reject(new Error(event.message));
        });
      },
      { module: `${host.url}api.js`, golden },
    );
    assert.ok(Math.abs(loss - golden.loss) <= 1e-12);
  } finally {
    await browser.close();
  }
});
