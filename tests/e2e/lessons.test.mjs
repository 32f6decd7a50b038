// Lessons, playback, sentences, terms, the article, the large view and the projector's, as a visitor finds them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { launchChromium, serveBuild } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const quick = "#v=1&steps=400&every=20";
const { lessons } = JSON.parse(readFileSync(new URL("../../www/lessons.json", import.meta.url), "utf8"));
let site, browser;

before(async () => {
  site = await serveBuild();
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

async function open(hash, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 960 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  await page.goto(site.url + hash);
  await page.waitForFunction(() => document.body.dataset.state === "ready");
  return page;
}

async function close(page) {
  assert.deepEqual(page.errors, []);
  await page.context().close();
}

const report = (page) => page.evaluate(() => globalThis.eigendrift.report());
const finished = (page) =>
  page.waitForFunction(() => {
    const runs = globalThis.eigendrift.report().runs;
    return runs.length > 0 && runs.every((run) => run.phase !== "running" && run.phase !== "waiting");
  }, null, { timeout: 120_000, polling: 100 });
const reading = (page) => page.waitForSelector("#reading #article", { state: "attached", timeout: 60_000 });

async function checkWithAxe(page, what) {
  // Text alternatives follow the pictures, at leisure.
  await page.waitForFunction(() => [...document.querySelectorAll("figure[data-picture]")].every((figure) => !figure.checkVisibility() || figure.querySelector("canvas").ariaLabel), null, { timeout: 30_000 });
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document);
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
  });
  assert.deepEqual(found, [], what);
}

describe("playback", () => {
  test("the cursor runs by itself at first, can be paused and goes on; all pictures follow", async () => {
    const page = await open(quick, { reducedMotion: "no-preference" });
    await page.waitForFunction(() => globalThis.eigendrift.report().cursor > 3, null, { timeout: 60_000 });
    assert.equal(await page.textContent("#run"), "Pause");
    await page.click("#run");
    const { cursor, live } = await report(page);
    assert.equal(live, false);
    await page.waitForTimeout(1200);
    assert.equal((await report(page)).cursor, cursor, "it stands still");
    assert.equal(await page.textContent("#run"), "Play");
    await page.selectOption("[data-view=play] select", "4");
    await page.click("#play");
    await page.waitForFunction(() => globalThis.eigendrift.report().live, null, { timeout: 60_000 });
    assert.equal((await report(page)).cursor, 20, "at the end it shows the newest");
    assert.match((await report(page)).link, /&play=4/);
    await close(page);
  });

  test("with less motion nothing moves by itself, and the space bar plays", async () => {
    const page = await open(quick);
    await finished(page);
    assert.equal((await report(page)).live, true);
    await page.locator("body").press(" ");
    await page.waitForFunction(() => !globalThis.eigendrift.report().live);
    await page.waitForFunction(() => globalThis.eigendrift.report().cursor > 1);
    await close(page);
  });

  test("what was ahead of the cursor comes while it plays", async () => {
    const page = await open("#v=1&steps=4000&every=50&play=4", { reducedMotion: "no-preference" });
    const seen = await page.evaluate(async () => {
      const seen = [];
      while (!globalThis.eigendrift.report().live) {
        const { cursor, shown, runs } = globalThis.eigendrift.report();
        seen.push([cursor, shown, Math.min(...runs.map((run) => run.checkpoints.length)) - 1]);
        await new Promise((later) => setTimeout(later, 50));
      }
      return seen;
    });
    assert.ok(seen.every(([cursor, shown, newest]) => cursor <= Math.max(newest, 0) && shown <= Math.max(newest, 0)));
    assert.ok(seen.some(([, shown]) => shown > 10));
    await close(page);
  });
});

