/** Starts the engine of a web worker whose script is `unmask/remote/worker`. */
import { DiffusionError, throwIfAborted } from "../core/index.ts";
import { type ConnectOptions, connectEngine } from "./connect.ts";
import type { RemoteEngine } from "./remoteEngine.ts";
import type { WebEngineOptions } from "./webEngine.ts";

export interface EngineWorkerOptions extends ConnectOptions, WebEngineOptions {}

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
    post(worker, named);
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
    worker.terminate();
    throw error;
  }
}

function post(worker: Worker, named: WebEngineOptions): void {
  try {
    worker.postMessage(named);
  } catch (cause) {
    const message = `Cannot load the engine in a worker as its options must be plain data: ${String(cause)}`;
    throw new DiffusionError("invalid-request", message, { cause });
  }
}
