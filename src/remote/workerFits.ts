/** Computes in a web worker what a model would take there. */
import { abortable } from "../core/abortable.ts";
import { DiffusionError, throwIfAborted } from "../core/index.ts";
import { postJob } from "./job.ts";
import { type Packed, unpack } from "./packedValue.ts";
import type { WebFits, WebFitsOptions } from "./webFits.ts";

export interface WorkerFitsOptions extends WebFitsOptions {
  readonly signal?: AbortSignal;
}

/**
 * Compares the sizes that a model can be loaded with, from its configuration and the headers of its weights.
 * @param worker a new worker whose script is `unmask/remote/worker`, to which nothing was posted; it ends with this call
 * @throws DiffusionError as `startEngineWorker`
 */
export async function workerFits(
  worker: Worker,
  { signal, ...options }: WorkerFitsOptions,
): Promise<WebFits> {
  const what = "compare the model with the device";
  try {
    throwIfAborted(signal, what);
    const answer = answerOf(worker);
    postJob(worker, { job: "fits", options });
    return await abortable(answer, signal, what);
  } finally {
    worker.terminate();
  }
}

function answerOf(worker: Worker): Promise<WebFits> {
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<{ fits: WebFits } | { error: Packed }>) =>
      "fits" in data ? resolve(data.fits) : reject(unpack(data.error)),
    );
    worker.addEventListener("error", ({ message }: ErrorEvent) => {
      const text = `Cannot compare the model with the device as the worker failed: ${message || "its script cannot be loaded"}`;
      reject(new DiffusionError("io", text));
    });
  });
}
