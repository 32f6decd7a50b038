import type { Ensemble, EnsembleReport } from "./api.js";

export { Run, analyze, ensembleReport, ensembleSeed, ensembleSeeds, readNetwork, writeNetwork } from "./api.js";
export type * from "./api.js";

export interface EnsembleOptions {
    /** How many workers compute; in browsers one fewer than there are processors unless set, in Node as many. */
    workers?: number;
    /** Called after each seed. */
    onProgress?: (progress: { done: number; of: number }) => void;
    /** Ends the workers when it is aborted; the promise is then rejected with its reason. */
    signal?: AbortSignal;
}

/**
 * Compares two optimizers over many seeds, which workers compute. The report is that of `headless ensemble`. It is rejected with an
 * `Error` whose sentence names the field that is not allowed.
 */
export function ensemble(description: Ensemble, options?: EnsembleOptions): Promise<EnsembleReport>;
