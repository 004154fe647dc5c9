/** Loads the model that the options name, with a line that says how far it is. */
import { type BackendEntry, pickBackend } from "../backends/named.ts";
import type { DecodeLoop } from "../core/engine/schedule/decodeLoop.ts";
import {
  type CacheDType,
  DiffusionError,
  Engine,
  type SizeOptions,
  type WeightDType,
} from "../core/index.ts";
import { type NamedModel, namedModel } from "../sources/named.ts";
import { readDecoderModules } from "./decoderModules.ts";
import { bytesText } from "./format.ts";
import type { Io } from "./io.ts";
import { loadingText } from "./progressText.ts";
import { note, StatusLine } from "./statusLine.ts";
import { parseCount } from "./values.ts";

/** What every command that opens a model takes. */
export interface ModelOptions extends NamedModel {
  readonly context?: string;
  readonly batch?: string;
  readonly cacheDtype?: CacheDType;
  readonly weightDtype?: WeightDType;
}
export interface EngineOptions extends ModelOptions {
  readonly backend: string;
  readonly loop?: DecodeLoop;
  /** Files of modules that export decoders. */
  readonly decoderModule?: readonly string[];
  readonly profile?: boolean;
  readonly verbose?: boolean;
  /** No option of the command line: what is compared pass for pass is not shared. */
  readonly sharePrompts?: boolean;
}

export function sizeOptions({ context, batch, cacheDtype, weightDtype }: ModelOptions): SizeOptions {
  return {
    ...(context !== undefined && { context: parseCount("--context", context) }),
    ...(batch !== undefined && { batch: parseCount("--batch", batch) }),
    ...(cacheDtype && { cacheDType: cacheDtype }),
    ...(weightDtype && { weightDType: weightDtype }),
  };
}

/** @throws DiffusionError `unsupported` for what the backend has not; as Engine.load, pickBackend and readDecoderModules do */
export async function loadEngine(io: Io, options: EngineOptions, signal: AbortSignal): Promise<Engine> {
  const { entry, reason } = await pickBackend(options.backend);
  requireAbilities(entry, options);
  const source = namedModel(options, io.env);
  const decoders = await readDecoderModules(options.decoderModule ?? []);
  if (options.verbose) await note(io, `backend ${entry.name}: ${reason}`);
  const line = new StatusLine(io);
  const started = performance.now();
  try {
    const engine = await Engine.load(source, {
      ...sizeOptions(options),
      ...(options.loop && { decodeLoop: options.loop }),
      sharePrompts: options.sharePrompts ?? true,
      // So that no step without effect is counted.
      ...(options.profile && { stepsPerSubmission: 1 }),
      decoders,
      backend: entry.create({ profile: options.profile ?? false }),
      signal,
      onProgress: (progress) => line.show(loadingText(source.name, progress)),
    });
    line.clear();
    if (options.verbose) {
      const { weightBytes, cacheBytes, arenaBytes, capacity } = await engine.plan();
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

/** @throws DiffusionError `unsupported` for what the backend has not */
export function requireAbilities(
  { name, deviceLoop, profiles }: BackendEntry,
  { loop, profile }: Pick<EngineOptions, "loop" | "profile">,
): void {
  if (loop === "device" && !deviceLoop) {
    const message = `Cannot run the loop on the device as backend '${name}' has none: found --loop device`;
    throw new DiffusionError("unsupported", message);
  }
  if (profile && !profiles) {
    const message = `Cannot profile as backend '${name}' does not measure its ops: found --profile`;
    throw new DiffusionError("unsupported", message);
  }
}
