/** Loads an engine from plain data that names its model, backend and decoders, in Node and Deno. */
import process from "node:process";
import { pickBackend } from "../backends/named.ts";
import { type DecodeLoop, Engine, type SizeOptions } from "../core/index.ts";
import { type NamedModel, namedModel } from "../sources/named.ts";
import { readDecoders } from "./readDecoders.ts";
import type { Loading } from "./servedConnection.ts";

export interface NamedEngineOptions extends NamedModel, SizeOptions {
  /** `auto` (default), `webgpu` or `cpu`. */
  readonly backend?: string;
  /** URLs of modules that export decoders, for example `file:` URLs: see readDecoders. */
  readonly decoders?: readonly string[];
  /** See `Engine.load`. */
  readonly decodeLoop?: DecodeLoop;
  readonly stepsPerSubmission?: number;
}

/**
 * @throws DiffusionError as `Engine.load` does; `invalid-request` for an unknown name; `unsupported` for a backend that is
 *   not available here
 */
export async function loadNamedEngine(options: NamedEngineOptions, loading: Loading): Promise<Engine> {
  const { model, offline, backend = "auto", decoders = [], ...rest } = options;
  const { entry } = await pickBackend(backend);
  const source = namedModel(
    { ...(model !== undefined && { model }), ...(offline && { offline }) },
    process.env,
  );
  const own = await Promise.all(decoders.map((address) => readDecoders(address)));
  return Engine.load(source, { ...rest, ...loading, backend: entry.create(), decoders: own.flat() });
}
