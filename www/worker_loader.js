// The script of workers. A failure is thrown where the page's listener for the worker's errors gets it: that of a promise
// would stay in the worker.
import init from "./worker.js";

init().catch((error) => setTimeout(() => { throw error; }));
