/** An engine in a thread of its own, in Node and Deno: who uses it never waits for a step of its model. */
import { Worker } from "node:worker_threads";
import { DiffusionError, throwIfAborted } from "../core/index.ts";
import { type ConnectOptions, connectEngine } from "./connect.ts";
import type { NamedEngineOptions } from "./namedEngine.ts";
import type { RemoteEngine } from "./remoteEngine.ts";

export interface EngineThreadOptions extends ConnectOptions, NamedEngineOptions {}

export interface ThreadExit {
  /** 0 where the engine was disposed, or its caller disconnected. */
  readonly code: number;
  /** What the thread failed with, if it did. */
  readonly error?: unknown;
}

export interface EngineThread {
  /** The thread ends once it is disposed. */
  readonly engine: RemoteEngine;
  /** Never rejects. */
  readonly exited: Promise<ThreadExit>;
  /** Ends the thread at once; what waits for its engine rejects with `io`. */
  terminate(): Promise<void>;
}

/** TypeScript does not rewrite addresses: beside a source stands a source, beside what was built what was built. */
const script = import.meta.url.endsWith(".ts") ? "./threadMain.ts" : "./threadMain.js";

/**
 * Starts a thread that loads an engine, and waits until it is loaded.
 * @throws DiffusionError what loading throws; `io` if the thread fails before
 */
export async function startEngineThread({
  signal,
  onProgress,
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
      ...(window !== undefined && { window }),
    };
    return { engine: await connectEngine(worker, connecting), exited, terminate };
  } catch (error) {
    await terminate();
    throw error;
  }
}

/** @throws DiffusionError `invalid-request` where the options cannot be sent */
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
    // Without a listener it would end the process.
    worker.on("error", (error) => {
      failure = { error };
    });
    worker.on("exit", (code) => resolve({ code, ...failure }));
  });
}
