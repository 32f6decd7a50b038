// The package in Node, which does not fetch files from the disk.
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import init from "./api.js";
import { distribute } from "./ensemble.js";

await init({ module_or_path: await readFile(new URL("./api_bg.wasm", import.meta.url)) });

export { Run, analyze, ensembleReport, ensembleSeed, ensembleSeeds, readNetwork, writeNetwork } from "./api.js";

export const ensemble = (description, options) => distribute(open, availableParallelism(), description, options);

function open(received, failed) {
  const worker = new Worker(new URL("./node-worker.js", import.meta.url));
  worker.on("message", received);
  worker.on("error", failed);
  worker.on("exit", () => failed(new Error("the worker has ended")));
  return { post: (message) => worker.postMessage(message), end: () => void worker.terminate() };
}
