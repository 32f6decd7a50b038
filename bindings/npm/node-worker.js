import { parentPort } from "node:worker_threads";
import { ensembleSeed } from "./node.js";
import { answer } from "./ensemble.js";

parentPort.on("message", (data) => parentPort.postMessage(answer(ensembleSeed, data)));
parentPort.postMessage("ready");
