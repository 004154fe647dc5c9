/** Loads an engine from plain data that names its model, backend and decoders, in Node and Deno. */
import process from "node:process";
import { pickBackend } from "../backends/named.ts";
import type { Engine } from "../core/index.ts";
import { type NamedModel, namedModel } from "../sources/named.ts";
import { loadWith, type NamedOptions } from "./namedOptions.ts";
import type { Loading } from "./servedConnection.ts";

export interface NamedEngineOptions extends NamedModel, NamedOptions {}

/**
 * @throws DiffusionError as `Engine.load` does; `invalid-request` for an unknown name; `unsupported` for a backend that is
 *   not available here
 */
export async function loadNamedEngine(
  { model, offline, ...options }: NamedEngineOptions,
  loading: Loading,
): Promise<Engine> {
  const { entry, reason } = await pickBackend(options.backend ?? "auto");
  loading.onPick(entry.name, reason);
  const named = { ...(model !== undefined && { model }), ...(offline && { offline }) };
  return loadWith(
    namedModel(named, process.env),
    entry.create({ profile: options.profile ?? false }),
    options,
    loading,
  );
}
