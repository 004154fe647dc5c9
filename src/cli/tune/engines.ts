/** The engines of a search: one per job, each in a thread. */
import type { EngineHandle } from "../../core/index.ts";
import type { EngineThread } from "../../remote/thread.ts";
import { startEngine } from "../engineThread.ts";
import type { Io } from "../io.ts";
import type { EngineOptions } from "../load.ts";

/**
 * Loads the engines one after the other, calls `use`, and ends the engines.
 * @throws DiffusionError as startEngine and `use`
 */
export async function withEngines<T>(
  io: Io,
  options: EngineOptions,
  count: number,
  signal: AbortSignal,
  use: (engines: readonly EngineHandle[]) => Promise<T>,
): Promise<T> {
  const threads: EngineThread[] = [];
  try {
    while (threads.length < count)
      threads.push(
        await startEngine(io, options.model ?? "the embedded model", options.model, options, signal),
      );
    return await use(threads.map(({ engine }) => engine));
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
