/** What `--model` names. */
import { existsSync } from "node:fs";
import { DiffusionError, type ModelSource } from "../core/index.ts";
import { directory } from "../sources/directory.ts";
import { cacheFolder, diskCache } from "../sources/diskCache.ts";
import { embeddedModel } from "../sources/embedded.ts";
import { isHubId } from "../sources/hubModel.ts";
import { hub, url } from "../sources/index.ts";
import type { Io } from "./io.ts";

export interface SourceOptions {
  /** A directory, an id of the hub, or an address; the embedded model if absent. */
  readonly model?: string;
  readonly offline?: boolean;
}

/**
 * The embedded model, what is at an address, a directory; what is no directory and has the form of an id, is one.
 * @throws DiffusionError `invalid-request` for an address that must not be asked
 */
export function sourceOf({ model, offline = false }: SourceOptions, { env }: Io): ModelSource {
  if (model === undefined) return embeddedModel();
  const cache = diskCache(cacheFolder(env));
  if (/^https?:/.test(model)) {
    const source = url(model, { cache });
    if (!offline) return source;
    const message = `Cannot read a model offline as it is at an address: found '${source.name}'`;
    throw new DiffusionError("invalid-request", message);
  }
  if (!isHubId(model) || existsSync(model)) return directory(model);
  const { HF_ENDPOINT: endpoint, HF_TOKEN: token } = env;
  return hub(model, { ...(endpoint && { endpoint }), ...(token && { token }), cache, offline });
}
