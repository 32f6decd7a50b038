// The worker in which a visitor's network or results are read, by the JS API: hundreds of megabytes of JSON would hold up the page.
// All is in one statement, so that a file that was cut off is no valid script.
onmessage = async ({ data: { reader, name, file } }) => {
  let api;
  try {
    api = await import("./api.js");
    await api.default();
  } catch (error) {
    // Thrown where the page's listener for the worker's errors gets it: a failure of a promise would stay in the worker.
    return setTimeout(() => { throw error; });
  }
  try {
    postMessage({ found: api[reader](name, new Uint8Array(await file.arrayBuffer())) });
  } catch (error) {
    const problem =
      error instanceof WebAssembly.RuntimeError ? `${name}: is too large for the memory that this browser gives (${error.message})`
      : error instanceof DOMException ? `${name}: the browser could not read the file (${error.message})`
      : error.message;
    postMessage({ problem });
  }
};
