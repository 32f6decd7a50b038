// Says so when the page cannot start, or when its program has stopped: plain script without modules, the first to run, because
// it has to work where nothing else does. The program, once it has started, offers `eigendrift.stop` and `eigendrift.save`.
"use strict";
{
  const element = (id) => document.getElementById(id);
  const state = () => document.body?.dataset.state ?? "loading";

  function show(words, next) {
    if (document.readyState === "loading") return document.addEventListener("DOMContentLoaded", () => show(words, next));
    if (state() === "stopped" || state() === "unsupported") return;
    document.body.dataset.state = next;
    element("fault-words").textContent = words;
    element("fault-reload").onclick = () => location.reload();
    element("fault-export").hidden = next !== "stopped";
    element("fault-export").onclick = save;
    element("fault").hidden = false;
  }

  let saving = false;
  function save() {
    saving = true;
    const say = (words) => (element("fault-export-words").textContent = words);
    try {
      window.eigendrift.save(say);
    } catch (error) {
      say(`The file could not be written: ${error}`);
    }
  }

  // In a microtask of its own: then nothing of the program is at work any more.
  const failed = (error) => queueMicrotask(() => {
    // What an extension of the browser does wrong is not the page's.
    if (!error || /-extension:/.test(error.stack)) return;
    if (state() === "loading") return show(`Eigendrift could not start (${error}). Reloading tries again.`, "unsupported");
    if (state() !== "stopped") return ask(error instanceof WebAssembly.RuntimeError, ` (${error})`);
    if (saving) element("fault-export-words").textContent = `The file could not be written: ${error}`;
  });

  function ask(must, why) {
    let stopped = true;
    try {
      stopped = window.eigendrift.stop(must);
    } catch {
      // A program that cannot even answer has stopped.
    }
    if (stopped) show(`The page has stopped, by an error in the program${why}. Export what is there, or reload.`, "stopped");
  }
  // Whoever calls the program, as from a console, may have caught the error.
  setInterval(() => state() === "ready" && ask(false, ""), 1000);

  // Errors of files that are missing do not bubble.
  addEventListener("error", (event) => {
    if (event.target instanceof HTMLScriptElement) {
      show(`Eigendrift could not start: a file is missing (${event.target.src}). Reloading tries again.`, "unsupported");
    } else if (event.target === window) {
      failed(event.error);
    }
  }, true);
  addEventListener("unhandledrejection", (event) => failed(event.reason));

  // What the page needs rarely is in the JS API: a function of it reads a file, in a worker that ends with it.
  const script = new URL("./reader.js", document.currentScript.src).href;
  let policy;
  const read = (reader, name, file) => new Promise((resolve, reject) => {
    policy ??= window.trustedTypes?.createPolicy("eigendrift-reader", { createScriptURL: (url) => url });
    const worker = new Worker(policy?.createScriptURL(script) ?? script, { type: "module" });
    const end = (settle, value) => (worker.terminate(), settle(value));
    worker.onmessage = ({ data: { found, problem } }) => (problem ? end(reject, new Error(problem)) : end(resolve, found));
    worker.onerror = () => end(reject, new Error(
      `${name}: the program that reads such files could not be loaded; check the connection and choose the file again`));
    worker.postMessage({ reader, name, file });
  });
  addEventListener("TrunkApplicationStarted", () => (window.eigendrift.read = read));

  // Smallest module with a SIMD instruction: (module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt)).
  const simd = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
  ]);
  const missing =
    typeof WebAssembly !== "object" ? "has no WebAssembly, in which Eigendrift computes"
    : !WebAssembly.validate(simd) ? "lacks SIMD instructions of WebAssembly, which Eigendrift needs"
    : typeof Worker !== "function" ? "has no web workers, in which Eigendrift computes"
    : null;
  if (missing) show(`This browser ${missing}. Any current browser has them.`, "unsupported");
}
