// The npm package as it is installed: README's example, word for word, in Node and in a page without a bundler; ensembles against the
// native program; the types, by TypeScript; the element <eigen-drift>.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchChromium, launchFirefox, serveBuild } from "../e2e/browser.mjs";

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const readme = readFileSync(path("bindings/npm/README.md"), "utf8");
const example = readme.match(/```js\n([^]*?)```/)[1];
const importMap = readme.match(/<script type="importmap">.*?<\/script>/)[0];
const quick = { data: { name: "moons", samples: 40 }, hidden: [3], steps: 60, checkpoint_every: 5, leading: 2 };
const description = {
  experiment: { ...quick, test_share: 0.25, null_model: { kind: "random_weights", samples: 3 } },
  a: { name: "sgd", learning_rate: 0.1 },
  b: { name: "adam", learning_rate: 0.01 },
  rotated: true,
  first_seed: 3,
  seed_count: 5,
};

let folder, host, chromium;
before(async () => {
  // Installed as npm would, without what a registry has: the package has no dependencies.
  folder = mkdtempSync(join(tmpdir(), "eigendrift-npm-"));
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: path("target/package/npm"), encoding: "utf8" }));
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", join(folder, packed.filename)], { cwd: folder });
  writeFileSync(join(folder, "example.js"), example);
  // What serveBuild takes a build's folder from.
  writeFileSync(join(folder, "index.html"), `<!doctype html><link rel="icon" href="data:,"><!-- ./0123456789abcdef/ -->${importMap}
    <body><script type="module" src="example.js"></script>`);
  writeFileSync(join(folder, "empty.html"), `<!doctype html><link rel="icon" href="data:,">${importMap}`);
  host = await serveBuild({ folder });
  chromium = await launchChromium();
});
after(async () => {
  await chromium?.close();
  await host?.close();
  if (folder) rmSync(folder, { recursive: true });
});

const node = (code) => {
  writeFileSync(join(folder, "program.js"), code);
  return execFileSync(process.execPath, ["program.js"], { cwd: folder, encoding: "utf8" });
};

/** Records as they are in JSON: plain arrays, and null for what is not determined. */
const plain = (value) =>
  JSON.parse(JSON.stringify(value, (_, each) => (ArrayBuffer.isView(each) ? [...each] : typeof each === "number" && Number.isNaN(each) ? null : each)));

/** What a test opens, closed at its end however it ends: what stays open keeps the process alive. */
const closing = (t, opened) => {
  t.after(() => opened.close());
  return opened;
};

test("README's example prints the same in Node and in a page, word for word", async (t) => {
  const printed = execFileSync(process.execPath, ["example.js"], { cwd: folder, encoding: "utf8" }).trim().split("\n");
  assert.match(printed[0], /^largest eigenvalue \d/);
  assert.ok(printed.includes("seeds 4 of 4"), printed.join("\n"));
  assert.match(printed.at(-1), /(supported|contradicted|undecided)$/);
  for (const browser of [chromium, closing(t, await launchFirefox())]) {
    const page = closing(t, await browser.newPage());
    const lines = [];
    page.on("console", (message) => lines.push(message.text()));
    page.on("pageerror", (error) => lines.push(String(error)));
    await page.goto(host.url);
    for (const end = Date.now() + 60_000; lines.length < printed.length && Date.now() < end; ) await new Promise((later) => setTimeout(later, 50));
    assert.deepEqual(lines, printed);
  }
});

