// The built page without a network, and when a new build takes the place of the one that a visitor has: what is kept, what is
// offered, and that no file of one build is used with another's. Also its content security policy, and that it can be installed.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { finish } from "../../scripts/finish-build.mjs";
import { build, complaints, filesOf, launchChromium, report, serveBuild, waitFor } from "./browser.mjs";

const quick = "#v=1&samples=60&hidden=4&steps=100&every=20&k=2";
const networks = new URL("../golden/networks/", import.meta.url);
const [folders, hosts] = [[], []];
let browser;

before(async () => {
  browser = await launchChromium([], { serviceWorkers: true });
});
after(async () => {
  await browser?.close();
  for (const host of hosts) await host.close();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function serve() {
  const host = await serveBuild();
  hosts.push(host);
  return host;
}

/** A copy of the build as Trunk leaves it to scripts/finish-build.mjs, with a sentence more in its header, finished again. */
function anotherBuild(marker) {
  const folder = mkdtempSync(join(tmpdir(), "eigendrift-build-"));
  folders.push(folder);
  cpSync(build, folder, { recursive: true });
  const files = filesOf(folder);
  for (const name of ["api.js", "api.d.ts"]) rmSync(join(folder, name));
  for (const name of readdirSync(join(folder, files))) renameSync(join(folder, files, name), join(folder, name));
  rmSync(join(folder, files), { recursive: true });
  const edit = (name, change) => writeFileSync(join(folder, name), change(readFileSync(join(folder, name), "utf8")));
  const start = readdirSync(folder).find((name) => name.startsWith("start-"));
  edit(start, (text) => text.replace(/new URL\("([^"]+)",import\.meta\.url\)/, "`$1`"));
  const code = readFileSync(join(folder, start), "utf8");
  rmSync(join(folder, start));
  edit("index.html", (html) =>
    html
      .replaceAll(`./${files}/`, "./")
      .replace(/<script type="module" src="[^"]*"><\/script>/, () => `<script type=module>${code}</script>`)
      .replace("</h1>", `</h1><small id="marker">${marker}</small>`));
  edit("manifest.webmanifest", (text) => text.replaceAll(`./${files}/`, "./"));
  edit("service-worker.js", (text) => text.slice(text.indexOf("\n") + 1));
  finish(folder);
  assert.notEqual(filesOf(folder), files);
  return folder;
}

/** A page that is kept for visits without a network. `page.requested` has all addresses that anything of it asked for. */
async function keptPage(context, url) {
  const page = await context.newPage();
  page.complaints = complaints(page);
  page.requested = [];
  context.on("request", (request) => page.requested.push(request.url()));
  await page.goto(url);
  await ready(page);
  await waitFor("the service worker", () => page.evaluate(() => navigator.serviceWorker.controller !== null));
  return page;
}

const ready = (page) => page.waitForFunction(() => document.body.dataset.state === "ready");
const caches = (page) => page.evaluate(async () => (await globalThis.caches.keys()).map((name) => name.split(" ").at(-1)));
const marker = (page) => page.evaluate(() => document.getElementById("marker")?.textContent ?? null);
const offered = (page) => waitFor("the offer", () => page.isVisible("#update"));

/** The report once all runs have finished, of an experiment that fits. */
const finished = (page, fits = () => true) =>
  waitFor("the runs", async () => {
    const found = await report(page);
    const runs = found?.runs ?? [];
    return runs.length > 0 && runs.every((run) => run.phase === "finished" && fits(run.experiment)) && found;
  }, { timeout: 120_000 });

/** Four runs at a time take more workers than two, with the program, its script and the loader of the page's build. */
async function addsRuns(page) {
  const { workers } = await report(page);
  for (const count of [3, 4]) {
    await page.evaluate(() => document.getElementById("add-run").click());
    await waitFor("the new run", async () => (await finished(page)).runs.length === count);
  }
  await page.click("#reset");
  const found = await waitFor("more workers", async () => {
    const found = await report(page);
    return found.workers > workers && found;
  });
  assert.deepEqual(found.problems, []);
  assert.deepEqual((await finished(page)).problems, []);
}

test("the build's folder and the digests are of its final files", () => {
  const text = readFileSync(join(build, "service-worker.js"), "utf8");
  const record = JSON.parse(text.slice("const BUILD = ".length, text.indexOf(";\n")));
  assert.equal(record.build, filesOf(build));
  const all = readdirSync(join(build, record.build), { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  const wanted = all.map((it) => join(it.parentPath, it.name).slice(build.length + 1)).filter((name) => !name.endsWith(".d.ts"));
  assert.deepEqual(Object.keys(record.files).sort(), ["./", "manifest.webmanifest", ...wanted].sort());
  assert.ok(wanted.length >= 15, wanted.join());
  for (const [name, integrity] of Object.entries(record.files)) {
    const bytes = readFileSync(join(build, name === "./" ? "index.html" : name));
    assert.equal(integrity, `sha256-${createHash("sha256").update(bytes).digest("base64")}`, name);
  }
  const html = readFileSync(join(build, "index.html"), "utf8");
  const named = [...html.matchAll(/\b(?:href|src)="?([^"\s>]+)/g)].map(([, name]) => name);
  assert.ok(named.length >= 7, named.join());
  for (const name of named) {
    assert.ok(name.startsWith("./"), `${name} is not relative`);
    assert.ok(existsSync(join(build, name)), name);
  }
});

test("once visited, everything works without a server, under a sub-path, and asks no other host for anything", async () => {
  const host = await serve();
  const context = await browser.newContext();
  const page = await keptPage(context, host.url + quick);
  const online = await finished(page);
  assert.deepEqual(page.complaints, []);
  const before = host.requests.length;
  await host.close();
  await context.setOffline(true);

  await page.reload();
  const offline = await finished(page);
  const losses = (found) => found.runs.map((run) => run.checkpoints.map((checkpoint) => checkpoint.loss));
  assert.deepEqual(losses(offline), losses(online));
  assert.equal(page.url(), host.url + quick);
  await waitFor("the article", () => page.evaluate(() => document.querySelectorAll("#reading h2, #reading h3").length > 5));
  await waitFor("the lessons", () => page.evaluate(() => document.querySelectorAll("#lessons-menu a").length > 5));

  // A link to the file is one to the page.
  await page.goto(`${host.url}index.html#v=1&data=digits&hidden=4&steps=40&every=20&k=2&test=0`);
  await finished(page, (experiment) => experiment.data.name === "digits");
  await page.evaluate(() => (document.querySelector("[data-part=export]").open = true));
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("[data-export=program][data-of=A]")]);
  const program = readFileSync(await download.path(), "utf8");
  assert.equal(JSON.parse(program.split('RECORD = r"""')[1].split('"""')[0]).checkpoints.length, 3);

  // Another document than index.html, so this loads the page anew.
  await page.goto(`${host.url}#v=1&data=blobs&features=5&classes=3&steps=40&every=20&k=2`);
  await finished(page, (experiment) => experiment.data.name === "blobs");
  const buffer = readFileSync(new URL("torch_f32.safetensors", networks));
  await page.setInputFiles("#file", { name: "net.safetensors", mimeType: "application/octet-stream", buffer });
  await waitFor("the network", async () =>
    (await report(page)).runs.every((run) => run.experiment.initial_parameters?.length > 0 && run.checkpoints.length > 0));

  assert.equal(host.requests.length, before, "nothing has reached the server");
  const origin = new URL(host.url).origin;
  const elsewhere = page.requested.filter((url) => /^https?:/.test(url) && new URL(url).origin !== origin);
  assert.deepEqual(elsewhere, []);
  // In vain the browser looks for a newer service worker; and leaving a page cuts off what its spare workers load.
  assert.deepEqual(page.complaints.filter((line) => !/^not loaded: .*\/(service-worker|worker_loader|app-[0-9a-f]+)\.js$/.test(line)), []);
  await context.close();
});

test("a new build is offered, not forced; each page keeps its own until then", async () => {
  const host = await serve();
  const context = await browser.newContext();
  const link = `${host.url}${quick}&seed=5`;
  const first = await keptPage(context, link);
  await finished(first);
  assert.ok(await first.isHidden("#update"));
  const [old, folder] = [filesOf(build), anotherBuild("build 2")];
  const other = await keptPage(context, link);
  await finished(other);

  // From now on the server has no file of build 1.
  host.folder = folder;
  await first.reload();
  await offered(first);
  assert.equal(await marker(first), null);
  assert.deepEqual((await caches(first)).sort(), [old, filesOf(folder)].sort());
  await addsRuns(first);
  const changed = first.url();

  const [again] = await Promise.all([first.waitForEvent("framenavigated"), first.click("#use-update")]);
  assert.equal(again.url(), changed);
  await ready(first);
  assert.equal(await marker(first), "build 2");
  assert.equal((await finished(first)).runs[0].experiment.seed, 5);
  assert.ok(await first.isHidden("#update"));

  // The other page goes on with the files of build 1, although the service worker is that of build 2.
  assert.equal(await marker(other), null);
  assert.ok((await caches(other)).includes(old), "what a page uses is kept");
  await addsRuns(other);
  await other.reload();
  await ready(other);
  assert.equal(await marker(other), "build 2");
  await waitFor("the files of build 1 to go", async () => !(await caches(other)).includes(old));
  await finished(other);
  for (const page of [first, other]) assert.deepEqual(page.complaints, []);
  await context.close();
});

test("files that do not fit a build are not kept", async () => {
  const folder = anotherBuild("build 2");
  const host = await serve();
  const context = await browser.newContext();
  const page = await keptPage(context, host.url + quick);
  // A cache on the way still has the page of build 1, and a host answers with something else where a table should be.
  for (const [name, content] of [["index.html", readFileSync(join(build, "index.html"))], [`${filesOf(folder)}/tables/iris.bin`, "<html>"]]) {
    const right = readFileSync(join(folder, name));
    writeFileSync(join(folder, name), content);
    host.folder = folder;
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const ended = new Promise((resolve) => {
        registration.onupdatefound = () => {
          const worker = registration.installing;
          worker.onstatechange = () => ["redundant", "installed"].includes(worker.state) && resolve(worker.state);
        };
      });
      await registration.update().catch(() => {});
      globalThis.endedForTest = await ended;
    });
    assert.equal(await page.evaluate(() => globalThis.endedForTest), "redundant", name);
    assert.ok(await page.isHidden("#update"));
    writeFileSync(join(folder, name), right);
  }
  await page.reload();
  await offered(page);
  assert.equal(await marker(page), null);
  await context.close();
});

