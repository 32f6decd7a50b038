// A trained network of the visitor's own, in files that PyTorch wrote (tests/golden/networks.py): opened with its data, looked at,
// trained on, exported and opened again; and files that are none.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { builtPage, readyPage, report, waitFor } from "./browser.mjs";

const built = builtPage();
const golden = (name) => fileURLToPath(new URL(`../golden/networks/${name}`, import.meta.url));
const expected = JSON.parse(readFileSync(golden("expected.json")));
const setting = "#v=1&steps=40&every=20&k=3&A=sgd&B=adam&hide=article";

async function open(hash = setting) {
  const context = await built.browser.newContext({ viewport: { width: 1440, height: 960 }, reducedMotion: "reduce" });
  return readyPage(context, built.site.url + hash);
}

const text = (page, selector) => page.evaluate((selector) => document.querySelector(selector)?.textContent ?? "", selector);

/** The report once each run has so many checkpoints and waits there, or has finished. */
const runs = (page, count) =>
  waitFor(`${count} checkpoints`, async () => {
    const all = (await report(page))?.runs ?? [];
    const isThere = (run) => run.checkpoints.length === count && ["paused", "finished"].includes(run.phase);
    return all.length === 2 && all.every((run) => isThere(run) && run.experiment.initial_parameters) && all;
  });

function agrees(checkpoint, name) {
  assert.ok(Math.abs(checkpoint.loss - expected[name].loss) < 1e-12, `${checkpoint.loss} for ${expected[name].loss}`);
  const eigenvalues = checkpoint.eigenvalues ?? checkpoint.leading_eigenvalues;
  expected[name].leading_eigenvalues.forEach((value, i) =>
    assert.ok(Math.abs(eigenvalues[i] - value) < 1e-12, `${eigenvalues[i]} for ${value}`),
  );
}

/** The tensors of a safetensors file. */
function tensors(bytes) {
  const length = Number(bytes.readBigUInt64LE());
  const { __metadata__: metadata, ...header } = JSON.parse(bytes.subarray(8, 8 + length).toString());
  const numbers = ([begin, end]) =>
    Array.from({ length: (end - begin) / 8 }, (_, i) => bytes.readDoubleLE(8 + length + begin + 8 * i));
  return { metadata, ...Object.fromEntries(Object.entries(header).map(([name, it]) => [name, numbers(it.data_offsets)])) };
}

test("a network and its table, chosen together, are shown as PyTorch computes them, and trained on", async () => {
  const page = await open();
  await page.setInputFiles("#file", [golden("torch_f32.safetensors"), golden("data.csv")]);
  const first = await runs(page, 1);
  for (const run of first) {
    agrees(run.checkpoints[0], "torch_f32");
    assert.equal(run.experiment.activation, "silu");
    assert.deepEqual(run.experiment.initial_parameters, expected.torch_f32.parameters);
  }
  assert.match(await text(page, "#run"), /Play/);
  await waitFor("pictures of the start", () =>
    page.evaluate(() =>
      ["spectrum", "eigenvector", "network"].every((name) => {
        const words = document.querySelector(`[data-chart=${name}]`)?.getAttribute("aria-label") ?? "";
        return words.length > 40 && !/no data|not yet/i.test(words);
      }),
    ),
  );

  await page.evaluate(() => document.querySelector("[data-part=export]").setAttribute("open", ""));
  const save = async () => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("[data-export=weights][data-of=A]")]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  };
  const saved = await save();
  assert.equal(saved.name, "eigendrift-A-step-0.safetensors");
  const found = tensors(saved.bytes);
  assert.deepEqual(found.metadata, { activation: "silu", format: "pt", label_smoothing: "0", loss_function: "cross_entropy" });
  const layers = [0, 2, 4, 6, 8, 10, 12].flatMap((l) => [...found[`${l}.weight`], ...found[`${l}.bias`]]);
  assert.deepEqual(layers, expected.torch_f32.parameters);

  await page.evaluate(() => document.querySelector("[data-part=export]").removeAttribute("open"));
  await page.click("#run");
  const last = await runs(page, 3);
  assert.ok(last.every((run) => run.checkpoints[2].loss < run.checkpoints[0].loss));
  await waitFor("the cursor at the end", async () => (await report(page)).shown === 2);
  await page.evaluate(() => document.querySelector("[data-part=export]").setAttribute("open", ""));
  const trained = await save();
  assert.equal(trained.name, "eigendrift-A-step-40.safetensors");

  // What was exported begins where the run ended.
  await page.setInputFiles("#file", { name: trained.name, mimeType: "", buffer: trained.bytes });
  const again = await waitFor("the exported network", async () => {
    const all = await runs(page, 1);
    return all[0].checkpoints[0].loss === last[0].checkpoints[2].loss && all;
  });
  assert.equal(again[1].checkpoints[0].loss, last[0].checkpoints[2].loss);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("networks of Keras, and in few bits, take the activation that is chosen", async () => {
  const page = await open(`${setting}&activation=tanh`);
  await page.setInputFiles("#file", golden("data.csv"));
  for (const name of ["keras_f32", "torch_f16", "torch_named"]) {
    await page.setInputFiles("#file", golden(`${name}.safetensors`));
    const all = await waitFor(name, async () => {
      const all = await runs(page, 1);
      return all[0].experiment.initial_parameters.length === expected[name].parameters.length && all;
    });
    for (const run of all) agrees(run.checkpoints[0], name);
  }
  await page.context().close();
});

test("what is no network, or of other data, gets a sentence and changes nothing", async () => {
  const page = await open();
  const before = await waitFor("the runs", async () => {
    const all = await report(page);
    return all?.runs.length === 2 && all.runs.every((run) => run.phase === "finished") && all;
  });
  const found = ({ runs }) => runs.map((run) => [run.experiment, run.phase, run.checkpoints]);
  const good = readFileSync(golden("torch_f64.safetensors"));
  const claimed = Buffer.from(good);
  claimed.writeBigUInt64LE(10_000_000_000n);
  for (const [buffer, words] of [
    [good.subarray(0, 900), /own\.safetensors: is no safetensors file, or damaged/],
    [claimed, /own\.safetensors: is no safetensors file, or damaged/],
    [Buffer.from("not at all"), /own\.safetensors: is no safetensors file, or damaged/],
    [Buffer.alloc(0), /own\.safetensors: is no safetensors file, or damaged/],
  ]) {
    await page.setInputFiles("#file", { name: "own.safetensors", mimeType: "", buffer });
    await waitFor("the sentence", async () => words.test(await text(page, "body")));
    const after = await report(page);
    assert.deepEqual([after.link, found(after)], [before.link, found(before)]);
  }
  await page.setInputFiles("#file", golden("torch_f64.safetensors"));
  const sentence = /Network: torch_f64\.safetensors has 5 inputs and 3 outputs; the data have 2 inputs and 3 classes/;
  await waitFor("the sentence", async () => sentence.test(await text(page, "body")));
  // With its data it is right.
  await page.setInputFiles("#file", golden("data.csv"));
  agrees((await runs(page, 1))[0].checkpoints[0], "torch_f64");
  assert.deepEqual(page.errors, []);
  await page.context().close();
});
