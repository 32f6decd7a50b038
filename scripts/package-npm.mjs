// Makes the npm package of what Trunk has built and bindings/npm.
//   node scripts/package-npm.mjs BUILT_PAGE FOLDER
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const [page, folder] = process.argv.slice(2);
if (!folder) {
  console.error("package-npm: node scripts/package-npm.mjs BUILT_PAGE FOLDER");
  process.exit(2);
}
const build = readFileSync(join(page, "index.html"), "utf8").match(/\.\/([0-9a-f]{16})\//)[1];
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const name of readdirSync("bindings/npm")) cpSync(join("bindings/npm", name), join(folder, name));
for (const name of ["api.js", "api.d.ts", "api_bg.wasm"]) cpSync(join(page, build, name), join(folder, name));
for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) cpSync(name, join(folder, name));

// The version stands in one place.
const [, version] = readFileSync("Cargo.toml", "utf8").match(/^\[package\][^[]*?^version = "(.*)"$/m);
const record = JSON.parse(readFileSync("bindings/npm/package.json", "utf8"));
writeFileSync(join(folder, "package.json"), `${JSON.stringify({ ...record, version }, null, 2)}\n`);

const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
const total = (form) => `${(bytes.reduce((sum, each) => sum + form(each).length, 0) / 1000).toFixed(0)} kB`;
console.log(`${folder}: ${bytes.length} files, raw ${total((it) => it)}, gzip ${total(gzipSync)}, brotli ${total(brotliCompressSync)}`);