test("an ensemble in workers is that of the native program, in Node and in a page", async (t) => {
  const file = join(folder, "ensemble.json");
  writeFileSync(file, JSON.stringify(description));
  const native = JSON.parse(execFileSync(process.env.EIGENDRIFT_HEADLESS, ["ensemble", file], { encoding: "utf8", maxBuffer: 1e9 }));
  assert.equal(native.seeds.length, 5);
  const found = node(`
    import { ensemble } from "eigendrift";
    const report = await ensemble(${JSON.stringify(description)}, { workers: 3 });
    console.log(JSON.stringify(report, ${"(_, each) => (ArrayBuffer.isView(each) ? [...each] : typeof each === 'number' && Number.isNaN(each) ? null : each)"}));`);
  assert.deepEqual(JSON.parse(found), native);

  const page = closing(t, await chromium.newPage());
  await page.goto(`${host.url}empty.html`);
  const reported = await page.evaluate(async (description) => {
    const { ensemble } = await import("eigendrift");
    const progress = [];
    const report = await ensemble(description, { workers: 2, onProgress: ({ done, of }) => progress.push([done, of]) });
    const plain = (_, each) => (ArrayBuffer.isView(each) ? [...each] : typeof each === "number" && Number.isNaN(each) ? null : each);
    return { report: JSON.stringify(report, plain), progress };
  }, description);
  assert.deepEqual(JSON.parse(reported.report), native);
  assert.deepEqual(reported.progress, [1, 2, 3, 4, 5].map((done) => [done, 5]));
});

test("mistakes are sentences, and an aborted ensemble ends at once with all its workers", async () => {
  const found = JSON.parse(
    node(`
    import { ensemble, ensembleReport, ensembleSeed } from "eigendrift";
    const description = ${JSON.stringify(description)};
    const sentences = [];
    const mistake = async (action) => { try { await action(); sentences.push("none"); } catch (error) { sentences.push(error.message); } };
    await mistake(() => ensemble({ ...description, seed_count: 0 }));
    await mistake(() => ensemble({ ...description, a: { name: "sgd", learning_rate: -1 } }));
    await mistake(() => ensemble(description, { workers: 1.5 }));
    await mistake(() => ensemble({ ...description, experiment: { data: { csv: "nonsense" } } }, { workers: 1 }));
    await mistake(() => ensemble(description, { workers: 1, onProgress: () => { throw new Error("from the caller"); } }));
    await mistake(() => ensembleSeed(description, 9));
    const three = ensembleSeed(description, 3);
    await mistake(() => ensembleReport(description, [three, three]));
    await mistake(() => ensembleReport(description, [three, ensembleSeed(description, 5)]));
    await mistake(() => ensembleReport(description, [{}]));
    const controller = new AbortController();
    const long = ensemble({ ...description, experiment: { ...description.experiment, steps: 1e6, checkpoint_every: 1000 } }, { workers: 2, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 300);
    await mistake(() => long);
    await mistake(() => ensemble(description, { signal: controller.signal }));
    console.log(JSON.stringify(sentences));`),
  );
  [/^seed_count: is 0/, /^a: optimizer\.learning_rate/, /^workers: is 1\.5/, /^seed 3: /, /^from the caller$/, /^seed: 9 is not one of the ensemble, 3 to 7/, /^seeds: have 3 twice/, /^seeds: have none from 4 to 4/, /^seeds: must be what ensembleSeed gave/, /^enough$/, /^enough$/]
    .forEach((wanted, index) => assert.match(found[index], wanted, `${index}: ${found[index]}`));
  // The program above has ended by itself, which it could not with workers left.
});

test("networks are written and read again", () => {
  const found = JSON.parse(
    node(`
    import { readFileSync } from "node:fs";
    import { readNetwork, writeNetwork } from "eigendrift";
    const network = readNetwork("net", readFileSync(${JSON.stringify(path("tests/golden/networks/torch_f64.safetensors"))}));
    const again = readNetwork("again", writeNetwork(network));
    console.log(JSON.stringify([[...network.layers], network.parameters.length, again.parameters.every((p, i) => p === network.parameters[i])]));`),
  );
  assert.ok(found[0].length > 2 && found[1] > 20);
  assert.equal(found[2], true);
});

test("TypeScript knows the types of the example, and refuses mistakes", () => {
  const typescript = "typescript@5.9.3";
  const compile = (code) => {
    writeFileSync(join(folder, "example.ts"), code);
    const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--moduleResolution", "nodenext", "--lib", "es2022,esnext.disposable,dom"];
    try {
      return execFileSync("npx", ["--yes", "-p", typescript, "tsc", ...options, "example.ts"], { cwd: folder, encoding: "utf8" });
    } catch (error) {
      return error.stdout || String(error);
    }
  };
  assert.equal(compile(`${example}\nimport { EigenDrift } from "eigendrift/element.js";\nconst element: EigenDrift = document.createElement("eigen-drift");\nconsole.log(element.address);`), "");
  const refused = compile(`${example}\nanalysis.losss;\nawait ensemble({ seed_count: "four" });\nnew Run({ optimizer: { name: "sgdd" } });`);
  for (const wanted of [/losss/, /'string' is not assignable to type 'number'/, /sgdd/]) assert.match(refused, wanted);
});

