// Measures the wasm build in headless Chromium, the native build and, where requested, the peers, taking turns in one run, and
// prints tables, the last of which has the targets. Called by scripts/bench, which builds everything first:
//   node run.mjs BROWSER_FOLDER NATIVE_PROGRAM HEADLESS_PROGRAM OUTPUT.json [PYTHON]
import { spawn, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, cpus } from "node:os";
import { createInterface } from "node:readline";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const { chromium } = createRequire(path.join(here, "../tests/e2e/"))("playwright-core");

const [folder, native, headless, output, python] = process.argv.slice(2);
// With the matrix, on the first N digits where there are 64 inputs, else on random numbers.
const SIZES = [
  ["2-12-12-3", 300],
  ["16-12-10", 512],
  ["64-8-10", 512],
  ["64-16-10", 512],
  ["64-16-10", 1797],
];
// Without the matrix, on the first N digits. The peers take part where a target names them, and the dense route where it can.
const DENSE = "64-16-10";
const NETWORKS = [
  [DENSE, 512],
  ["64-128-10", 1797],
  ["64-512-10", 1797],
  ["64-256-128-10", 1797],
];
// For the growth of time with N and with P.
const FURTHER = [
  ["64-512-10", 449],
  ["64-512-10", 898],
  ["64-256-10", 1797],
];
const SEEDS = 16; // of the native program's default ensemble, three runs each
const TRAINED = "2-12-12-3"; // its network, with 300 samples
const ROUNDS = 5;
const LEAST_MILLISECONDS = 60; // per measurement, far above the resolution of a browser's clock

const parameterCount = (layers) => {
  const n = layers.split("-").map(Number);
  return n.slice(1).reduce((sum, outputs, l) => sum + outputs * (n[l] + 1), 0);
};

// A program that answers `size LAYERS SAMPLES`, `network LAYERS SAMPLES` and `time STAGE REPETITIONS` with a line of two numbers each.
function program(command, args) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const request = async (line) => {
    child.stdin.write(`${line}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ended at "${line}"`);
    return value.split(" ").map(Number);
  };
  return {
    prepare: (command, layers, samples) => request(`${command} ${layers} ${samples}`),
    time: (stage, repetitions) => request(`time ${stage} ${repetitions}`),
    close: () => child.stdin.end(),
  };
}

// The same protocol with the wasm build on a page of its own.
async function browser() {
  const chrome = await chromium.launch({
    executablePath: process.env.CHROME,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  });
  const page = await chrome.newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.route("http://bench.local/**", async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === "") return route.fulfill({ contentType: "text/html", body: "<!doctype html><title>bench</title>" });
    const contentType = name.endsWith(".wasm") ? "application/wasm" : "text/javascript";
    return route.fulfill({ contentType, body: await readFile(path.join(folder, name)) });
  });
  await page.goto("http://bench.local/");
  await page.evaluate(async () => {
    const module = await import("/stages.js");
    await module.default();
    window.Stages = module.Stages;
  });
  return {
    prepare: (command, layers, samples) =>
      page.evaluate(([c, l, n]) => {
        window.stages?.free();
        window.stages = new window.Stages(c, new Uint32Array(l.split("-").map(Number)), n);
      }, [command, layers, samples]),
    time: (stage, repetitions) =>
      page.evaluate(([s, n]) => {
        const start = performance.now();
        window.stages.run(s, n);
        return [(performance.now() - start) / n, window.stages.work(s)];
      }, [stage, repetitions]),
    close: () => chrome.close(),
    version: chrome.version(),
  };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

// Exponent x of time ∝ P^x: the slope of a straight line through the logarithms.
function exponent(points) {
  const xs = points.map(([p]) => Math.log(p));
  const ys = points.map(([, time]) => Math.log(time));
  const mean = (values) => values.reduce((a, b) => a + b) / values.length;
  const [mx, my] = [mean(xs), mean(ys)];
  return xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i] - my), 0) / xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
}

const wasm = await browser();
const candidates = { browser: wasm, native: program(native, ["--serve"]) };
if (python) candidates.peers = program(python, [path.join(here, "peers.py")]);

