// Turns what Trunk has written into a page that works offline and is updated as a whole. Trunk calls this after each build, when
// the wasm files are optimized, before it publishes the folder TRUNK_STAGING_DIR.
//
// All files but the page, the service worker, the manifest and the JS API's entry go into a folder that is named by a hash of the
// whole build. Names that Trunk gives to files will not do: its hashes are of the wasm before optimization, and some files have
// none. With one folder per build no page can get a script, worker or table of another build, whatever caches on the way hold.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What stays beside the page, under names that never change. */
const ENTRIES = ["index.html", "service-worker.js", "manifest.webmanifest"];

/**
 * Finishes the build in `folder`. With `offline` false the service worker only removes one that an earlier build has left at the
 * same address.
 */
export function finish(folder, { offline = true } = {}) {
  const read = (name) => readFileSync(join(folder, name), "utf8");
  const write = (name, text) => writeFileSync(join(folder, name), text);

  // Module scripts inside of index.html become files: the policy `script-src 'self'` then suffices. What they name relative to the
  // page is from now on beside themselves.
  let html = read("index.html").replace(/<script type="?module"?>([^]*?)<\/script>/g, (_, code) => {
    const name = `start-${digest("hex", code).slice(0, 16)}.js`;
    write(name, `${replaced(code.trim(), /module_or_path:\s*[`'"](\.\/[^`'"]+)[`'"]/, 'module_or_path:new URL("$1",import.meta.url)')}\n`);
    return `<script type="module" src="./${name}"></script>`;
  });
  const worker = read("service-worker.js");
  const manifest = read("manifest.webmanifest");

  const files = listed(folder).filter((name) => !ENTRIES.includes(name));
  const contents = [html, worker, manifest, ...files.flatMap((name) => [name, readFileSync(join(folder, name))])];
  const build = digest("hex", ...contents.map((each) => digest("hex", each))).slice(0, 16);

  mkdirSync(join(folder, build));
  for (const name of new Set(files.map((name) => name.split("/")[0]))) renameSync(join(folder, name), join(folder, build, name));
  html = replaced(html, /\b(href|src)=("?)\.\/(?!manifest\.webmanifest)/g, `$1=$2./${build}/`);
  write("index.html", html);
  write("manifest.webmanifest", replaced(manifest, /"src": "\.\//g, `"src": "./${build}/`));
  // The names that README promises.
  write("api.js", `export * from "./${build}/api.js";\nexport { default } from "./${build}/api.js";\n`);
  write("api.d.ts", `export * from "./${build}/api.js";\nexport { default } from "./${build}/api.js";\n`);

  // Types are for editors. The page itself is asked for by its folder: some hosts answer to index.html with a redirection.
  const kept = [["./", "index.html"], ["manifest.webmanifest", "manifest.webmanifest"]];
  kept.push(...files.filter((name) => !name.endsWith(".d.ts")).map((name) => [`${build}/${name}`, `${build}/${name}`]));
  const integrity = ([address, name]) => [address, `sha256-${digest("base64", readFileSync(join(folder, name)))}`];
  const record = JSON.stringify({ build, files: Object.fromEntries(kept.map(integrity)) });
  write("service-worker.js", offline ? `const BUILD = ${record};\n${worker}` : REMOVAL);
  return build;
}

const REMOVAL = `addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(registration.unregister()));
`;

function digest(encoding, ...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest(encoding);
}

function replaced(text, pattern, by) {
  const result = text.replace(pattern, by);
  if (result === text) throw new Error(`finish-build: nothing matches ${pattern}; does Trunk write another form by now?`);
  return result;
}

/** All files of a folder and the folders in it, in an order that does not depend on the machine. */
function listed(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1)).sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // scripts/serve wants each build to be seen at once.
  finish(process.env.TRUNK_STAGING_DIR, { offline: process.env.EIGENDRIFT_OFFLINE !== "no" });
  // What locks the folder against another build at the same time is no part of the page.
  rmSync(join(process.env.TRUNK_DIST_DIR, ".trunk-lock"), { force: true });
}
