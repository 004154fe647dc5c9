/** Starts the engines of a server in separate threads, so that model passes never block the server. */
import { pickBackend } from "../../backends/named.ts";
import { DiffusionError, type EngineHandle, found } from "../../core/index.ts";
import type { EngineThread } from "../../remote/thread.ts";
import type { Fleet } from "../../server/fleet.ts";
import { startEngine } from "../engineThread.ts";
import type { Io } from "../io.ts";
import { type EngineOptions, requireAbilities } from "../load.ts";
import type { ServedModel } from "./models.ts";

/** An engine and the end of its thread. */
export type ServedEngine = { readonly engine: EngineHandle } & Pick<EngineThread, "exited">;

/**
 * Loads the models one after the other, as loading a model can use the whole machine, with a progress line.
 * @throws DiffusionError as startEngineThread, and `unsupported` for a missing ability of the backend
 */
export async function startEngines(
  io: Io,
  models: readonly ServedModel[],
  options: EngineOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ServedEngine>> {
  if (options.decodeLoop === "device") requireAbilities((await pickBackend(options.backend)).entry, options);
  const threads = new Map<string, EngineThread>();
  try {
    for (const { name, model } of models)
      threads.set(name, await startEngine(io, name, model, options, signal));
  } catch (error) {
    await Promise.all([...threads.values()].map((thread) => thread.terminate()));
    throw error;
  }
  return threads;
}

/** Reports threads that end unexpectedly to the fleet. */
export function watchThreads(threads: ReadonlyMap<string, ServedEngine>, fleet: Fleet): void {
  for (const [name, { exited }] of threads) {
    exited.then(({ code, error }) => {
      const what = found(error instanceof Error ? error.message : `exit code ${code}`);
      const message = `Cannot use model '${name}' as its engine's thread has ended: found ${what}`;
      fleet.markLost(name, new DiffusionError("io", message, { cause: error }));
    });
  }
}
