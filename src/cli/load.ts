/** Loads the model that the options name, with a line that says how far it is. */
import { Engine, type ModelSource, type SizeOptions } from "../core/index.ts";
import { directory } from "../sources/directory.ts";
import { embeddedModel } from "../sources/embedded.ts";
import { pickBackend } from "./backends.ts";
import { bytesText } from "./format.ts";
import type { Io } from "./io.ts";
import { note, StatusLine } from "./statusLine.ts";
import { parseCount } from "./values.ts";

/** What every command that opens a model takes. */
export interface ModelOptions {
  /** A directory; the embedded model if absent. */
  readonly model?: string;
  readonly context?: string;
}
export interface EngineOptions extends ModelOptions {
  readonly backend: string;
  readonly verbose?: boolean;
}

export function sourceOf({ model }: ModelOptions): ModelSource {
  return model === undefined ? embeddedModel() : directory(model);
}

export function sizeOptions({ context }: ModelOptions): SizeOptions {
  return context === undefined ? {} : { context: parseCount("--context", context) };
}

/** @throws DiffusionError as Engine.load and pickBackend do */
export async function loadEngine(io: Io, options: EngineOptions, signal: AbortSignal): Promise<Engine> {
  const { entry, reason } = await pickBackend(options.backend);
  const source = sourceOf(options);
  if (options.verbose) await note(io, `backend ${entry.name}: ${reason}`);
  const line = new StatusLine(io);
  const started = performance.now();
  try {
    const engine = await Engine.load(source, {
      ...sizeOptions(options),
      backend: entry.create(),
      signal,
      onProgress: ({ loadedBytes, totalBytes }) =>
        line.show(`loading ${source.name}: ${bytesText(loadedBytes)} of ${bytesText(totalBytes)}`),
    });
    line.clear();
    if (options.verbose) {
      const { weightBytes, cacheBytes, arenaBytes, capacity } = engine.sizes;
      const memory = `weights ${bytesText(weightBytes)}, cache ${bytesText(cacheBytes)}, arena ${bytesText(arenaBytes)}`;
      const seconds = ((performance.now() - started) / 1000).toFixed(2);
      await note(
        io,
        `model ${source.name}: ${engine.model.family} on ${engine.device}, loaded in ${seconds} s`,
      );
      await note(
        io,
        `memory: ${memory}; ${capacity.tokens} tokens a pass, ${capacity.positions} positions in all`,
      );
    }
    return engine;
  } finally {
    line.clear();
  }
}
