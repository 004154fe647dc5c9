/** Models that can be chosen by name in Node and Deno. */
import { existsSync, statSync } from "node:fs";
import { DiffusionError, type ModelSource } from "../core/index.ts";
import { directory } from "./directory.ts";
import { cacheFolder, diskCache } from "./diskCache.ts";
import { embeddedModel } from "./embedded.ts";
import { hubIdOf } from "./hubModel.ts";
import { huggingFace } from "./huggingFace.ts";
import { hub, url } from "./index.ts";
import { modelFileOf, oneFile } from "./oneFile.ts";

export interface NamedModel {
  /**
   * A directory, a hub id, the address of a model's page on the hub, or another address; or a GGUF file in one of these, as
   * `modelFileOf` reads it. Default: the embedded model.
   */
  readonly model?: string;
  /** Use cached hub files only; no network. */
  readonly offline?: boolean;
}

/**
 * Opens a model by name. An existing path is a directory, even if it has the form of a hub id.
 * @param env the environment with the cache's folder and the settings of Hugging Face's tools
 * @throws DiffusionError `invalid-request` for an address together with `offline`, `io` if a login's token cannot be read
 */
export function namedModel(
  named: NamedModel,
  env: Readonly<Record<string, string | undefined>>,
): ModelSource {
  const { model, offline = false } = named;
  if (model === undefined) return embeddedModel();
  const one = existsSync(model) && statSync(model).isDirectory() ? undefined : modelFileOf(model);
  if (one) return oneFile(namedModel({ ...named, model: one.model }, env), one.file);
  const cache = diskCache(cacheFolder(env));
  const id = existsSync(model) ? undefined : hubIdOf(model, env["HF_ENDPOINT"] || undefined);
  if (id !== undefined) {
    const settings = huggingFace(env);
    return hub(id, { ...settings, cache, offline: offline || settings.offline === true });
  }
  if (!/^https?:/.test(model)) return directory(model);
  const source = url(model, { cache });
  if (!offline) return source;
  const message = `Cannot read a model offline from a web server: found '${source.name}'`;
  throw new DiffusionError("invalid-request", message);
}
