/** Loads the model that the options name, with a progress line. */
import { type BackendEntry, pickBackend } from "../backends/named.ts";
import type { DecodeLoop } from "../core/engine/schedule/decodeLoop.ts";
import {
  type CacheDType,
  DiffusionError,
  Engine,
  type Quantization,
  type SizeOptions,
} from "../core/index.ts";
import { type NamedModel, namedModel } from "../sources/named.ts";
import { readDecoderModules } from "./decoderModules.ts";
import { bytesText } from "./format.ts";
import type { Io } from "./io.ts";
import { loadingText } from "./progressText.ts";
import { note, StatusLine } from "./statusLine.ts";
import { parseCount } from "./values.ts";

/** The options of every command that opens a model. */
export interface ModelOptions extends NamedModel {
  readonly context?: string;
  readonly batch?: string;
  readonly cacheDtype?: CacheDType;
  readonly quantize?: Quantization;
}
export interface EngineOptions extends ModelOptions {
  readonly backend: string;
  readonly decodeLoop?: DecodeLoop;
  /** Modules that export decoders. */
  readonly decoderModule?: readonly string[];
  readonly profile?: boolean;
  readonly verbose?: boolean;
  /** Set by `debug trace` only: sharing prompts would change the passes that are compared. */
  readonly sharePrompts?: boolean;
}

export function sizeOptions({ context, batch, cacheDtype, quantize }: ModelOptions): SizeOptions {
  return {
    ...(context !== undefined && { context: parseCount("--context", context) }),
    ...(batch !== undefined && { batch: parseCount("--batch", batch) }),
    ...(cacheDtype && { cacheDType: cacheDtype }),
    ...(quantize && { quantize: quantize }),
  };
}

/** @throws DiffusionError `unsupported` for a missing ability of the backend, and as Engine.load, pickBackend and readDecoderModules */
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
      ...(options.decodeLoop && { decodeLoop: options.decodeLoop }),
      sharePrompts: options.sharePrompts ?? true,
      // A longer submission would include steps without effect in the profile.
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
        `memory: ${memory}; ${capacity.tokens} tokens per pass, ${capacity.positions} positions in total`,
      );
    }
    return engine;
  } finally {
    line.clear();
  }
}

/** @throws DiffusionError `unsupported` for a missing ability of the backend */
export function requireAbilities(
  { name, deviceLoop, profiles }: BackendEntry,
  { decodeLoop, profile }: Pick<EngineOptions, "decodeLoop" | "profile">,
): void {
  if (decodeLoop === "device" && !deviceLoop) {
    const message = `Cannot run the decode loop on the device as backend '${name}' supports only the host`;
    throw new DiffusionError("unsupported", message);
  }
  if (profile && !profiles) {
    const message = `Cannot use '--profile' as backend '${name}' does not measure the time of its ops`;
    throw new DiffusionError("unsupported", message);
  }
}
