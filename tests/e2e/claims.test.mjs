// Claims of `headless ensemble` against an independent evaluation from single reports of `headless run`, after the
// definitions of the claims alone.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";

const root = path.join(import.meta.dirname, "../..");
execFileSync("cargo", ["build", "--quiet", "--locked", "--bin", "headless"], { cwd: root, stdio: "inherit" });
const folder = mkdtempSync(path.join(tmpdir(), "eigendrift-claims-"));
after(() => rmSync(folder, { recursive: true }));

function headless(command, input) {
  const file = path.join(folder, "input.json");
  writeFileSync(file, JSON.stringify(input));
  const options = { maxBuffer: 2 ** 30, stdio: ["ignore", "pipe", "ignore"] };
  return JSON.parse(execFileSync(path.join(root, "target/debug/headless"), [command, file], options));
}

const known = (values) => values.filter((x) => x !== null && x !== undefined && Number.isFinite(x));
function mean(values) {
  const some = known(values);
  return some.length ? some.reduce((a, b) => a + b, 0) / some.length : null;
}
const minus = (a, b) => (a === null || b === null ? null : a - b);
const range = (from, to) => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

// One run as the definitions speak of it.
class Curve {
  constructor(report, pairing) {
    this.report = report;
    this.checkpoints = report.checkpoints;
    this.n = this.checkpoints.length - 1;
    this.lag = Math.floor(this.n / 10);
    const field = { rank: "displacement_by_rank", tracked: "displacement_tracked" }[pairing];
    this.d = (t, u) => {
      if (field) return report[field][t][u];
      const overlap = report.subspace_overlap[t][u];
      return overlap === null ? null : 1 - overlap;
    };
    this.half = Math.floor(this.n / 2);
    this.early = range(this.lag, this.half);
    this.late = range(this.half, this.n - this.lag + 1);
    this.end = range(this.n + 1 - Math.floor((this.n + 1) / 5), this.n + 1);
  }
  atLag(times) { return mean(times.map((t) => this.d(t, t + this.lag))); }
  ipr(t) { return mean(this.checkpoints[t].leading_ipr); }
  loss(t) { return this.checkpoints[t].loss; }
  first(level) { return this.checkpoints.findIndex((c) => c.loss <= level); }
  lowest() { return Math.min(...this.checkpoints.map((c) => c.loss)); }
  get null() { return this.report.null_model?.mean_ipr?.mean ?? null; }
  share(name) {
    const chance = this.checkpoints[0].leading_ipr.length / this.report.parameter_count;
    return mean(this.end.map((t) => this.checkpoints[t][name]).filter((x) => x > 0).map((x) => Math.log2(x / chance)));
  }
}

const ratio = (a, b) => (a === null || b === null ? null : Math.log2(a / b));

function matchedLoss(a, b) {
  const start = Math.min(a.loss(0), b.loss(0));
  const level = (j) => start * 2 ** (-j / 2);
  const differences = [];
  for (let j = 1; a.first(level(j + 2)) >= 0 && b.first(level(j + 2)) >= 0; j++) {
    const [fromA, toA, fromB, toB] = [a.first(level(j)), a.first(level(j + 2)), b.first(level(j)), b.first(level(j + 2))];
    if (fromA === toA || fromB === toB) continue;
    differences.push(minus(b.d(fromB, toB), a.d(fromA, toA)));
  }
  return mean(differences);
}

function matchedDistance(a, b) {
  const bins = (run) => {
    const found = new Map();
    for (const t of run.late) {
      for (const u of run.late.filter((u) => u > t)) {
        const distance = run.report.weight_displacement[t][u];
        if (!(distance > 0) || run.d(t, u) === null) continue;
        const bin = Math.floor(Math.log10(distance) / 0.25);
        found.set(bin, [...(found.get(bin) ?? []), run.d(t, u)]);
      }
    }
    return found;
  };
  const [ofA, ofB] = [bins(a), bins(b)];
  const shared = [...ofA.keys()].filter((bin) => ofA.get(bin).length >= 3 && (ofB.get(bin)?.length ?? 0) >= 3);
  return mean(shared.map((bin) => mean(ofB.get(bin)) - mean(ofA.get(bin))));
}

