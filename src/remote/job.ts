/** The first message to a web worker whose script is `unmask/remote/worker`. */
import { DiffusionError } from "../core/index.ts";
import type { WebEngineOptions } from "./webEngine.ts";
import type { WebFitsOptions } from "./webFits.ts";

export type WorkerJob =
  | { readonly job: "engine"; readonly options: WebEngineOptions }
  | { readonly job: "fits"; readonly options: WebFitsOptions };

/** @throws DiffusionError `invalid-request` for options that cannot be cloned */
export function postJob(worker: Worker, job: WorkerJob): void {
  try {
    worker.postMessage(job);
  } catch (cause) {
    const message = `Cannot load the engine in a worker as its options must be plain data: ${String(cause)}`;
    throw new DiffusionError("invalid-request", message, { cause });
  }
}
