// Uses the built page for some minutes and prints what it holds; fails when that grows beyond a bound after the first minute.
//     node tests/e2e/soak.mjs [MINUTES]
import { inWorkers, launchChromium, serveBuild } from "./browser.mjs";

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 1)) {
  console.error(`soak: '${process.argv[2]}' is no number of minutes: it must be above 1, because growth counts after the first.`);
  process.exit(2);
}
/** Most that each quantity may reach: a multiple of its maximum in the first minute, and a constant. */
const bounds = {
  heap: [1.5, 16], // MB, after garbage collection
  wasm: [1.25, 16], // MB, of the page
  workersWasm: [1.25, 64], // MB, of all workers, of which six may have come to different runs
  nodes: [1.25, 500],
  listeners: [1.25, 100],
  workers: [0, 7], // six tasks at once and a spare
};

const site = await serveBuild();
const browser = await launchChromium(["--js-flags=--expose-gc"]);
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const errors = [];
page.on("pageerror", (error) => errors.push(String(error)));
// Memories of WebAssembly have no list of their own: each is noted when it is made, on the page and in workers.
await page.addInitScript(() => {
  const instantiate = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...given) => {
    const result = await instantiate.apply(WebAssembly, given);
    globalThis.memoryForSoak = result.instance.exports.memory;
    return result;
  };
});
await inWorkers(page.context(), "globalThis.memoryForSoak = memory;");
const four = "#v=1&samples=60&hidden=6&steps=300&every=10&A=sgd,lr:0.1&B=momentum,lr:0.02&C=adam,lr:0.01&D=muon,lr:0.02";
await page.goto(site.url + four);
await page.waitForFunction(() => document.body.dataset.state === "ready");
const session = await page.context().newCDPSession(page);
await session.send("Performance.enable");

async function measure() {
  await page.evaluate(() => globalThis.gc?.());
  const { metrics } = await session.send("Performance.getMetrics");
  const of = (name) => metrics.find((metric) => metric.name === name)?.value ?? NaN;
  const workers = page.workers();
  const sizes = await Promise.all(workers.map((worker) => worker.evaluate(() => globalThis.memoryForSoak?.buffer.byteLength ?? 0).catch(() => 0)));
  const wasm = await page.evaluate(() => globalThis.memoryForSoak.buffer.byteLength);
  return {
    heap: of("JSHeapUsedSize") / 1e6,
    wasm: wasm / 1e6,
    workersWasm: sizes.reduce((sum, size) => sum + size, 0) / 1e6,
    nodes: of("Nodes"),
    listeners: of("JSEventListeners"),
    workers: workers.length,
  };
}

const finish = () =>
  page.waitForFunction(
    () => {
      const runs = globalThis.eigendrift.report()?.runs ?? [];
      return runs.length > 0 && runs.every((run) => ["finished", "diverged"].includes(run.phase));
    },
    null,
    { timeout: 120_000, polling: 100 },
  );
const choose = (selector, index) => page.selectOption(selector, { index });
const acts = [
  () => page.click("#new-seed"),
  finish,
  () => page.click("#reset"),
  () => page.waitForTimeout(300),
  () => page.click("#new-seed"),
  () => page.click("#new-seed"),
  finish,
  () => page.evaluate((hash) => void (location.hash = hash), `${four}&against=loss&pair=tracked`),
  finish,
  () => page.evaluate((hash) => void (location.hash = hash), four),
  () => page.click("[data-run-action=remove][data-run='3']"),
  () => page.click("#add-run"),
  finish,
  () => page.click("#back"),
  () => page.click("#live"),
];

const begin = Date.now();
const seconds = () => (Date.now() - begin) / 1000;
const first = {};
const failures = [];
let [next, printed, rounds] = [0, -10, 0];
while (seconds() < minutes * 60) {
  await acts[next]();
  next = (next + 1) % acts.length;
  rounds += next === 0 ? 1 : 0;
  if (seconds() < printed + 10) continue;
  printed = seconds();
  const now = await measure();
  const words = Object.entries(now).map(([name, value]) => `${name} ${value.toFixed(name === "heap" || /wasm/i.test(name) ? 1 : 0)}`);
  console.log(`${printed.toFixed(0).padStart(5)} s  ${rounds} rounds  ${words.join("  ")}`);
  for (const [name, value] of Object.entries(now)) {
    if (printed < 60) first[name] = Math.max(first[name] ?? 0, value);
    const [factor, constant] = bounds[name];
    const bound = factor * first[name] + constant;
    if (printed >= 60 && !(value <= bound)) failures.push(`${name} is ${value.toFixed(1)} after ${printed.toFixed(0)} s, above ${bound.toFixed(1)}`);
  }
}
failures.push(...errors);
await browser.close();
await site.close();
console.log(failures.length ? failures.join("\n") : `nothing grew beyond its bound in ${rounds} rounds`);
process.exit(failures.length ? 1 : 0);