// The stages of each candidate at one size, taking turns.
async function measured(command, [layers, samples], stages) {
  console.error(`${layers}, N = ${samples} ...`);
  const present = Object.entries(stages).filter(([name, list]) => candidates[name] && list.length > 0);
  for (const [name] of present) await candidates[name].prepare(command, layers, samples);
  const jobs = [];
  for (const [name, list] of present) {
    for (const stage of list) {
      // The first calls are slower, until a just-in-time compiler has done its work; they also set the repetitions.
      let milliseconds = 0;
      for (let warm = 0; warm < 3; warm++) [milliseconds] = await candidates[name].time(stage, 1);
      const repetitions = Math.max(1, Math.ceil(LEAST_MILLISECONDS / Math.max(milliseconds, 0.05)));
      jobs.push({ name, stage, repetitions, times: [], work: 0 });
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const job of jobs) {
      const [milliseconds, work] = await candidates[job.name].time(job.stage, job.repetitions);
      job.times.push(milliseconds);
      job.work = work;
    }
  }
  const result = { layers, samples, parameters: parameterCount(layers) };
  for (const { name, stage, times, work } of jobs) {
    (result[name] ??= {})[stage] = { milliseconds: median(times), least: Math.min(...times), most: Math.max(...times), work };
  }
  return result;
}

const own = ["hessian", "spectrum", "checkpoint", "training", "kernel"];
const results = [];
for (const size of SIZES) {
  const peers = ["torch", "jax", "lapack", "lapack_full", "torch_checkpoint"];
  results.push(await measured("size", size, { browser: own, native: own, peers }));
}
const networks = [];
for (const size of NETWORKS) {
  const stages = size[0] === DENSE ? ["product", "pairs", "dense"] : ["product", "pairs"];
  const peers = ["product", "linearized", "jax", "pairs", "pairs_linearized"];
  networks.push(await measured("network", size, { browser: stages, native: stages, peers }));
}
const further = [];
for (const size of FURTHER) further.push(await measured("network", size, { browser: ["product", "pairs"] }));

// The native program's ensemble, on one core and on all of them.
const cores = availableParallelism();
function ensembleSeconds(jobs) {
  const start = performance.now();
  const input = JSON.stringify({ seed_count: SEEDS });
  const { status } = spawnSync(headless, ["ensemble", "-", "--jobs", String(jobs)], {
    input,
    stdio: ["pipe", "ignore", "ignore"],
  });
  if (status !== 0) throw new Error(`${headless} ended with ${status}`);
  return (performance.now() - start) / 1e3;
}
console.error(`${SEEDS} seeds on 1 and on ${cores} cores ...`);
const rounds = Array.from({ length: ROUNDS }, () => [ensembleSeconds(1), ensembleSeconds(cores)]);
const ensemble = { seeds: SEEDS, cores, one: median(rounds.map(([one]) => one)), all: median(rounds.map(([, all]) => all)) };
if (python) {
  await candidates.peers.prepare("seed", TRAINED, 300);
  ensemble.peer_seed = (await candidates.peers.time("seed", 1))[0] / 1e3;
}
for (const candidate of Object.values(candidates)) await candidate.close();

