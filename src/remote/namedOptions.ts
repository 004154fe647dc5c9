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
}

/** @throws DiffusionError as `Engine.load` does; `invalid-request` if a module exports no decoder */
export async function loadWith(
  source: ModelSource,
  backend: BackendFactory,
  { backend: _name, decoders = [], ...options }: NamedOptions,
  { signal, onProgress }: Loading,
): Promise<Engine> {
  const own = await Promise.all(decoders.map((address) => readDecoders(address)));
  return Engine.load(source, { ...options, signal, onProgress, backend, decoders: own.flat() });
}
