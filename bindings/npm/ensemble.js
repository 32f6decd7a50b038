// The seeds of an ensemble, distributed over workers of either kind.
import { ensembleReport, ensembleSeeds } from "./api.js";

/**
 * Computes an ensemble with workers that `open` makes. What comes out does not depend on their number, nor on the order in which
 * seeds end: the report puts them in order.
 */
export async function distribute(open, processors, description, { workers = Math.max(1, processors), onProgress, signal } = {}) {
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new Error(`workers: is ${workers}; allowed are whole numbers from 1`);
  }
  signal?.throwIfAborted();
  const waiting = [...ensembleSeeds(description)];
  const of = waiting.length;
  const results = [];
  const opened = [];
  let abort;
  try {
    await new Promise((resolve, reject) => {
      abort = () => reject(signal.reason);
      signal?.addEventListener("abort", abort);
      const next = (worker) => {
        if (waiting.length > 0) worker.post({ description, seed: waiting.shift() });
      };
      const received = (worker, message) => {
        if (message.error !== undefined) return reject(new Error(message.error));
        if (message.result !== undefined) {
          results.push(message.result);
          onProgress?.({ done: results.length, of });
          if (results.length === of) return resolve();
        }
        next(worker);
      };
      for (let i = 0; i < Math.min(workers, of); i++) {
        const worker = open((message) => {
          try {
            received(worker, message);
          } catch (error) {
            reject(error); // thrown by onProgress
          }
        }, reject);
        opened.push(worker);
      }
    });
  } finally {
    signal?.removeEventListener("abort", abort);
    for (const worker of opened) worker.end();
  }
  return ensembleReport(description, results);
}

/** What a worker answers to a seed. */
export function answer(ensembleSeed, { description, seed }) {
  try {
    return { result: ensembleSeed(description, seed) };
  } catch (error) {
    return { error: error.message };
  }
}