function matchedIpr(a, b) {
  const level = Math.max(a.lowest(), b.lowest());
  return ratio(b.ipr(b.first(level)), a.ipr(a.first(level)));
}

const ESTIMATES = {
  a_stabilizes: ({ a }) => minus(a.atLag(a.early), a.atLag(a.late)),
  b_stabilizes: ({ b }) => minus(b.atLag(b.early), b.atLag(b.late)),
  b_reorganizes: ({ a, b }) => minus(b.atLag(b.late), a.atLag(a.late)),
  b_reorganizes_matched_loss: ({ a, b }) => matchedLoss(a, b),
  b_reorganizes_matched_distance: ({ a, b }) => matchedDistance(a, b),
  b_localizes: ({ a, b }) => mean(a.end.map((t) => ratio(b.ipr(t), a.ipr(t)))),
  b_localizes_matched_loss: ({ a, b }) => matchedIpr(a, b),
  a_beyond_null: ({ a }) => mean(a.end.map((t) => ratio(a.ipr(t), a.null))),
  b_beyond_null: ({ b }) => mean(b.end.map((t) => ratio(b.ipr(t), b.null))),
  b_axes: ({ b, rotated }) => mean(b.end.map((t) => ratio(b.ipr(t), rotated.ipr(t)))),
  gradient_in_subspace_a: ({ a }) => a.share("gradient_share"),
  gradient_in_subspace_b: ({ b }) => b.share("gradient_share"),
  update_in_subspace_a: ({ a }) => a.share("update_share"),
  update_in_subspace_b: ({ b }) => b.share("update_share"),
};
const DIFFERENCES = Object.keys(ESTIMATES).slice(0, 5);

// t with P(|T| <= t) = 0.95, from scipy.stats.t.ppf(0.975, n - 1).
const QUANTILES = { 3: 4.302652729749462, 4: 3.1824463052837078 };