test("the package has what it names, and no more", () => {
  const installed = join(folder, "node_modules/eigendrift");
  const record = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  assert.match(readFileSync(path("Cargo.toml"), "utf8"), new RegExp(`^version = "${record.version}"$`, "m"));
  const named = JSON.stringify([record.exports, record.types, record.sideEffects]).match(/\.\/[\w.-]+/g).map((name) => name.slice(2));
  const files = readdirSync(installed);
  for (const name of named) assert.ok(files.includes(name), name);
  assert.ok(files.includes("LICENSE-MIT") && files.includes("README.md"));
  assert.ok(!files.some((name) => /test|index\.html/.test(name)), files.join());
  for (const name of files.filter((name) => name.endsWith(".js"))) {
    assert.doesNotMatch(readFileSync(join(installed, name), "utf8"), /https?:\/\/(?!…)/, `${name} names a host`);
  }
});

test("the element shows the page with its link, one picture, and what changes; without a page it says what is missing", async (t) => {
  const site = closing(t, await serveBuild({ folder: path("target/package/page") }));
  cpSync(join(folder, "node_modules/eigendrift/element.js"), join(folder, "element.js"));
  mkdirSync(join(folder, "notes"), { recursive: true });
  const page = closing(t, await chromium.newPage());
  const requested = [];
  page.on("request", (request) => requested.push(new URL(request.url()).origin));
  await page.goto(`${host.url}empty.html`);
  await page.addScriptTag({ type: "module", url: `${host.url}element.js` });
  await page.setContent(`<script type=module src="${host.url}element.js"></script><div style="width:800px"><eigen-drift></eigen-drift></div>`);
  const element = page.locator("eigen-drift");
  await page.waitForFunction(() => /name the page/.test(document.querySelector("eigen-drift").shadowRoot?.textContent));
  await element.evaluate((it) => it.setAttribute("src", "javascript:alert(1)"));
  assert.match(await element.evaluate((it) => it.shadowRoot.textContent), /must be served by http or https/);

  const source = (attributes) =>
    element.evaluate((it, attributes) => {
      for (const name of it.getAttributeNames()) it.removeAttribute(name);
      for (const [name, value] of Object.entries(attributes)) it.setAttribute(name, value);
      const frame = it.shadowRoot.querySelector("iframe");
      return { address: frame.src, width: frame.clientWidth, height: frame.clientHeight, loading: frame.loading, title: frame.title };
    }, attributes);
  const link = "#v=1&samples=60&hidden=4&steps=100&every=20&k=2";
  const whole = await source({ link: site.url + link });
  assert.equal(whole.address, `${site.url}${link}&embed=1`);
  assert.deepEqual([whole.width, whole.height, whole.loading], [800, 600, "lazy"]);
  assert.ok(whole.title.length > 10);
  const shown = async () => (await page.waitForSelector("eigen-drift iframe")).contentFrame();
  const frame = await shown();
  await frame.waitForFunction(() => globalThis.eigendrift?.report?.()?.runs.some((run) => run.phase === "finished"), null, { timeout: 120_000 });

  const single = await source({ src: site.url, link, view: "overlap" });
  assert.equal(single.address, `${site.url}${link}&view=overlap&embed=1`);
  assert.deepEqual([single.width, single.height], [800, 500]);
  await (await shown()).waitForFunction(() => /view=overlap/.test(globalThis.eigendrift?.report?.()?.link), null, { timeout: 60_000 });
  const high = await source({ src: site.url, height: "333", title: "Figure 1" });
  assert.equal(high.address, `${site.url}#v=1&embed=1`);
  assert.deepEqual([high.height, high.title], [333, "Figure 1"]);
  assert.deepEqual([...new Set(requested)].sort(), [new URL(host.url).origin, new URL(site.url).origin].sort());
});