const figure = (x) => (x === undefined ? "-" : x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));
const time = (r, name, stage) => r[name]?.[stage]?.milliseconds;
const ratio = (a, b) => (a === undefined ? "-" : `${figure(a / b)}×`);
const rate = (r, name, stage) => r[name][stage].work / r[name][stage].milliseconds / 1e6;
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const lines = [
  `Machine: ${cpus()[0].model}, one thread; Chromium ${wasm.version}; ${new Date().toISOString().slice(0, 10)}. Milliseconds, median of ${ROUNDS}.`,
  "",
  table(
    ["layers, N", "P", "Hessian, browser", "native", "torch", "jax", "torch / browser", "jax / browser"],
    results.map((r) => {
      const own = time(r, "browser", "hessian");
      const [torch, jax] = [time(r, "peers", "torch"), time(r, "peers", "jax")];
      return [`${r.layers}, ${r.samples}`, r.parameters, figure(own), figure(time(r, "native", "hessian")), figure(torch), figure(jax), ratio(torch, own), ratio(jax, own)];
    }),
  ),
  "",
  table(
    ["layers, N", "P", "all λ + 10 v, browser", "native", "LAPACK", "LAPACK, all v", "browser / LAPACK", "checkpoint, browser", "torch + LAPACK / browser"],
    results.map((r) => {
      const own = time(r, "browser", "spectrum");
      const lapack = time(r, "peers", "lapack");
      return [`${r.layers}, ${r.samples}`, r.parameters, figure(own), figure(time(r, "native", "spectrum")), figure(lapack), figure(time(r, "peers", "lapack_full")), lapack === undefined ? "-" : ratio(own, lapack), figure(time(r, "browser", "checkpoint")), ratio(time(r, "peers", "torch_checkpoint"), time(r, "browser", "checkpoint"))];
    }),
  ),
  "",
  table(
    ["layers, N", "P", "products in the Hessian, GFLOP/s", "kernel's peak, GFLOP/s", "share", "training steps/s, browser", "native"],
    results.map((r) => {
      const [products, peak] = [rate(r, "browser", "hessian"), rate(r, "browser", "kernel")];
      const steps = (name) => Math.round(1e9 * rate(r, name, "training")).toLocaleString("en");
      return [`${r.layers}, ${r.samples}`, r.parameters, figure(products), figure(peak), `${figure((100 * products) / peak)} %`, steps("browser"), steps("native")];
    }),
  ),
];
const growth = results.slice(0, 4);
const perSample = growth.map((r) => [r.parameters, time(r, "browser", "hessian") / r.samples]);
const eigen = growth.map((r) => [r.parameters, time(r, "browser", "spectrum")]);
lines.push("", `Growth in the browser, P from 231 to 1210: Hessian ∝ N P^${exponent(perSample).toFixed(2)}, spectrum ∝ P^${exponent(eigen).toFixed(2)}.`);

// Without the matrix.
lines.push(
  "",
  table(
    ["layers, N", "P", "H v, browser", "native", "torch, jvp of grad", "torch, linearize", "jax", "torch / browser", "GFLOP/s, browser", "native"],
    networks.map((r) => {
      const stages = ["product", "linearized", "jax"].map((stage) => figure(time(r, "peers", stage)));
      const browser = time(r, "browser", "product");
      return [`${r.layers}, ${r.samples}`, r.parameters, figure(browser), figure(time(r, "native", "product")), ...stages, ratio(time(r, "peers", "product"), browser), figure(rate(r, "browser", "product")), figure(rate(r, "native", "product"))];
    }),
  ),
  "",
  table(
    ["layers, N", "P", "10 leading pairs, browser", "products", "native", "eigsh over jvp of grad", "products", "eigsh over linearize", "eigsh / browser", "dense, browser", "dense / without the matrix"],
    networks.map((r) => {
      const browser = time(r, "browser", "pairs");
      const [peer, dense] = [time(r, "peers", "pairs"), time(r, "browser", "dense")];
      return [`${r.layers}, ${r.samples}`, r.parameters, figure(browser), r.browser.pairs.work, figure(time(r, "native", "pairs")), figure(peer), r.peers?.pairs.work ?? "-", figure(time(r, "peers", "pairs_linearized")), ratio(peer, browser), figure(dense), ratio(dense, browser)];
    }),
  ),
);
const all = [...networks, ...further];
const withSamples = all.filter((r) => r.layers === "64-512-10");
const withParameters = all.filter((r) => r.samples === 1797 && r.layers.split("-").length === 3);
const growthOf = (stage) => [
  exponent(withSamples.map((r) => [r.samples, time(r, "browser", stage)])),
  exponent(withParameters.map((r) => [r.parameters, time(r, "browser", stage)])),
];
const exponents = { product: growthOf("product"), pairs: growthOf("pairs") };
const productCounts = (list) => list.toSorted((a, b) => a.parameters * a.samples - b.parameters * b.samples).map((r) => r.browser.pairs.work).join(", ");
const growthText = ([n, p]) => `N^${n.toFixed(2)} P^${p.toFixed(2)}`;
lines.push(
  "",
  `Growth in the browser, N from 449 to 1797 at P = 38410, P from 9610 to 38410 at N = 1797: product ∝ ${growthText(exponents.product)}, leading pairs ∝ ${growthText(exponents.pairs)} (products: ${productCounts(withSamples)}; ${productCounts(withParameters)}).`,
  "",
  `Ensemble of ${SEEDS} seeds × 3 runs, native: ${ensemble.one.toFixed(2)} s on one core, ${ensemble.all.toFixed(2)} s on ${cores}.` +
    (ensemble.peer_seed ? ` torch and LAPACK take ${ensemble.peer_seed.toFixed(1)} s for one seed on one core.` : ""),
);

