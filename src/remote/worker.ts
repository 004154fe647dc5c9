/** Starts the engine of a web worker whose script is `unmask/remote/worker`. */
import { DiffusionError, throwIfAborted } from "../core/index.ts";
import { type ConnectOptions, connectEngine } from "./connect.ts";
import { postJob } from "./job.ts";
import type { RemoteEngine } from "./remoteEngine.ts";
import type { WebEngineOptions } from "./webEngine.ts";

export interface EngineWorkerOptions extends ConnectOptions, WebEngineOptions {}

/** How long a worker may take to end after an abort. */
const endingMs = 5000;

export interface EngineWorker {
  /** The worker ends when the engine is disposed. */
  readonly engine: RemoteEngine;
  /** Ends the worker at once. Pending calls of its engine reject with `disposed`. */
  terminate(): void;
}

/**
 * Loads an engine in a worker, and waits until the engine is loaded. A failure ends the worker.
 * @param worker a new worker, to which nothing was posted
 * @throws DiffusionError the error of loading; `io` if the worker fails before; `invalid-request` for options that cannot
 *   be cloned
 */
export async function startEngineWorker(
  worker: Worker,
  { signal, onProgress, onPick, window, ...named }: EngineWorkerOptions,
): Promise<EngineWorker> {
  try {
    throwIfAborted(signal, "load the engine in a worker");
    postJob(worker, { job: "engine", options: named });
    const engine = await connectEngine(worker, {
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
      ...(onPick && { onPick }),
      ...(window !== undefined && { window }),
    });
    const terminate = () => {
      worker.terminate();
      // No event reports the termination.
      engine.disconnect();
    };
    return { engine, terminate };
  } catch (error) {
    const isAborted = error instanceof DiffusionError && error.code === "aborted";
    // After an abort the worker ends by itself, once the received bytes are kept.
    if (isAborted) setTimeout(() => worker.terminate(), endingMs);
    else worker.terminate();
    throw error;
  }
}
