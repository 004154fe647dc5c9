/** An engine whose model, backend and decoders are named by plain data, in Node and Deno. */
import process from "node:process";
import { pickBackend } from "../backends/named.ts";
import {
  type Decoder,
  DiffusionError,
  Engine,
  found,
  type LoopPlace,
  type SizeOptions,
} from "../core/index.ts";
import { isJsonObject } from "../core/jsonObject.ts";
import { type NamedModel, namedModel } from "../sources/named.ts";
import type { Loading } from "./servedConnection.ts";

export interface NamedEngineOptions extends NamedModel, SizeOptions {
  /** `auto` (default), `webgpu` or `cpu`. */
  readonly backend?: string;
  /** Addresses of modules, as `file:` ones; each exports a decoder, or a list, as `default` or `decoders`. */
  readonly decoders?: readonly string[];
  /** As `Engine.load` takes them. */
  readonly loop?: LoopPlace;
  readonly stepsPerSubmission?: number;
}

/**
 * @throws DiffusionError as `Engine.load` does; `invalid-request` for a name that nothing has; `unsupported` for a backend
 *   that cannot be used here
 */
export async function loadNamedEngine(options: NamedEngineOptions, loading: Loading): Promise<Engine> {
  const { model, offline, backend = "auto", decoders = [], ...rest } = options;
  const { entry } = await pickBackend(backend);
  const source = namedModel(
    { ...(model !== undefined && { model }), ...(offline && { offline }) },
    process.env,
  );
  const own = await Promise.all(decoders.map(readDecoders));
  return Engine.load(source, { ...rest, ...loading, backend: entry.create(), decoders: own.flat() });
}

async function readDecoders(address: string): Promise<readonly Decoder[]> {
  const fail = (why: string, what: unknown, options?: { cause: unknown }) =>
    new DiffusionError("invalid-request", `Cannot read a decoder as ${why}: found ${found(what)}`, options);
  if (!URL.canParse(address))
    throw fail("its module must have an address, as file:///folder/decoder.js", address);
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await import(address);
  } catch (cause) {
    throw fail(`its module cannot be imported (${cause})`, address, { cause });
  }
  const decoders: unknown[] = [exported["default"] ?? exported["decoders"] ?? []].flat();
  if (decoders.length === 0) throw fail("its module must export one as 'default' or 'decoders'", address);
  const other = decoders.find((each) => !isJsonObject(each) || typeof each["commit"] !== "function");
  if (other !== undefined) throw fail(`what '${address}' exports must be a decoder`, other);
  return decoders as Decoder[];
}