function close(found, expected, what) {
  if (expected === null) return assert.equal(found, null, what);
  assert.ok(Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${what}: ${found} is not ${expected}`);
}

function compare(result, claims, pairing, reports) {
  for (const [name, estimate] of Object.entries(ESTIMATES)) {
    const claim = claims.find((claim) => claim.name === name);
    const what = `${name}, ${pairing}`;
    const values = reports.map((runs) => {
      const curves = Object.fromEntries(Object.entries(runs).map(([key, report]) => [key, new Curve(report, pairing)]));
      return estimate(curves);
    });
    const inUnit = (x) => (x === null || DIFFERENCES.includes(name) ? x : 2 ** x);
    const given = values.map((value, i) => ({ seed: i + 1, value })).filter(({ value }) => value !== null);
    assert.deepEqual(claim.per_seed.map(({ seed }) => seed), given.map(({ seed }) => seed), what);
    given.forEach(({ value }, i) => close(claim.per_seed[i].value, inUnit(value), `${what}, seed`));
    assert.equal(claim.seeds, given.length);
    assert.equal(claim.left_out.length, values.length - given.length, what);
    const center = mean(values);
    close(claim.estimate, inUnit(center), what);
    if (given.length < 3) {
      assert.deepEqual([claim.low, claim.high, claim.verdict], [null, null, "undecided"], what);
      continue;
    }
    const squares = given.reduce((sum, { value }) => sum + (value - center) ** 2, 0);
    const half = QUANTILES[given.length] * Math.sqrt(squares / (given.length - 1) / given.length);
    close(claim.low, inUnit(center - half), `${what}, low`);
    close(claim.high, inUnit(center + half), `${what}, high`);
    const verdict = center - half > 0 ? "supported" : center + half < 0 ? "contradicted" : "undecided";
    assert.equal(claim.verdict, verdict, what);
  }
  assert.equal(claims.length, Object.keys(ESTIMATES).length);
  return result;
}

for (const [title, ensemble] of [
  ["spirals", {
    experiment: { hidden: [8], steps: 600, checkpoint_every: 10, batch_size: 16, test_share: 0.2 },
    b: { name: "adam", learning_rate: 0.02 },
    seed_count: 4,
  }],
  ["a null model of the trained weights, by magnitude, with a change of the learning rate on the way", {
    experiment: {
      data: { name: "blobs" }, hidden: [6], steps: 400, checkpoint_every: 10, leading: 3, leading_order: "magnitude",
      null_model: { kind: "shuffled_weights", samples: 4 }, changes: [{ step: 200, learning_rate: 0.02 }],
    },
    a: { name: "momentum", learning_rate: 0.01 },
    pairing: "subspace",
    seed_count: 3,
  }],
]) {
  test(`claims equal an independent evaluation: ${title}`, () => {
    const result = headless("ensemble", ensemble);
    const optimizers = {
      a: result.ensemble.a,
      b: result.ensemble.b,
      rotated: { ...result.ensemble.b, rotated_basis: true },
    };
    const reports = range(1, ensemble.seed_count + 1).map((seed) =>
      Object.fromEntries(Object.entries(optimizers).map(([key, optimizer]) =>
        [key, headless("run", { ...ensemble.experiment, optimizer, seed })])));
    const chosen = ensemble.pairing ?? "tracked";
    compare(result, result.claims, chosen, reports);
    for (const [pairing, claims] of Object.entries(result.claims_by_pairing)) compare(result, claims, pairing, reports);
    assert.deepEqual([...Object.keys(result.claims_by_pairing), chosen].sort(), ["rank", "subspace", "tracked"]);
  });
}

// Estimates and intervals of an earlier trial, rounded in its table to two digits: SGD 0.1 and Adam 0.01, 12 seeds.
const TRIAL = {
  iris: [{ name: "iris", preparation: "standardized" }, {
    a_stabilizes: [0.04, 0.0, 0.09], b_reorganizes: [0.35, 0.24, 0.45], b_localizes: [0.98, 0.85, 1.14],
    b_beyond_null: [1.91, 1.74, 2.09], b_axes: [0.84, 0.74, 0.95],
  }],
  wine: [{ name: "wine", preparation: "standardized" }, {
    a_stabilizes: [0.07, 0.04, 0.11], b_reorganizes: [0.0, -0.02, 0.01], b_localizes: [0.7, 0.6, 0.81],
    b_beyond_null: [0.91, 0.77, 1.08], b_axes: [0.71, 0.62, 0.82],
  }],
};
for (const [name, [data, table]] of Object.entries(TRIAL)) {
  test(`the trial on ${name} is reproduced`, () => {
    const rates = { a: { name: "sgd", learning_rate: 0.1 }, b: { name: "adam", learning_rate: 0.01 } };
    const { claims } = headless("ensemble", { experiment: { data, hidden: [12] }, ...rates, seed_count: 12 });
    for (const [claim, expected] of Object.entries(table)) {
      const { estimate, low, high } = claims.find(({ name }) => name === claim);
      [estimate, low, high].forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 0.006, `${claim}: ${value}, ${expected}`));
    }
  });
}

test("a seed in which a run diverges is left out of the claims that need it, and named", () => {
  const ensemble = {
    experiment: { hidden: [4], steps: 200, checkpoint_every: 10 },
    a: { name: "sgd", learning_rate: 1e300 },
    seed_count: 3,
  };
  const { claims, seeds } = headless("ensemble", ensemble);
  for (const { name, seeds: count, left_out } of claims) {
    const needsA = !["b_stabilizes", "b_beyond_null", "b_axes", "gradient_in_subspace_b", "update_in_subspace_b"].includes(name);
    assert.equal(count, needsA ? 0 : 3, name);
    if (needsA) {
      assert.deepEqual(left_out.map(({ seed }) => seed), [1, 2, 3], name);
      assert.match(left_out[0].reason, /^A: training diverged/, name);
    }
  }
  assert.equal(seeds[0].b.diverged, null);
});
