// Measures the wasm build in headless Chromium, the native build and, where requested, the peers, taking turns in one run, and
// prints one table. Called by scripts/bench, which builds everything first:
//   node run.mjs BROWSER_FOLDER NATIVE_PROGRAM OUTPUT.json [PYTHON]
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const { chromium } = createRequire(path.join(here, "../tests/e2e/"))("playwright-core");

const [folder, native, output, python] = process.argv.slice(2);
const SIZES = [
  ["2-12-12-3", 300],
  ["16-12-10", 512],
  ["64-8-10", 512],
  ["64-16-10", 512],
  ["64-16-10", 1797],
];
const ROUNDS = 5;
const LEAST_MILLISECONDS = 60; // per measurement, far above the resolution of a browser's clock

const parameterCount = (layers) => {
  const n = layers.split("-").map(Number);
  return n.slice(1).reduce((sum, outputs, l) => sum + outputs * (n[l] + 1), 0);
};

// A program that answers `size LAYERS SAMPLES` and `time STAGE REPETITIONS` with a line of two numbers each.
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
    size: (layers, samples) => request(`size ${layers} ${samples}`),
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
    size: (layers, samples) =>
      page.evaluate(([l, n]) => {
        window.stages?.free();
        window.stages = new window.Stages(new Uint32Array(l.split("-").map(Number)), n);
      }, [layers, samples]),
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
const stages = {
  browser: ["hessian", "spectrum", "checkpoint", "training", "kernel"],
  native: ["hessian", "spectrum", "checkpoint", "training", "kernel"],
};
if (python) {
  candidates.peers = program(python, [path.join(here, "peers.py")]);
  stages.peers = ["torch", "jax", "lapack", "lapack_full", "torch_checkpoint"];
}

const results = [];
for (const [layers, samples] of SIZES) {
  console.error(`${layers}, N = ${samples} ...`);
  for (const candidate of Object.values(candidates)) await candidate.size(layers, samples);
  const jobs = [];
  for (const [name, list] of Object.entries(stages)) {
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
  results.push(result);
}
for (const candidate of Object.values(candidates)) await candidate.close();

const figure = (x) => (x === undefined ? "-" : x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));
const time = (r, name, stage) => r[name]?.[stage].milliseconds;
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
console.log(lines.join("\n"));
await writeFile(output, JSON.stringify({ date: new Date().toISOString(), machine: cpus()[0].model, chromium: wasm.version, results }, null, 1));
