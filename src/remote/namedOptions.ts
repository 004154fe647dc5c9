/** The options of an engine that plain data can hold: its backend and decoders are given by name. */
import type { BackendFactory } from "../core/index.ts";
import { type DecodeLoop, Engine, type ModelSource, type SizeOptions } from "../core/index.ts";
import { readDecoders } from "./readDecoders.ts";
import type { Loading } from "./servedConnection.ts";

export interface NamedOptions extends SizeOptions {
  /** `auto` (default), `webgpu`, `wasm` or `cpu`. */
  readonly backend?: string;
  /** URLs of modules that export decoders, for example `file:` URLs: see readDecoders. */
  readonly decoders?: readonly string[];
  /** See `Engine.load`. */
  readonly decodeLoop?: DecodeLoop;
  readonly stepsPerSubmission?: number;
  /**
   * Measures the time of every op on a GPU that has timestamp queries, which makes its passes slower. The CPU is always
   * measured. `status()` has the times.
   */
  readonly profile?: boolean;
}

/** @throws DiffusionError as `Engine.load` does; `invalid-request` if a module exports no decoder */
export async function loadWith(
  source: ModelSource,
  backend: BackendFactory,
  { backend: _name, profile = false, decoders = [], ...options }: NamedOptions,
  { signal, onProgress }: Loading,
): Promise<Engine> {
  const own = await Promise.all(decoders.map((address) => readDecoders(address)));
  // A longer submission would include steps without effect in the times.
  const submission = profile ? { stepsPerSubmission: 1 } : {};
  return Engine.load(source, {
    ...submission,
    ...options,
    signal,
    onProgress,
    backend,
    decoders: own.flat(),
  });
}
