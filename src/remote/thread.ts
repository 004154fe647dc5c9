/** Runs an engine in its own thread, in Node and Deno, so that decode steps do not block the caller's thread. */
import { Worker } from "node:worker_threads";
import { DiffusionError, throwIfAborted } from "../core/index.ts";
import { type ConnectOptions, connectEngine } from "./connect.ts";
import type { NamedEngineOptions } from "./namedEngine.ts";
import type { RemoteEngine } from "./remoteEngine.ts";

export interface EngineThreadOptions extends ConnectOptions, NamedEngineOptions {}

export interface ThreadExit {
  /** 0 if the engine was disposed, or its caller disconnected. */
  readonly code: number;
  /** The uncaught error of the thread, if there was one. */
  readonly error?: unknown;
}

export interface EngineThread {
  /** The thread ends when the engine is disposed. */
  readonly engine: RemoteEngine;
  /** Never rejects. */
  readonly exited: Promise<ThreadExit>;
  /** Ends the thread at once. Pending calls of its engine reject with `io`. */
  terminate(): Promise<void>;
}

/** The thread's script beside this module. TypeScript does not rewrite URLs, so the extension is that of this module. */
const script = import.meta.url.endsWith(".ts") ? "./threadMain.ts" : "./threadMain.js";

/**
 * Starts a thread that loads an engine, and waits until the engine is loaded.
 * @throws DiffusionError the error of loading; `io` if the thread fails before
 */
export async function startEngineThread({
  signal,
  onProgress,
  onPick,
  window,
  ...named
}: EngineThreadOptions = {}): Promise<EngineThread> {
  throwIfAborted(signal, "start a thread for the engine");
  const worker = startWorker(named);
  const exited = exitOf(worker);
  const terminate = async () => {
    await worker.terminate();
  };
  try {
    const connecting = {
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
      ...(onPick && { onPick }),
      ...(window !== undefined && { window }),
    };
    return { engine: await connectEngine(worker, connecting), exited, terminate };
  } catch (error) {
    await terminate();
    throw error;
  }
}

/** @throws DiffusionError `invalid-request` if the options cannot be cloned */
function startWorker(named: NamedEngineOptions): Worker {
  try {
    return new Worker(new URL(script, import.meta.url), { workerData: named });
  } catch (cause) {
    const message = `Cannot start a thread for the engine as its options must be plain data: ${String(cause)}`;
    throw new DiffusionError("invalid-request", message, { cause });
  }
}

function exitOf(worker: Worker): Promise<ThreadExit> {
  return new Promise((resolve) => {
    let failure: { readonly error?: unknown } = {};
    // Without a listener the error would end the process.
    worker.on("error", (error) => {
      failure = { error };
    });
    worker.on("exit", (code) => resolve({ code, ...failure }));
  });
}