// What performance asks for, at the size where each comparison is worst.
const least = (list, value) => Math.min(...list.map(value));
const faster = (list, slow, fast) => least(list, (r) => time(r, ...slow) / time(r, ...fast));
const large = networks.filter((r) => r.layers !== DENSE);
const small = networks.find((r) => r.layers === DENSE);
const nativeGains = [
  ...own.filter((stage) => stage !== "training").map((stage) => [stage, faster(results, ["browser", stage], ["native", stage])]),
  ...["product", "pairs"].map((stage) => [stage, faster(networks, ["browser", stage], ["native", stage])]),
];
const steps = 1e9 * rate(results.find((r) => r.layers === TRAINED), "browser", "training");
const share = ensemble.one / (cores * ensemble.all);
const farthest = Math.max(...exponents.pairs.map((x) => Math.abs(x - 1)));
const times = (x) => `${x.toFixed(2)}×`;
const targets = [
  ["native against the browser, at least", "1.5×", nativeGains.map(([stage, gain]) => `${stage} ${times(gain)}`).join(", "), nativeGains.every(([, gain]) => gain >= 1.5)],
  ["without the matrix against the dense route, P = 1210, N = 512", "≥ 2×", times(time(small, "browser", "dense") / time(small, "browser", "pairs")), time(small, "browser", "dense") >= 2 * time(small, "browser", "pairs")],
  ["leading pairs ∝ N P: exponents off by", "≤ 0.15", farthest.toFixed(2), farthest <= 0.15],
  [`ensemble on ${cores} cores, share of ideal`, "≥ 0.9", share.toFixed(2), share >= 0.9],
  ["training steps per second", "≥ 40,000", Math.round(steps).toLocaleString("en"), steps >= 40_000],
];
if (python) {
  const atLeast = (what, target, value) => targets.push([what, `≥ ${target}×`, times(value), value >= target]);
  atLeast("torch / browser, Hessian", 20, faster(results, ["peers", "torch"], ["browser", "hessian"]));
  atLeast("jax / browser, Hessian", 10, faster(results, ["peers", "jax"], ["browser", "hessian"]));
  const lapack = 1 / faster(results, ["peers", "lapack"], ["browser", "spectrum"]);
  targets.push(["browser / LAPACK, all eigenvalues and 10 vectors", "≤ 1.3×", times(lapack), lapack <= 1.3]);
  atLeast("torch / browser, Hessian-vector product", 1.5, faster(large, ["peers", "product"], ["browser", "product"]));
  atLeast("eigsh over torch / browser, 10 leading pairs", 2, faster(large, ["peers", "pairs"], ["browser", "pairs"]));
  // The peers are granted an ideal use of all cores.
  atLeast("torch and LAPACK / native ensemble, all cores", 20, (ensemble.peer_seed * SEEDS) / cores / ensemble.all);
}
lines.push("", table(["target, where it is worst", "asked for", "measured", ""], targets.map(([what, asked, found, met]) => [what, asked, found, met ? "met" : "MISSED"])));
console.log(lines.join("\n"));
const record = { date: new Date().toISOString(), machine: cpus()[0].model, chromium: wasm.version, results, networks, further, exponents, ensemble, targets };
await writeFile(output, JSON.stringify(record, null, 1));
