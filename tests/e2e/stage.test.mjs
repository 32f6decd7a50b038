// The pictures of one checkpoint on the built page: where v lives, against the exported eigenvector; what the network does,
// against the native program; moving along v; the check of the Hessian.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { launchChromium, report, serveBuild, waitFor } from "./browser.mjs";

const root = path.join(import.meta.dirname, "../..");
execFileSync("cargo", ["build", "--quiet", "--locked", "--bin", "headless"], { cwd: root, stdio: "inherit" });
const folder = mkdtempSync(path.join(tmpdir(), "eigendrift-stage-"));
after(() => rmSync(folder, { recursive: true }));

function analyze(input) {
  const file = path.join(folder, "case.json");
  writeFileSync(file, JSON.stringify(input));
  const options = { maxBuffer: 2 ** 30, stdio: ["ignore", "pipe", "ignore"] };
  return JSON.parse(execFileSync(path.join(root, "target/debug/headless"), ["analyze", file], options));
}

let site, browser, page, whole;

before(async () => {
  site = await serveBuild();
  browser = await launchChromium();
  const context = await browser.newContext({ viewport: { width: 1440, height: 960 }, reducedMotion: "reduce" });
  page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  await page.goto(site.url + "#v=1&samples=120&steps=400&every=40&curves=this");
  await waitFor("the runs", async () => (await report(page))?.runs.every((run) => run.phase === "finished"));
  await explored();
  const [download] = await Promise.all([page.waitForEvent("download"), page.evaluate(() => document.querySelector("[data-export=json]").click())]);
  whole = JSON.parse(readFileSync(await download.path()));
});

after(async () => {
  await browser?.close();
  await site?.close();
});

/** Waits until what is known of both runs belongs to the cursor and to s. */
const explored = (s = 0) =>
  waitFor(`the surroundings at s = ${s}`, async () => {
    const { exploration, cursor, runs } = await report(page);
    const here = (found, i) => found.step === runs[i].checkpoints[cursor].step && found.s === s;
    return exploration.runs.length === 2 && exploration.runs.every(here) && exploration;
  });

async function slide(s) {
  await page.$eval('input[type=range][data-key="along"]', (input, s) => {
    input.value = String(Math.round((s + 1) * 20));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, s);
}

/** A number as it is written for people, such as 3.1×10⁻⁷. */
function number(text) {
  const plain = text.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit)).replace("×10", "e").replace(/[⁻−]/g, "-");
  return Number(plain.replace(/,/g, ""));
}

/** The table of a picture, which is there while it is open large. */
async function table(name) {
  await page.click(`[data-enlarge=${name}]`);
  const found = await waitFor(`the table of ${name}`, () =>
    page.evaluate((name) => {
      const rows = [...document.querySelectorAll(`#${name} .data tr`)];
      return rows.length > 1 && rows.map((row) => [...row.children].map((cell) => cell.textContent));
    }, name));
  await page.keyboard.press("Escape");
  return found;
}

test("an edge's share in the picture's table is v_a² of the exported eigenvector", async () => {
  const { cursor } = await report(page);
  const rows = await table("network");
  const runs = whole.runs.map((run) => run.checkpoints[cursor].leading_eigenvectors[0]);
  const { layers } = whole.runs[0];
  let edges = 0;
  for (const [name, ...cells] of rows) {
    const [, kind, l, unit, input] = name.match(/^([Wb])(\d+)\[(\d+)(?:, (\d+))?\]$/) ?? [];
    if (!kind) continue;
    // θ holds for each layer the weights, outputs × inputs, then the biases.
    let at = 0;
    for (let i = 1; i < Number(l); i++) at += layers[i] * (layers[i - 1] + 1);
    const [inputs, outputs] = [layers[l - 1], layers[l]];
    at += kind === "W" ? (unit - 1) * inputs + Number(input) - 1 : inputs * outputs + Number(unit) - 1;
    runs.forEach((v, run) => {
      const share = 100 * v[at] ** 2;
      const found = number(cells[run]);
      assert.ok(Math.abs(found - share) <= 1e-3 * share, `${name}: ${found} for ${share}`);
    });
    edges += kind === "W";
  }
  assert.ok(edges >= 1, `${edges} edges`);
  const sums = rows.filter(([name]) => /^[Wb]\d$/.test(name)).reduce((sum, [, cell]) => sum + number(cell), 0);
  assert.ok(Math.abs(sums - 100) < 0.5, `groups hold ${sums} %`);
});