test("the page keeps its own content security policy, which forbids all that it does not need", async () => {
  const host = await serve();
  const context = await browser.newContext();
  await context.addInitScript(() => {
    globalThis.violationsForTest = [];
    addEventListener("securitypolicyviolation", (event) => globalThis.violationsForTest.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  const page = await keptPage(context, host.url + quick);
  await finished(page);
  // A session: theme, lessons, pictures, article, exports, and on another page a real table.
  await page.click("#theme");
  await page.evaluate(() => document.querySelectorAll("details").forEach((it) => (it.open = true)));
  for (const selector of ["[data-export=svg]", "[data-export=png]", "[data-export=csv]", "[data-export=program]"]) {
    await Promise.all([page.waitForEvent("download"), page.locator(selector).first().click()]);
  }
  const other = await keptPage(context, `${host.url}#v=1&data=iris&hidden=4&steps=40&every=20&k=2`);
  await finished(other, (experiment) => experiment.data.name === "iris");
  for (const each of [page, other]) {
    await waitFor("the article", () => each.evaluate(() => document.querySelectorAll("#reading h2, #reading h3").length > 5));
    assert.deepEqual(await each.evaluate(() => globalThis.violationsForTest), []);
    assert.deepEqual(each.complaints, []);
  }
  // The policy is there, and what a text puts into the page does nothing.
  await page.evaluate(() => {
    try {
      document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='globalThis.ranForTest = true'>");
    } catch {
      // Trusted types.
    }
    const script = document.createElement("script");
    script.append("globalThis.ranForTest = true");
    document.body.append(script);
    const image = new Image();
    image.src = "http://eigendrift.invalid/x.png";
    return fetch("http://eigendrift.invalid/").catch(() => {});
  });
  assert.equal(await page.evaluate(() => globalThis.ranForTest), undefined);
  const found = await page.evaluate(() => globalThis.violationsForTest);
  for (const directive of ["require-trusted-types-for", "img-src", "connect-src"]) {
    assert.ok(found.some((each) => each.startsWith(directive)), `${directive}: ${found}`);
  }
  await context.close();
});

test("the page can be installed", async () => {
  const host = await serve();
  const context = await browser.newContext();
  const page = await keptPage(context, host.url + quick);
  const session = await context.newCDPSession(page);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // Contexts of a test are like private windows, where nothing is installed.
  assert.deepEqual(installabilityErrors.map((error) => error.errorId).filter((id) => id !== "in-incognito"), []);
  const { data, errors } = await session.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  for (const { src } of JSON.parse(data).icons) {
    const response = await fetch(new URL(src, host.url));
    assert.equal(response.headers.get("content-type"), "image/svg+xml");
  }
  await context.close();
});

test("inside of another page, and where service workers are refused, nothing is kept and nothing complained about", async () => {
  const host = await serve();
  const refusing = await browser.newContext();
  await refusing.addInitScript(() => {
    ServiceWorkerContainer.prototype.register = () => Promise.reject(new DOMException("not here", "SecurityError"));
  });
  const page = await refusing.newPage();
  const list = complaints(page);
  await page.goto(host.url + quick);
  await ready(page);
  await finished(page);
  assert.deepEqual(list, []);
  await refusing.close();

  const context = await browser.newContext();
  const outer = await context.newPage();
  const framed = complaints(outer);
  await outer.route("**/outer.html", (route) =>
    route.fulfill({ contentType: "text/html", body: `<link rel=icon href=data:,><iframe src="./${quick}&embed=1" width=900 height=700></iframe>` }));
  await outer.goto(`${host.url}outer.html`);
  const frame = await (await outer.waitForSelector("iframe")).contentFrame();
  await frame.waitForFunction(() => document.body?.dataset.state === "ready");
  await finished(frame);
  assert.equal(await outer.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  assert.deepEqual(framed, []);
  await context.close();
});
