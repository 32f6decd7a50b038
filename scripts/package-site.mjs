// Makes a folder for a static host of what Trunk has built: the page, each file of it also compressed, and the element that embeds it.
//   node scripts/package-site.mjs BUILT_PAGE FOLDER
// Hosts that serve compressed files which lie beside the originals take these (nginx: gzip_static, brotli_static; Caddy: precompressed;
// Apache: MultiViews); the others, such as GitHub Pages, compress by themselves and serve the originals.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [from, folder] = process.argv.slice(2);
if (!folder) {
  console.error("package-site: node scripts/package-site.mjs BUILT_PAGE FOLDER");
  process.exit(2);
}
rmSync(folder, { recursive: true, force: true });
cpSync(from, folder, { recursive: true });

// The page beside it needs no attribute.
const element = readFileSync("bindings/npm/element.js", "utf8");
const beside = element.replace("const PAGE = null;", 'const PAGE = new URL("./", import.meta.url).href;');
if (beside === element) throw new Error("package-site: bindings/npm/element.js has no line `const PAGE = null;`");
writeFileSync(join(folder, "element.js"), beside);
cpSync("bindings/npm/element.d.ts", join(folder, "element.d.ts"));
// GitHub Pages would leave out what Jekyll leaves out.
writeFileSync(join(folder, ".nojekyll"), "");

const sizes = { raw: 0, gzip: 0, brotli: 0 };
const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
for (const path of entries.map((entry) => join(entry.parentPath ?? entry.path, entry.name))) {
  const bytes = readFileSync(path);
  const forms = {
    gzip: [".gz", gzipSync(bytes, { level: 9 })],
    brotli: [".br", brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })],
  };
  sizes.raw += bytes.length;
  for (const [name, [ending, compressed]] of Object.entries(forms)) {
    // What saves less than a tenth is not worth a file: packed tables, and files of a few bytes.
    const worth = compressed.length <= 0.9 * bytes.length;
    if (worth) writeFileSync(path + ending, compressed);
    sizes[name] += worth ? compressed.length : bytes.length;
  }
}
const kilobytes = ([name, size]) => `${name} ${(size / 1000).toFixed(0)} kB`;
console.log(`${folder}: ${entries.length} files, ${Object.entries(sizes).map(kilobytes).join(", ")}`);