describe("sentences", () => {
  test("the sentence at the cursor has the numbers of the report", async () => {
    const page = await open(quick);
    await finished(page);
    for (const index of [20, 9]) {
      await page.locator("#cursor").fill(String(index));
      const step = index * 20;
      await page.waitForFunction((step) => document.getElementById("sentence").textContent.startsWith(`At step ${step} `), step);
      const sentence = await page.textContent("#sentence");
      const { runs } = await report(page);
      for (const run of runs) {
        const checkpoint = run.checkpoints[index];
        const carriers = Math.round(1 / checkpoint.leading_ipr[0]);
        assert.ok(new RegExp(`(about|on) ${carriers}[ ,;]`).test(sentence), `${carriers}: ${sentence}`);
        const turned = 100 * (1 - checkpoint.subspace_overlap[index - 2]);
        const shown = turned >= 9.95 ? turned.toFixed(0) : turned.toFixed(1);
        assert.ok(sentence.includes(`${shown} %`), `${shown}: ${sentence}`);
      }
      const loss = await page.textContent("[data-picture=loss] figcaption p");
      for (const run of runs) {
        assert.ok(loss.includes(`${run.name} ${Number(run.checkpoints[index].loss).toPrecision(2)}`), loss);
      }
    }
    assert.equal(await page.getAttribute("#sentence", "aria-live"), "polite");
    await close(page);
  });

  test("marks above the slider are where most samples were first right", async () => {
    const page = await open("#v=1&data=blobs&noise=0.5&steps=400&every=20");
    await finished(page);
    const { runs } = await report(page);
    const right = runs.filter((run) => run.checkpoints.some((checkpoint) => checkpoint.accuracy >= 0.95)).length;
    await page.waitForFunction((right) => document.querySelectorAll("#milestones span:not(.text)").length === right, right);
    for (const [index, run] of runs.entries()) {
      const first = run.checkpoints.findIndex((checkpoint) => checkpoint.accuracy >= 0.95);
      const marks = await page.$$eval(`#milestones .run-${index}`, (marks) => marks.map((mark) => parseFloat(mark.style.left)));
      assert.deepEqual(marks.map((place) => Math.round(place / 5)), first < 0 ? [] : [first]);
      const words = await page.$$eval("#milestones .text", (all) => all.map((one) => one.textContent));
      assert.equal(words.filter((text) => text.endsWith("95 % right") && text.includes(run.name)).length, marks.length);
    }
    await close(page);
  });
});

describe("lessons", () => {
  test("the first lesson is there at first; it asks, answers, and goes away", async () => {
    const page = await open("");
    await page.waitForSelector("#lesson-title");
    assert.ok((await page.textContent("#lesson-title")).includes(lessons[0].title));
    assert.equal(await page.locator("#lesson .outcome").count(), 0);
    await page.click(`#lesson [data-predict="${(lessons[0].answer + 1) % lessons[0].options.length}"]`);
    await page.waitForFunction(() => !document.querySelector("#lesson .outcome")?.textContent.includes("…"), null, { timeout: 60_000 });
    const outcome = await page.textContent("#lesson .outcome");
    assert.match(outcome, /It came out otherwise/);
    // The numbers are those of the results that the page carries.
    const results = JSON.parse(readFileSync(new URL("../../docs/results/results.json", import.meta.url), "utf8"));
    const claim = results.tasks.find((task) => task.name === "spirals").claims.subspace.find((claim) => claim.name === "b_localizes");
    assert.ok(outcome.includes(`×${claim.estimate.toFixed(2)} [${claim.low.toFixed(2)}, ${claim.high.toFixed(2)}]`), outcome);
    assert.doesNotMatch(outcome, /not among/);
    await page.click("[data-close-lesson]");
    await page.waitForSelector("#lesson", { state: "hidden" });
    assert.match((await report(page)).link, /hide=lesson/);
    await close(page);
  });

  test("every lesson opens from its link, computes without a problem, and shows its pictures", async () => {
    const page = await open("#v=1");
    await page.waitForSelector("#lessons-menu a", { state: "attached" });
    const links = await page.$$eval("#lessons-menu a", (all) => all.map((a) => a.getAttribute("href")));
    assert.equal(links.length, lessons.length);
    for (const [index, link] of links.entries()) {
      await page.evaluate((link) => (location.hash = link), link);
      await page.waitForFunction((title) => document.getElementById("lesson-title")?.textContent.includes(title), lessons[index].title);
      await page.waitForFunction(() => globalThis.eigendrift.report().runs.every((run) => run.checkpoints.length > 2), null, { timeout: 60_000 });
      const { problems, link: written } = await report(page);
      assert.deepEqual(problems, [], lessons[index].name);
      assert.ok(written.includes(`&lesson=${lessons[index].name}`), written);
      const lit = await page.$$eval("figure.lit", (all) => all.map((figure) => figure.id).sort());
      assert.deepEqual(lit, [...lessons[index].pictures].sort(), lessons[index].name);
      assert.equal(await page.locator("#notes:not([hidden])").count(), 0);
    }
    await close(page);
  });

  test("‹ and › go from lesson to lesson; a changed setting leads back", async () => {
    const page = await open("#v=1");
    await page.click("#lesson a[aria-label='The next lesson']");
    await page.waitForFunction((title) => document.getElementById("lesson-title").textContent.includes(title), lessons[1].title);
    await page.fill("#setting-seed", "9");
    await page.keyboard.press("Enter");
    await page.click("#lesson >> text=Back to the lesson’s");
    await page.waitForFunction(() => globalThis.eigendrift.report().runs[0].experiment.seed !== 9);
    await close(page);
  });
});

