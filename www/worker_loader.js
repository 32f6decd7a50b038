onmessage = async ({ data: { script, module } }) => {
  // The script of workers: starts the page's program, whose script and compiled module the page posts first. All is in one
  // statement, so that a file that was cut off is no valid script: the page's worker then fires an error.
  try {
    const { default: init } = await import(script);
    await init({ module_or_path: module });
  } catch (error) {
    // Thrown where the page's listener for the worker's errors gets it: a failure of a promise would stay in the worker.
    setTimeout(() => { throw error; });
  }
};