test("the class under the pointer is that of the native program", async () => {
  const { cursor } = await report(page);
  const run = whole.runs[0];
  const { layers } = run;
  const box = await page.locator("canvas[data-chart=function]").first().boundingBox();
  let compared = 0;
  for (const [x, y] of [[0.12, 0.2], [0.2, 0.5], [0.25, 0.3], [0.3, 0.55], [0.36, 0.2], [0.4, 0.45]]) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
    await page.waitForTimeout(120);
    const text = (await page.textContent("#function .readout")) ?? "";
    const [, first, second, name, sure] = text.match(/input ([−\d.]+), ([−\d.]+)class (\S+), (\d+) % sure/) ?? [];
    // Near a border a pixel may lie on either side of it.
    if (!name || Number(sure) < 75) continue;
    const point = [first, second].map((x) => Number(x.replace("−", "-")));
    const { logits } = analyze({
      layers,
      activation: run.experiment.activation,
      loss_function: run.experiment.loss_function,
      inputs: [point],
      labels: [0],
      parameters: run.checkpoints[cursor].parameters,
      leading: 1,
    });
    assert.equal(name, String(logits[0].indexOf(Math.max(...logits[0]))), text);
    compared++;
  }
  assert.ok(compared >= 2, `${compared} places were compared`);
});

test("all cells are those of the native program", async () => {
  const { exploration, cursor } = await report(page);
  const { plane } = exploration;
  const { rows, columns, classes } = exploration.runs[1].moved;
  const run = whole.runs[1];
  const cells = Array.from({ length: 60 }, (_, i) => (i * 997) % (rows * columns));
  const inputs = cells.map((cell) => {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    const at = ([low, high], i, count) => low + ((high - low) * (i + 0.5)) / count;
    return [at(plane.x, column, columns), at(plane.y, rows - 1 - row, rows)];
  });
  const { logits } = analyze({
    layers: run.layers,
    activation: run.experiment.activation,
    loss_function: run.experiment.loss_function,
    inputs,
    labels: inputs.map(() => 0),
    parameters: run.checkpoints[cursor].parameters,
    leading: 1,
  });
  logits.forEach((f, i) => assert.equal(classes[cells[i]], f.indexOf(Math.max(...f)), `cell ${cells[i]}`));
});

test("moving along v changes what is right, restarts nothing, and keeps up with the hand", async () => {
  const before = await report(page);
  await slide(1);
  const moved = await explored(1);
  moved.runs.forEach((run, i) => {
    const { accuracy } = before.runs[i].checkpoints[before.cursor];
    assert.equal(run.base.accuracy, accuracy);
    const [at, end] = [run.curve.s.indexOf(0), run.curve.s.indexOf(1)];
    assert.ok(Math.abs(run.curve.loss[at] - before.runs[i].checkpoints[before.cursor].loss) < 1e-12);
    assert.equal(run.moved.loss, run.curve.loss[end]);
  });
  assert.ok(moved.runs.some((run) => run.moved.accuracy !== run.base.accuracy));
  assert.match(page.url(), /along=1/);
  // Dragged for a second and a half: many places on the way are seen, and no other picture is drawn again.
  const seen = await page.evaluate(async () => {
    const input = document.querySelector('input[type=range][data-key="along"]');
    const seen = new Set();
    const begin = performance.now();
    while (performance.now() - begin < 1500) {
      input.value = String(Math.round(20 + 20 * Math.cos((performance.now() - begin) / 400)));
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise(requestAnimationFrame);
      globalThis.eigendrift.report().exploration.runs.forEach((run) => seen.add(run.s));
    }
    return seen.size;
  });
  console.log(`${seen} places were seen in 1.5 s of dragging`);
  assert.ok(seen >= 5, `${seen} places`);
  await slide(0);
  await explored(0);
  const end = await report(page);
  assert.deepEqual(end.runs.map((run) => run.generation), before.runs.map((run) => run.generation));
  assert.deepEqual(page.errors, []);
});

test("the certificates are one word, and the check prints small numbers", async () => {
  assert.match(await page.textContent("#checked-word"), /^22 Hessians, checked ✓$/);
  await page.click("#checked > summary");
  await page.click("#check-now");
  const { check } = await waitFor("the check", async () => {
    const found = await report(page);
    return found.check.length === 2 && found;
  });
  for (const { step, checked } of check) {
    assert.equal(step, 400);
    assert.equal(checked.columns, 231);
    assert.ok(checked.differences < 1e-6 && checked.products < 1e-11, JSON.stringify(checked));
  }
  await waitFor("the words", async () => /A at step 400: of 231 columns, 231 compared.*B at step 400/.test(await page.textContent("#check")));
  assert.ok((await page.locator("#certificates tr").count()) >= 11);
  await page.keyboard.press("Escape");
});

test("the spectrum of a part comes from the worker", async () => {
  await page.selectOption("#view-block", "gn");
  const rows = await waitFor("the spectrum", async () => {
    const words = await page.getAttribute("canvas[data-chart=spectrum]", "aria-label");
    return /Gauss–Newton/.test(words) && !/computing/.test(words) && /231/.test(words) && words;
  });
  assert.ok(rows);
  await page.selectOption("#view-block", "full");
});
