// Moves the module scripts that Trunk writes into index.html to files of their own beside it. The policy
// `script-src 'self' 'wasm-unsafe-eval'` then suffices; inline scripts would need a hash that changes with every build.
// Trunk calls this after each build, before it publishes the folder TRUNK_STAGING_DIR.
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.TRUNK_STAGING_DIR;
const page = join(folder, "index.html");
const html = readFileSync(page, "utf8").replace(/<script type="?module"?>([^]*?)<\/script>/g, (_, code) => {
  const name = `start-${createHash("sha256").update(code).digest("hex").slice(0, 16)}.js`;
  writeFileSync(join(folder, name), code.trim() + "\n");
  return `<script type="module" src="${process.env.TRUNK_PUBLIC_URL}${name}"></script>`;
});
writeFileSync(page, html);
// What locks the folder against another build at the same time is no part of the page.
rmSync(join(process.env.TRUNK_DIST_DIR, ".trunk-lock"), { force: true });
