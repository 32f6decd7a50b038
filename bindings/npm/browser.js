// The package in browsers: what is imported from it has been compiled by then.
import init from "./api.js";
import { distribute } from "./ensemble.js";

await init();

export { Run, analyze, ensembleReport, ensembleSeed, ensembleSeeds, readNetwork, writeNetwork } from "./api.js";

export const ensemble = (description, options) => distribute(open, navigator.hardwareConcurrency - 1, description, options);

function open(received, failed) {
  const worker = new Worker(new URL("./browser-worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => received(data);
  // A file that cannot be loaded gives an event without a message.
  worker.onerror = ({ message }) => failed(new Error(message || "the worker's script could not be loaded"));
  return { post: (message) => worker.postMessage(message), end: () => worker.terminate() };
}