describe("terms, article, large view", () => {
  test("a term opens its two sentences and its formula by key, and closes again", async () => {
    const page = await open(quick);
    await reading(page);
    await page.evaluate(() => (location.hash = "#v=1&steps=400&every=20&lesson=what-settles"));
    const term = page.locator("#lesson .ref[popovertarget]").first();
    await term.focus();
    await page.keyboard.press("Enter");
    const id = await term.getAttribute("popovertarget");
    await page.waitForSelector(`#${id}:popover-open`);
    assert.ok((await page.textContent(`#${id}`)).split(". ").length >= 2);
    assert.ok((await page.locator(`#${id} math`).count()) > 0);
    await page.keyboard.press("Escape");
    await page.waitForSelector(`#${id}:popover-open`, { state: "detached" });
    await close(page);
  });

  test("the article has its numbers, its matrix and live figures, and its links set the instruments", async () => {
    const page = await open(quick);
    await reading(page);
    await page.waitForFunction(() => [...document.querySelectorAll("[data-result]")].every((span) => span.textContent && !/…|not among/.test(span.textContent)), null, { timeout: 60_000 });
    assert.ok((await page.locator("[data-matrix] td").count()) > 50);
    for (const [name, at, words] of [["bowl", 100, /diverges/], ["bowl", 50, /converges/], ["localization", 100, /IPR = 1, about 1 of 12/], ["displacement", 100, /φ = 90°: D = 2\.00, overlap Q = 0\.00/]]) {
      const figure = page.locator(`[data-live=${name}]`);
      await figure.scrollIntoViewIfNeeded();
      await figure.locator("input").fill(String(at));
      await page.waitForFunction(([name, source]) => new RegExp(source).test(document.querySelector(`[data-live=${name}] output`).textContent), [name, words.source]);
      const inked = await figure.locator("canvas").evaluate((canvas) => {
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return data.some((value, index) => index % 4 === 3 && value > 0);
      });
      assert.ok(inked, name);
    }
    const links = await page.$$eval("#article a[href^='#v=1']", (all) => all.map((a) => a.getAttribute("href")));
    assert.ok(links.length >= 5);
    for (const link of links) {
      await page.evaluate((link) => (location.hash = link), link);
      await page.waitForFunction(() => globalThis.eigendrift.report().runs.every((run) => run.checkpoints.length > 0), null, { timeout: 60_000 });
      assert.equal(await page.locator("#notes:not([hidden])").count(), 0, link);
      assert.deepEqual((await report(page)).problems, [], link);
    }
    await close(page);
  });

  test("a picture opened large explains itself, and leads on and back", async () => {
    const page = await open(`${quick}&view=localization`);
    await reading(page);
    await page.waitForSelector("#about math");
    assert.ok((await page.locator("#about svg").count()) >= 2);
    await checkWithAxe(page, "large");
    const next = await page.textContent("#large-after");
    await page.click("#large-after");
    await page.waitForFunction((next) => document.querySelector("figure.open h2")?.textContent === next.replace(" ›", ""), next);
    await page.waitForFunction(() => document.getElementById("about").dataset.of === document.querySelector("figure.open").id);
    await page.click("#large-close");
    await page.waitForSelector("#large", { state: "hidden" });
    // A link in the article opens a picture.
    await page.click("#article a[href='#about-spectrum']");
    await page.waitForSelector("figure.open#spectrum");
    assert.match((await report(page)).link, /view=spectrum/);
    await close(page);
  });

  test("for a projector type is large, also within pictures, and the setting is hidden", async () => {
    const size = async (hash) => {
      const page = await open(hash);
      await finished(page);
      const found = await page.evaluate(() => ({
        text: parseFloat(getComputedStyle(document.getElementById("sentence")).fontSize),
        setting: getComputedStyle(document.getElementById("setting")).display,
      }));
      await checkWithAxe(page, hash);
      await close(page);
      return found;
    };
    const [usual, large] = [await size(quick), await size(`${quick}&present`)];
    assert.ok(large.text > 1.3 * usual.text);
    assert.equal(large.setting, "none");
    assert.notEqual(usual.setting, "none");
  });

  test("without the texts the page works, and says what is missing", async () => {
    site.faults = (name) => (["lessons.json", "reading.html"].some((file) => name.endsWith(file)) ? "missing" : null);
    const page = await open(quick);
    await finished(page);
    await page.waitForFunction(() => document.getElementById("reading").textContent.includes("could not be loaded"), null, { timeout: 60_000 });
    page.errors = page.errors.filter((error) => !error.includes("404"));
    await close(page);
    site.faults = () => null;
  });
});
