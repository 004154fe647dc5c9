/** Models that are chosen by name, in Node and Deno. */
import { existsSync } from "node:fs";
import { DiffusionError, type ModelSource } from "../core/index.ts";
import { directory } from "./directory.ts";
import { cacheFolder, diskCache } from "./diskCache.ts";
import { embeddedModel } from "./embedded.ts";
import { hubIdOf } from "./hubModel.ts";
import { huggingFace } from "./huggingFace.ts";
import { hub, url } from "./index.ts";

export interface NamedModel {
  /** A directory, an id of the hub or the address of a model's page there, or another address; the embedded model if absent. */
  readonly model?: string;
  /** Take a model of the hub from the cache, and ask nobody. */
  readonly offline?: boolean;
}

/**
 * The embedded model, what is at an address, a directory; what is no directory and has the form of an id, is one.
 * @param env where the cache's folder and what Hugging Face's tools are told is looked up
 * @throws DiffusionError `invalid-request` for an address that must not be asked, `io` for a token that cannot be read
 */
export function namedModel(
  { model, offline = false }: NamedModel,
  env: Readonly<Record<string, string | undefined>>,
): ModelSource {
  if (model === undefined) return embeddedModel();
  const cache = diskCache(cacheFolder(env));
  const id = existsSync(model) ? undefined : hubIdOf(model, env["HF_ENDPOINT"] || undefined);
  if (id !== undefined) {
    const settings = huggingFace(env);
    return hub(id, { ...settings, cache, offline: offline || settings.offline === true });
  }
  if (!/^https?:/.test(model)) return directory(model);
  const source = url(model, { cache });
  if (!offline) return source;
  const message = `Cannot read a model offline as it is at an address: found '${source.name}'`;
  throw new DiffusionError("invalid-request", message);
}
