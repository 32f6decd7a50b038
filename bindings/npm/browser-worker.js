import { ensembleSeed } from "./browser.js";
import { answer } from "./ensemble.js";

onmessage = ({ data }) => postMessage(answer(ensembleSeed, data));
// What is posted to a module that is still being loaded may be lost.
postMessage("ready");
