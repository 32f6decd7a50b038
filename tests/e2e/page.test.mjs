// The built page, driven as a person would drive it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { createRequire } from "node:module";
import { launchChromium, serveBuild, waitFor } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const quick = "#v=1&steps=400&every=20"; // small enough for a test, large enough for every picture
let site, browser, pictures;

before(async () => {
  site = await serveBuild();
  browser = await launchChromium();
  const page = await open(); // the page itself names its pictures
  pictures = (await report(page)).pictures;
  assert.ok(pictures.length >= 8);
  await close(page);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** A new page at a link, its errors collected; one that does not play by itself, unless asked for. */
async function open(hash = quick, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 960 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  await page.addInitScript(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((e) => `${Math.round(e.duration)} at ${Math.round(e.startTime)}`))).observe({
      type: "longtask",
      buffered: true,
    });
  });
  await page.goto(site.url + hash);
  await page.waitForFunction(() => document.body.dataset.state === "ready");
  return page;
}

const report = (page) => page.evaluate(() => globalThis.eigendrift.report());
const ended = ["finished", "diverged", "failed"];

/** Waits until all runs have ended. */
async function finished(page, timeout = 120_000) {
  await page.waitForFunction(
    (ended) => {
      const runs = globalThis.eigendrift?.report()?.runs ?? [];
      return runs.length > 0 && runs.every((run) => ended.includes(run.phase));
    },
    ended,
    { timeout, polling: 50 },
  );
  return report(page);
}

async function printLongTasks(page, what) {
  const long = await page.evaluate(() => globalThis.longTasks);
  console.log(`tasks over 50 ms on the page's thread, ${what} (ms): ${long.length ? long.join(", ") : "none"}`);
}

/** Does something, and returns the report once run A's experiment satisfies `test` and all runs have ended. */
async function changed(page, act, test) {
  await changedOnce(page, test, act);
  return finished(page);
}

/** Does something, and waits until run A's experiment satisfies `test`, without waiting for its end. */
async function changedOnce(page, test, act) {
  await act();
  // Not within the page, whose policy forbids to make functions of texts.
  const satisfies = new Function("experiment", `return ${test}`);
  await waitFor(test, async () => {
    try {
      return satisfies((await report(page)).runs[0].experiment);
    } catch {
      return false; // a part of the experiment that is not there (yet)
    }
  }, { timeout: 20_000 });
}

/** Waits until every picture in view shows the moment of the cursor. */
async function drawn(page) {
  await page.waitForFunction(() => {
    const plots = [...document.querySelectorAll("#pictures .plot")].filter((plot) => plot.checkVisibility());
    const { cursor } = globalThis.eigendrift.report();
    return plots.length > 0 && plots.every((plot) => Number(plot.dataset.moment) === cursor && plot.querySelector("canvas").ariaLabel);
  });
}

/** Waits until an element's text matches: what an action changes is on the page with the next frame, not at once. */
async function shows(page, selector, pattern) {
  let text;
  for (let tries = 0; tries < 100; tries++) {
    text = await page.textContent(selector);
    if (pattern.test(text)) return;
    await page.waitForTimeout(50);
  }
  assert.match(text, pattern, selector);
}

const close = (page) => page.context().close();
const write = async (page, selector, text) => {
  await page.fill(selector, text);
  await page.press(selector, "Enter");
};

describe("the page", { concurrency: 1 }, () => {
  test("starts by itself with the spirals, SGD and Adam, and finishes", async () => {
    const page = await open("");
    const { runs, problems } = await finished(page);
    assert.deepEqual(problems, []);
    assert.deepEqual(page.errors, []);
    assert.deepEqual(runs.map((run) => run.experiment.optimizer.name), ["sgd", "adam"]);
    for (const run of runs) {
      assert.equal(run.phase, "finished");
      assert.equal(run.checkpoints.length, 41);
      assert.equal(run.parameter_count, 2 * 12 + 12 + 12 * 12 + 12 + 12 * 3 + 3);
      assert.ok(run.checkpoints.at(-1).loss < run.checkpoints[0].loss);
      // Same start, same data: the first checkpoint is the same.
      assert.deepEqual(run.checkpoints[0].leading_eigenvalues, runs[0].checkpoints[0].leading_eigenvalues);
    }
    await page.waitForFunction(() => /step 2,000 of 2,000 · 41 checkpoints · P = 231\b/.test(document.getElementById("status").textContent));
    await printLongTasks(page, "P = 231");
    await close(page);
  });

  test("digits of 8 × 8 pixels finish at P = 610, and a reload gives the same bits", async () => {
    const page = await open("#v=1&data=digits&samples=512&hidden=8&steps=600&every=20");
    const first = await finished(page);
    await printLongTasks(page, "P = 610");
    assert.ok(first.runs.every((run) => run.phase === "finished" && run.parameter_count === 610 && run.checkpoints.length === 31));
    await page.reload();
    const second = await finished(page);
    assert.deepEqual(second.runs.map((run) => run.checkpoints), first.runs.map((run) => run.checkpoints));
    await close(page);
  });

  test("six pictures are in view at 1440 × 960, all are drawn, and their descriptions are true", async () => {
    const page = await open();
    const { runs } = await finished(page);
    await drawn(page);
    for (const name of pictures) {
      const box = await page.locator(`[data-chart=${name}]`).boundingBox();
      if (pictures.indexOf(name) < 6) assert.ok(box.y + box.height <= 960, `${name} ends at ${box.y + box.height}`);
      const colours = await page.evaluate((name) => {
        const canvas = document.querySelector(`[data-chart=${name}]`);
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
        return seen.size;
      }, name);
      assert.ok(colours > 12, `${name} has ${colours} colours`);
      const words = await page.getAttribute(`[data-chart=${name}]`, "aria-label");
      assert.ok(words.length > 40, `${name}: ${words}`);
      assert.match(words, /A SGD/);
      assert.match(words, /B Adam/);
    }
    // The words of the loss hold the numbers that the report holds, rounded.
    const words = await page.getAttribute("[data-chart=loss]", "aria-label");
    for (const run of runs) {
      const numbers = words.match(/\d+\.?\d*(?:e-?\d+)?/g).map(Number);
      for (const value of [run.checkpoints[0].loss, run.checkpoints.at(-1).loss]) {
        assert.ok(numbers.some((n) => Math.abs(n - value) <= 0.006 * value), `${value} is not in: ${words}`);
      }
    }
    await close(page);
  });

  test("the data sets have thumbnails, and other ones in the other theme", async () => {
    const page = await open();
    const drawn = (before = {}) =>
      page.waitForFunction((before) => {
        const pictures = {};
        for (const canvas of document.querySelectorAll("canvas[data-thumbnail]")) {
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          const url = canvas.toDataURL();
          if (!data.some((value) => value > 0) || url === before[canvas.dataset.thumbnail]) return false;
          pictures[canvas.dataset.thumbnail] = url;
        }
        return pictures;
      }, before);
    const first = await (await drawn()).jsonValue();
    assert.equal(new Set(Object.values(first)).size, 12, "each data set has its own");
    await page.click("#theme");
    await drawn(first);
    await close(page);
  });

  test("each control changes the experiment", async () => {
    const page = await open();
    await finished(page);
    await page.evaluate(() => document.querySelectorAll("details.more, [data-part=export], #evidence").forEach((more) => (more.open = true)));
    const number = (id, text) => () => write(page, `#${id}`, text);
    const select = (id, name) => () => page.selectOption(`#${id}`, name);
    const cases = [
      [number("setting-samples", "150"), "experiment.data.samples === 150"],
      [number("setting-noise", "0.05"), "experiment.data.noise === 0.05"],
      [number("setting-test", "0.25"), "experiment.test_share === 0.25"],
      [number("hidden-0", "6"), "experiment.hidden[0] === 6"],
      [() => page.click("[data-layer=add]"), "experiment.hidden.length === 3"],
      [() => page.click("[data-layer='2']"), "experiment.hidden.length === 2"],
      [select("setting-activation", "relu"), "experiment.activation === 'relu'"],
      [select("setting-activation", "tanh"), "experiment.activation === 'tanh'"],
      [select("setting-loss", "mean_squared_error"), "experiment.loss_function === 'mean_squared_error'"],
      [select("setting-loss", "cross_entropy"), "experiment.loss_function === 'cross_entropy'"],
      [number("setting-smoothing", "0.1"), "experiment.label_smoothing === 0.1"],
      [select("setting-start", "he"), "experiment.start.scheme === 'he'"],
      [number("setting-scale", "1.5"), "experiment.start.scale === 1.5"],
      [number("setting-batch", "full"), "experiment.batch_size === 'full'"],
      [number("setting-batch", "16"), "experiment.batch_size === 16"],
      [number("setting-steps", "300"), "experiment.steps === 300"],
      [number("setting-every", "30"), "experiment.checkpoint_every === 30"],
      [select("setting-spacing", "logarithmic"), "experiment.checkpoint_spacing === 'logarithmic'"],
      [select("setting-spacing", "linear"), "experiment.checkpoint_spacing === 'linear'"],
      [number("setting-seed", "5"), "experiment.seed === 5"],
      [number("setting-seed_data", "9"), "experiment.seeds.data === 9"],
      [number("setting-seed_start", "8"), "experiment.seeds.start === 8"],
      [number("setting-seed_batches", "7"), "experiment.seeds.batches === 7"],
      [number("setting-k", "3"), "experiment.leading === 3"],
      [select("setting-order", "magnitude"), "experiment.leading_order === 'magnitude'"],
      [number("setting-hessian", "60"), "experiment.hessian_samples === 60"],
      [number("run0-lr", "0.2"), "experiment.optimizer.learning_rate === 0.2"],
      [number("run0-wd", "0.001"), "experiment.optimizer.weight_decay === 0.001"],
      [() => page.check("#run0-rotated"), "experiment.optimizer.rotated_basis === true"],
      [select("run0-schedule", "cosine"), "experiment.optimizer.schedule.name === 'cosine'"],
      [number("run0-to", "0.1"), "experiment.optimizer.schedule.final_factor === 0.1"],
      [select("run0-optimizer", "momentum"), "experiment.optimizer.name === 'momentum'"],
      [number("run0-momentum", "0.8"), "experiment.optimizer.momentum === 0.8"],
      [select("run0-optimizer", "adamw"), "experiment.optimizer.name === 'adamw'"],
      [number("run0-beta1", "0.8"), "experiment.optimizer.beta1 === 0.8"],
      [number("run0-beta2", "0.99"), "experiment.optimizer.beta2 === 0.99"],
      [number("run0-eps", "1e-6"), "experiment.optimizer.epsilon === 1e-6"],
      [() => page.check("#run0-amsgrad"), "experiment.optimizer.amsgrad === true"],
      [() => page.click(".thumb:has([value=iris])"), "experiment.data.name === 'iris'"],
    ];
    let before = await report(page);
    for (const [act, test] of cases) {
      const now = await changed(page, act, test);
      assert.deepEqual(now.problems, [], test);
      assert.notDeepEqual(now.runs[0].experiment, before.runs[0].experiment, test);
      // Largest by magnitude may well be largest: only the numbers of all other controls must change.
      if (!test.includes("order")) assert.notDeepEqual(now.runs[0].checkpoints, before.runs[0].checkpoints, test);
      before = now;
    }
    // What is written is what the link holds: read back, it gives the same numbers.
    const again = await open(before.link);
    const repeated = await finished(again);
    assert.deepEqual(repeated.runs.map((run) => run.checkpoints), before.runs.map((run) => run.checkpoints));
    assert.deepEqual(page.errors, []);
    await close(page);
    await close(again);
  });

  test("a slider and its number move together", async () => {
    const page = await open();
    await finished(page);
    const slider = page.locator("[data-field=noise] input[type=range]");
    const before = (await report(page)).runs[0].experiment.data.noise;
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    const now = await changed(page, async () => {}, `experiment.data.noise > ${before}`);
    const value = String(now.runs[0].experiment.data.noise);
    await page.waitForFunction((value) => document.querySelector("#setting-noise").value === value, value);
    await close(page);
  });

  test("what is being written stays while runs go on", async () => {
    const page = await open("#v=1&steps=200000&every=100");
    await page.waitForFunction(() => globalThis.eigendrift.report().runs.every((run) => run.checkpoints.length > 3));
    await page.focus("#setting-noise");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("0.0");
    // Renders all controls again, without a move of the focus.
    await page.evaluate(() => {
      const select = document.getElementById("view-pair");
      select.value = "tracked";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
    assert.equal(await page.inputValue("#setting-noise"), "0.0");
    await page.keyboard.type("7");
    await changedOnce(page, "experiment.data.noise === 0.07", () => page.keyboard.press("Enter"));
    await close(page);
  });

  test("a wrong number is reported at its control, and changes nothing", async () => {
    const page = await open();
    await finished(page);
    await write(page, "#setting-samples", "-7");
    await shows(page, "#setting-samples-error", /“-7” is not allowed: a whole number from 12/);
    assert.equal(await page.getAttribute("#setting-samples", "aria-invalid"), "true");
    assert.equal((await report(page)).runs[0].experiment.data.samples, 300);
    await write(page, "#setting-samples", "100");
    await page.waitForSelector("#setting-samples-error", { state: "detached" });
    await close(page);
  });

  test("pause, step, back, live, reset and new seed", async () => {
    const page = await open("#v=1&steps=200000&every=500&play=computed");
    await page.waitForFunction(() => globalThis.eigendrift.report().runs.every((run) => run.checkpoints.length > 2));
    // From the click to its effect, timed within the page: the driver's own way to a click is not the page's.
    const answer = (button, test) =>
      page.evaluate(
        async ([button, test]) => {
          const reached = new Function("report", `return ${test}`);
          const begin = performance.now();
          document.querySelector(button).click();
          while (!reached(globalThis.eigendrift.report())) {
            if (performance.now() - begin > 5000) return Infinity;
            await new Promise((later) => setTimeout(later, 5));
          }
          return Math.round(performance.now() - begin);
        },
        [button, test],
      );
    const paused = await answer("#run", "report.paused");
    await page.waitForTimeout(200);
    const still = await report(page);
    await page.waitForTimeout(400);
    assert.deepEqual((await report(page)).runs.map((r) => r.step), still.runs.map((r) => r.step), "it stands still");

    const counts = still.runs.map((run) => run.checkpoints.length);
    const shown = still.cursor;
    assert.equal(shown, Math.min(...counts) - 1, "the newest checkpoint that both runs have");
    await page.click("#step");
    await page.waitForFunction((shown) => globalThis.eigendrift.report().cursor === shown + 1, shown);
    await page.waitForTimeout(300);
    const stepped = await report(page);
    assert.ok(stepped.runs.every((run) => run.phase === "paused"));
    assert.equal(stepped.cursor, shown + 1);
    assert.ok(stepped.runs.every((run, i) => run.checkpoints.length <= Math.max(counts[i], shown + 2)), "no run goes further");

    await page.click("#back");
    assert.equal((await report(page)).cursor, stepped.cursor - 1);
    assert.equal((await report(page)).live, false);
    await page.click("#step");
    assert.equal((await report(page)).cursor, stepped.cursor, "Step goes forward to what is known");

    const resumed = await answer("#run", "!report.paused && report.runs[0].phase === 'running'");
    await page.waitForFunction((n) => globalThis.eigendrift.report().runs[0].checkpoints.length > n, counts[0] + 1);
    const reset = await answer("#reset", "report.runs.every((run) => run.checkpoints.length <= 2)");
    console.log(`pause ${paused} ms, run ${resumed} ms, reset ${reset} ms`);
    // Printed, not judged: how long it takes depends on the machine; that it happens does not.
    for (const milliseconds of [paused, resumed, reset]) assert.ok(Number.isFinite(milliseconds));

    const seed = (await report(page)).runs[0].experiment.seed;
    await page.click("#new-seed");
    await page.waitForFunction((old) => globalThis.eigendrift.report().runs[0].experiment.seed !== old, seed);
    await close(page);
  });

  test("the learning rate of a run under way changes it from there on, and is marked", async () => {
    const page = await open("#v=1&steps=100000&every=500&A=sgd,lr:0.1&play=computed");
    await page.waitForFunction(() => globalThis.eigendrift.report().runs[0].checkpoints.length > 3);
    await page.click("#run");
    await page.waitForTimeout(300);
    await write(page, "#run0-lr", "0.05");
    await page.waitForFunction(() => globalThis.eigendrift.report().runs[0].changes.length === 1);
    const { runs } = await report(page);
    assert.ok(runs[0].checkpoints.length > 3, "it did not begin again");
    assert.ok(runs[0].changes[0].step > 0);
    await shows(page, "[data-run-card=A] .note", /η = 0.05 since step/);
    const step = async (count) => {
      await page.click("#step");
      await page.waitForFunction((n) => globalThis.eigendrift.report().runs[0].checkpoints.length > n, count);
      return (await report(page)).runs[0].checkpoints;
    };
    let checkpoints = await step(runs[0].checkpoints.length);
    // A pause can fall between a step and its checkpoint, whose rate is that before the change.
    if (checkpoints.at(-1).step === runs[0].changes[0].step) checkpoints = await step(checkpoints.length);
    assert.equal(checkpoints.at(-1).learning_rate, 0.05);
    await close(page);
  });

  test("the cursor is dragged, moved by keys and by the slider; everything follows", async () => {
    const page = await open();
    const { runs } = await finished(page);
    const last = runs[0].checkpoints.length - 1;
    assert.equal((await report(page)).cursor, last);
    const box = await page.locator("[data-chart=localization]").boundingBox();
    await page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    const dragged = await report(page);
    assert.ok(dragged.cursor > 0 && dragged.cursor < last && !dragged.live, `cursor at ${dragged.cursor}`);
    await page.locator("[data-chart=overlap]").focus();
    await page.keyboard.press("ArrowLeft");
    assert.equal((await report(page)).cursor, dragged.cursor - 1);
    await page.locator("#cursor").focus();
    await page.keyboard.press("Home");
    assert.equal((await report(page)).cursor, 0);
    await page.waitForTimeout(300);
    const step = await page.textContent("#numbers-table tbody tr:first-child td");
    assert.equal(step, "0");
    await page.click("#live");
    assert.equal((await report(page)).cursor, last);
    // Hovering shows values.
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2);
    await page.waitForSelector("[data-picture=localization] .readout:not([hidden])");
    await shows(page, "[data-picture=localization] .readout", /step.*A SGD.*B Adam/);
    await close(page);
  });

  test("every picture shows the last checkpoint at the end, also of four runs", async () => {
    const page = await open(`${quick}&A=sgd,lr:0.1&B=momentum,lr:0.02&C=adam,lr:0.01&D=muon,lr:0.02&pair=tracked`);
    await finished(page);
    await drawn(page);
    for (const name of pictures) {
      const inked = await page.evaluate((name) => {
        const canvas = document.querySelector(`[data-chart=${name}]`);
        const { width, height } = canvas;
        const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
        const background = data.slice(0, 4).join();
        let count = 0;
        for (let i = 0; i < data.length; i += 4) count += data.slice(i, i + 4).join() !== background;
        return count / (width * height);
      }, name);
      // A heatmap fills most of its picture; of the others lines, bands and text stand out.
      assert.ok(inked > (["overlap", "eigenvector"].includes(name) ? 0.3 : 0.03), `${name}: ${inked}`);
      const words = await page.getAttribute(`[data-chart=${name}]`, "aria-label");
      if (["overlap", "eigenvector"].includes(name)) assert.match(words, /400/, words);
    }
    await close(page);
  });

  test("all pictures, numbers, status and slider of every frame show one moment", async () => {
    const page = await open("#v=1&steps=12000&every=20");
    const frames = await page.evaluate(async () => {
      const thousands = (text) => Number(/step ([\d,]+)/.exec(text)?.[1].replace(/,/g, ""));
      const frames = [];
      // On a busy machine few moments are drawn in so many frames.
      const moments = () => new Set(frames.map((frame) => frame.moments[0])).size;
      const end = performance.now() + 240_000;
      for (let i = 0; i < 150 || (moments() < 6 && performance.now() < end); i++) {
        await new Promise(requestAnimationFrame);
        await new Promise((later) => setTimeout(later)); // after the page's own frame
        const moments = [...document.querySelectorAll("#pictures .plot[data-moment]")].map((plot) => Number(plot.dataset.moment));
        const table = document.querySelector("#numbers-table tbody tr td")?.textContent.replace(/,/g, "");
        frames.push({
          moments: [...new Set(moments)],
          slider: Number(document.getElementById("cursor").value),
          steps: [thousands(document.getElementById("status").textContent), Number(document.getElementById("cursor-step").textContent.replace(/,/g, "")), Number(table)],
        });
      }
      return frames;
    });
    const drawn = frames.filter((frame) => frame.moments.length > 0);
    assert.ok(new Set(drawn.map((frame) => frame.moments[0])).size > 3, "training went on");
    for (const frame of drawn) {
      assert.equal(frame.moments.length, 1, JSON.stringify(frame));
      assert.equal(frame.slider, frame.moments[0], JSON.stringify(frame));
      for (const step of frame.steps) if (!Number.isNaN(step)) assert.equal(step, 20 * frame.moments[0], JSON.stringify(frame));
    }
    await close(page);
  });

  test("nothing jumps while the page loads", async () => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 960 } });
    const page = await context.newPage();
    await page.addInitScript(() => {
      globalThis.shift = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((e) => (globalThis.shift += e.hadRecentInput ? 0 : e.value))).observe({
        type: "layout-shift",
        buffered: true,
      });
    });
    await page.goto(site.url);
    await finished(page);
    await drawn(page);
    const shift = await page.evaluate(() => globalThis.shift);
    console.log(`layout shift while loading: ${shift.toFixed(4)}`);
    assert.ok(shift < 0.05, `layout shift ${shift}`);
    await context.close();
  });

  test("rules without a threshold say so, and adaptive ones name what is preconditioned", async () => {
    const page = await open(`${quick}&A=sgd,lr:0.1&B=adam,lr:0.01&C=lion,lr:0.001&curvature=stability`);
    await finished(page);
    await drawn(page);
    const words = await page.getAttribute("[data-chart=eigenvalues]", "aria-label");
    assert.match(words, /Lion has no stability threshold/);
    assert.match(words, /B Adam, preconditioned λ₁/);
    await shows(page, "#numbers-table", /preconditioned λ₁/);
    await close(page);
  });

  test("logarithmic checkpoints have a logarithmic axis and their real number", async () => {
    const page = await open("#v=1&spacing=logarithmic&every=1&steps=5000");
    const { runs } = await finished(page);
    await shows(page, "#cost", new RegExp(`${runs[0].checkpoints.length} exact Hessians`));
    await shows(page, "#status", new RegExp(`${runs[0].checkpoints.length} checkpoints`));
    await close(page);
  });

  test("a table whose labels look like names is asked about before it runs", async () => {
    const page = await open();
    await finished(page);
    const rows = Array.from({ length: 60 }, (_, i) => `${Math.cos(i)},${Math.sin(i * 1.3)},${i}`);
    await page.setInputFiles("#file", { name: "ids.csv", mimeType: "text/csv", buffer: Buffer.from(["x,y,id", ...rows].join("\n")) });
    await page.waitForSelector("[data-confirm-table]");
    await shows(page, "#table-preview", /60 different labels in 60 rows/);
    await page.waitForTimeout(600);
    assert.equal((await report(page)).runs[0].experiment.data.own, undefined, "nothing has begun");
    await changed(page, () => page.click("[data-confirm-table]"), "experiment.data.own?.name === 'ids.csv'");
    await page.waitForFunction(() => {
      const canvas = document.querySelector("canvas[data-thumbnail=csv]");
      return canvas?.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
    });
    await page.click(".thumb:has([value=moons])");
    await page.waitForSelector("#table-preview", { state: "hidden" });
    await close(page);
  });

  test("the space bar after the end keeps the results", async () => {
    const page = await open();
    const before = await finished(page);
    await page.focus("body");
    await page.keyboard.press("Space");
    await page.waitForTimeout(400);
    const now = await report(page);
    assert.deepEqual(now.runs.map((run) => run.generation), before.runs.map((run) => run.generation));
    await close(page);
  });

  for (const [what, hash, viewport] of [
    ["embedded at 640 × 420", `${quick}&embed&view=localization`, { width: 640, height: 420 }],
    ["large on a phone", `${quick}&view=localization`, { width: 390, height: 844 }],
  ]) {
    test(`nothing covers the axes: ${what}`, async () => {
      const page = await open(hash, { viewport });
      await finished(page);
      await drawn(page);
      const covered = await page.evaluate(() => {
        const { left, right, bottom, top } = document.querySelector("[data-chart=localization]").getBoundingClientRect();
        const at = [[left + 20, bottom - 8], [(left + right) / 2, bottom - 8], [right - 20, bottom - 8], [left + 20, top + 8]];
        return at.map(([x, y]) => document.elementFromPoint(x, y)?.closest("[data-picture]")?.dataset.picture ?? `${x}, ${y}`);
      });
      assert.deepEqual(covered, Array(4).fill("localization"));
      await close(page);
    });
  }

  test("a tap shows the readout beside the point that it reads", async () => {
    const page = await open(quick, { viewport: { width: 390, height: 844 }, hasTouch: true });
    await finished(page);
    await drawn(page);
    // The later pictures are folded on a phone.
    await page.click("[data-picture=loss] .unfold");
    await page.locator("[data-chart=loss]").scrollIntoViewIfNeeded();
    await drawn(page);
    const box = await page.locator("[data-chart=loss]").boundingBox();
    for (const [share, side] of [[0.25, ".right"], [0.75, ":not(.right)"]]) {
      const x = box.x + share * box.width;
      await page.touchscreen.tap(x, box.y + box.height / 2);
      // The readout of the tap before may still stand.
      const readout = await page.locator(`[data-picture=loss] .readout${side}:not([hidden])`).boundingBox();
      assert.ok(x < readout.x || x > readout.x + readout.width, `${x} is under ${JSON.stringify(readout)}`);
    }
    await close(page);
  });

  test("every run's numbers are reachable at 360 px", async () => {
    const page = await open(`${quick}&A=sgd,lr:0.1&B=momentum,lr:0.02&C=adam,lr:0.01&D=muon,lr:0.02`, { viewport: { width: 360, height: 740 } });
    await finished(page);
    await drawn(page);
    const [room, ends] = await page.evaluate(() => {
      const place = document.getElementById("numbers-table").getBoundingClientRect();
      return [place.right, [...document.querySelectorAll("#numbers-table tr > :last-child")].map((cell) => cell.getBoundingClientRect().right)];
    });
    assert.ok(ends.length > 5 && ends.every((end) => end <= room + 1), `${Math.max(...ends)} beyond ${room}`);
    await close(page);
  });

  test("changing only the view never restarts", async () => {
    const page = await open();
    const { runs } = await finished(page);
    for (const [key, value] of [["pair", "tracked"], ["pair", "rank"], ["against", "loss"], ["values", "signed"], ["measure", "accuracy"], ["curvature", "stability"]]) {
      await page.selectOption(`#view-${key}`, value);
      await page.waitForTimeout(350);
      const now = await report(page);
      assert.ok(now.link.includes(`${key}=${value}`), now.link);
      assert.ok(now.runs.every((run) => run.phase === "finished"));
      assert.deepEqual(now.runs[0].checkpoints.at(-1), runs[0].checkpoints.at(-1));
    }
    assert.deepEqual(page.errors, []);
    await close(page);
  });

  test("runs are added, duplicated and removed, up to four", async () => {
    const page = await open();
    await finished(page);
    const tasks = async () => Object.fromEntries((await report(page)).runs.map((run) => [run.name, run.generation]));
    const colour = (name) =>
      page.evaluate((name) => getComputedStyle(document.querySelector(`[data-run-card=${name}] b`)).color, name);
    const [begun, blue, orange] = [await tasks(), await colour("A"), await colour("B")];
    await page.click("#add-run");
    assert.deepEqual((await finished(page)).runs.map((run) => run.name), ["A", "B", "C"]);
    await page.click("[data-run-action=duplicate][data-run='0']");
    const four = await finished(page);
    assert.equal(four.runs.length, 4);
    assert.deepEqual(four.runs[3].checkpoints, four.runs[0].checkpoints);
    await page.waitForSelector("#add-run:disabled");
    // The others were neither computed again nor given another colour.
    const { A, B } = await tasks();
    assert.deepEqual({ A, B }, begun);
    for (const [run, left] of [[0, "BCD"], [2, "BD"], [3, "B"]]) {
      await page.click(`[data-run-action=remove][data-run='${run}']`);
      assert.equal((await finished(page)).runs.map((run) => run.name).join(""), left);
    }
    assert.deepEqual(await tasks(), { B: begun.B });
    assert.equal(await colour("B"), orange);
    assert.notEqual(blue, orange);
    await page.waitForSelector("[data-run-action=remove][data-run='1']:disabled");
    assert.deepEqual(page.errors, []);
    await close(page);
  });

  test("an own table by file and by drop; a broken one is refused with line and column", async () => {
    const page = await open();
    await finished(page);
    const rows = Array.from({ length: 60 }, (_, i) => `${Math.cos(i)},${Math.sin(i * 1.3)},${i % 2 ? "odd" : "even"}`);
    const good = ["x,y,parity", ...rows].join("\n");
    await page.setInputFiles("#file", { name: "good.csv", mimeType: "text/csv", buffer: Buffer.from(good) });
    const { runs, problems } = await changed(page, async () => {}, "experiment.data.own?.name === 'good.csv'");
    assert.deepEqual(problems, []);
    assert.equal(runs[0].parameter_count, 2 * 12 + 12 + 144 + 12 + 12 * 2 + 2);
    await shows(page, "#table-preview", /good\.csv: 60 rows, 2 inputs, 2 classes/);

    await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["x,y,c\n1,2,a\n3,oops,b\n"], "broken.csv"));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    });
    await page.waitForSelector("#table-preview .error");
    await shows(page, "#table-preview .error", /broken\.csv: line 3, column 2/);
    assert.equal((await report(page)).runs[0].experiment.data.own.name, "good.csv", "the table before stays");
    await close(page);
  });

  test("hostile links fall back with a note", async () => {
    const links = [
      `#${"a".repeat(100_000)}`,
      "#data=%zz&noise=%ff%fe",
      "#noise=NaN&samples=1e308",
      "#hidden=-3,12&steps=-1&k=1e308",
      "#A=sgd,lr:NaN&B=nothing,lr:-1",
      "#view=%00&hide=%F0%9F&embed=%",
      "#v=99&__proto__=1&constructor=x",
    ];
    for (const link of links) {
      const page = await open(link);
      await page.waitForSelector("#notes");
      const { runs } = await finished(page);
      assert.ok(runs.every((run) => run.phase === "finished"), link.slice(0, 60));
      assert.deepEqual(page.errors, [], link.slice(0, 60));
      await close(page);
    }
  });

  test("exports hold the page's numbers, and every picture", async () => {
    const page = await open();
    const { build, runs } = await finished(page);
    await drawn(page);
    await page.click("[data-part=export] > summary");
    const exported = async (selector) => {
      await page.waitForTimeout(300); // Chromium drops the eleventh of downloads in quick succession
      const [download] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
      return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
    };

    const csv = await exported("[data-export=csv]");
    assert.equal(csv.name, "eigendrift.csv");
    const all = csv.bytes.toString().trimEnd().split("\n");
    assert.ok(all.some((line) => line.startsWith("# link: #v=1&steps=400&every=20")), all[0]);
    const [head, ...lines] = all.filter((line) => !line.startsWith("#")).map((line) => line.split(","));
    const rows = lines.map((line) => Object.fromEntries(line.map((cell, i) => [head[i], cell])));
    assert.equal(rows.length, runs.reduce((sum, run) => sum + run.checkpoints.length, 0));
    for (const run of runs) {
      const own = rows.filter((row) => row.run === run.name);
      own.forEach((row, index) => {
        const c = run.checkpoints[index];
        assert.equal(row.optimizer, run.experiment.optimizer.name);
        for (const name of ["step", "loss", "accuracy", "test_loss", "trace", "sharpness", "gradient_share"]) {
          assert.equal(row[name] === "" ? null : Number(row[name]), c[name], name);
        }
        c.leading_eigenvalues.forEach((value, i) => assert.equal(Number(row[`eigenvalue_${i + 1}`]), value));
        c.leading_ipr.forEach((value, i) => assert.equal(Number(row[`ipr_${i + 1}`]), value));
      });
    }

    const whole = JSON.parse((await exported("[data-export=json]")).bytes);
    assert.equal(whole.build, build);
    assert.match(whole.schema, /export\.schema\.json/);
    whole.runs.forEach((run, index) => {
      assert.deepEqual(run.experiment, runs[index].experiment);
      assert.equal(run.groups.at(-1).range.end, run.parameter_count);
      for (const c of run.checkpoints) {
        assert.equal(c.parameters.length, run.parameter_count);
        c.leading_eigenvectors.forEach((v, i) => {
          const power = (p) => v.reduce((sum, entry) => sum + entry ** p, 0);
          assert.ok(Math.abs(power(2) - 1) < 1e-12);
          assert.ok(Math.abs(power(4) - c.leading_ipr[i]) < 1e-12); // IPR(v) = Σ v⁴
        });
      }
    });

    const program = await exported("[data-export=program][data-of=B]");
    assert.equal(program.name, "eigendrift-B.py");
    const text = program.bytes.toString();
    const record = JSON.parse(text.split('RECORD = r"""')[1].split('"""')[0]);
    assert.equal(record.program, build);
    assert.deepEqual(record.checkpoints.map((c) => [c.step, c.loss]), runs[1].checkpoints.map((c) => [c.step, c.loss]));
    const notebook = await exported("[data-export=notebook][data-of=A]");
    assert.equal(notebook.name, "eigendrift-A.ipynb");
    assert.equal(JSON.parse(notebook.bytes).nbformat, 4);

    // A page without the policy of this one, which forbids to parse texts and to fetch data.
    const reader = await page.context().newPage();
    for (const name of pictures) {
      const svg = (await exported(`[data-export=svg][data-of=${name}]`)).bytes.toString();
      const [sound, words, marks] = await reader.evaluate((svg) => {
        const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
        const marks = root.querySelectorAll("rect, polyline, polygon, circle").length;
        return [root.nodeName === "svg", root.querySelector("desc")?.textContent, marks];
      }, svg);
      assert.ok(sound && words.length > 40 && marks > 10, `${name}: ${words}, ${marks} marks`);
      const png = await exported(`[data-export=png][data-of=${name}]`);
      assert.equal(png.name, `eigendrift-${name}.png`);
      assert.equal(png.bytes.subarray(1, 4).toString(), "PNG");
      // Two pixels for each on the page, and wide enough for the caption.
      const width = await page.evaluate((name) => document.querySelector(`canvas[data-chart=${name}]`).clientWidth, name);
      assert.equal(png.bytes.readUInt32BE(16), 2 * Math.max(480, Math.round(width)));
      const shades = await reader.evaluate(async (address) => {
        const image = await createImageBitmap(await (await fetch(address)).blob());
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        return new Set(new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)).size;
      }, `data:image/png;base64,${png.bytes.toString("base64")}`);
      assert.ok(shades > 10, `${name}: ${shades} colours`);
    }
    assert.deepEqual(page.errors, []);
    await close(page);
  });

  test("a table that cannot be loaded is named; once the server answers, Reset works", async () => {
    const context = await browser.newContext();
    const fresh = await context.newPage();
    let missing = 0;
    await fresh.route("**/tables/*.bin", (route) => (missing++, route.fulfill({ status: 404, body: "not found" })));
    await fresh.goto(`${site.url}#v=1&data=iris&hidden=3&steps=100&every=20`);
    await fresh.waitForFunction(() => /the table iris could not be loaded; check the connection and press Reset/.test(document.querySelector("#problem")?.textContent));
    assert.ok(missing > 0);
    await fresh.unroute("**/tables/*.bin");
    await fresh.click("#reset");
    const { runs, problems } = await finished(fresh);
    assert.deepEqual(problems, []);
    assert.ok(runs.every((run) => run.phase === "finished"));
    await context.close();
  });

  test("hide, view and embed", async () => {
    const page = await open(`${quick}&hide=network,share,noise&view=overlap`);
    await finished(page);
    await page.waitForSelector("[data-group=network]", { state: "hidden" });
    await page.waitForSelector("#share", { state: "hidden" });
    await page.waitForSelector("#setting-noise", { state: "hidden" });
    await page.waitForSelector("#setting-samples");
    await page.waitForSelector("[data-chart=overlap]");
    await page.waitForSelector("[data-chart=loss]", { state: "hidden" });
    await page.waitForSelector("[data-picture=overlap] .words");
    await page.click("[data-picture=overlap] summary");
    assert.ok((await page.locator("[data-picture=overlap] .data td").count()) > 20);
    await page.keyboard.press("Escape");
    await page.waitForSelector("[data-chart=loss]");
    await close(page);
    const embedded = await open(`${quick}&embed&view=loss`);
    await finished(embedded);
    await embedded.waitForSelector("header.bar", { state: "hidden" });
    await embedded.waitForSelector("[data-chart=loss]");
    await close(embedded);
  });

  test("a learning rate of a million diverges with a sentence, and the page goes on", async () => {
    const page = await open("#v=1&A=sgd,lr:1e6");
    const { runs, problems } = await finished(page);
    assert.equal(runs[0].phase, "diverged");
    assert.match(problems.join(), /[Dd]iverged at step \d+/);
    await page.waitForSelector("#problem");
    assert.ok(runs[0].checkpoints.length >= 1, "the curves up to there stay");
    const now = await changed(page, () => write(page, "#run0-lr", "0.1"), "experiment.optimizer.learning_rate === 0.1");
    assert.equal(now.runs[0].phase, "finished");
    await page.waitForSelector("#problem", { state: "hidden" });
    await close(page);
  });

  test("a network that is too large is refused with the reason", async () => {
    const page = await open("#v=1&hidden=60,60&spectrum=full");
    await page.waitForSelector("#problem:not([hidden])");
    await shows(page, "#problem", /4,023 parameters; beyond 3000/);
    await write(page, "#hidden-0", "8");
    const now = await changed(page, () => write(page, "#hidden-1", "8"), "experiment.hidden.join() === '8,8'");
    assert.equal(now.runs[0].phase, "finished");
    await close(page);
  });

  test("runs whose workers end unexpectedly begin again by themselves, once, with a sentence", async () => {
    const page = await open("#v=1&steps=200000&every=500&play=computed");
    const underWay = () => page.waitForFunction(() => globalThis.eigendrift.report().runs.every((run) => run.checkpoints.length > 1));
    const kill = async () => {
      const at = Date.now() + 1000; // all at once: a run must not go on in a worker that is ended next
      for (const worker of page.workers()) {
        await worker.evaluate((at) => void setTimeout(() => { throw new Error("killed by the test"); }, at - Date.now()), at).catch(() => {});
      }
    };
    await underWay();
    const { runs: before } = await report(page);
    await kill();
    await page.waitForFunction(() => /begun again in a new worker/.test(document.querySelector("#problem").textContent));
    await underWay();
    const { runs: after } = await report(page);
    after.forEach((run, index) => assert.deepEqual(run.checkpoints.slice(0, 2), before[index].checkpoints.slice(0, 2)));
    await kill();
    await page.waitForFunction(() => /stopped again .* Reset begins anew/.test(document.querySelector("#problem").textContent));
    await write(page, "#setting-steps", "400");
    const now = await changed(page, () => write(page, "#setting-every", "20"), "experiment.steps === 400 && experiment.checkpoint_every === 20");
    assert.ok(now.runs.every((run) => run.phase === "finished"));
    await close(page);
  });

  for (const [name, options] of [
    ["wide", {}],
    ["narrow", { viewport: { width: 390, height: 844 } }],
    ["dark", { colorScheme: "dark" }],
  ]) {
    test(`axe finds no violation: ${name}`, async () => {
      const page = await open(quick, options);
      await finished(page);
      await drawn(page);
      if (name === "narrow") await page.click("#fold");
      await page.evaluate(() => document.querySelectorAll("details.more, [data-part=export], #evidence").forEach((more) => (more.open = true)));
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const words = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target).join(" ")}`);
      assert.deepEqual(words, []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(wide, 0, "nothing reaches beyond the page");
      await close(page);
    });
  }

  test("nothing reaches beyond the page at 360 px", async () => {
    const page = await open(quick, { viewport: { width: 360, height: 740 } });
    await finished(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0);
    await close(page);
  });
});
