/** A model of Hugging Face's hub, or of a server that speaks as it does. */
import { DiffusionError, found, throwIfAborted } from "../core/error.ts";
import { assertFileName } from "../core/weights/fileName.ts";
import type { ByteSource, ModelSource } from "../core/weights/source.ts";
import { checksumKey } from "./checksum.ts";
import { download, openStored } from "./download.ts";
import { defaultParallel, downloadsInto, requireParallel } from "./downloadAll.ts";
import { environmentVariable } from "./environment.ts";
import type { UrlOptions } from "./http.ts";
import type { HubListing } from "./hubListing.ts";
import { fileAddress, hubModel, modelName } from "./hubModel.ts";
import { type HubAccess, notCached, resolveRevision } from "./hubRevision.ts";
import { byteSource } from "./memory.ts";
import { type RemoteFile, readVerified } from "./remoteFile.ts";
import type { Store } from "./store.ts";
import { openUrlFile } from "./urlFile.ts";

export interface HubOptions extends Pick<UrlOptions, "fetch" | "retries"> {
  /** A branch, a tag or a commit, where the id does not say it; `main` if absent. */
  readonly revision?: string;
  /** Address of the hub; `HF_ENDPOINT` if absent, else https://huggingface.co. */
  readonly endpoint?: string;
  /** Sent to the endpoint, and to no other origin; `HF_TOKEN` if absent. */
  readonly token?: string;
  /** Keeps what was downloaded. Without one, weights are read by ranges each time, and their checksums not verified. */
  readonly cache?: Store;
  /** Takes everything from the cache, and sends nothing. */
  readonly offline?: boolean;
  /** Files that are downloaded at a time; 4 if absent. */
  readonly parallel?: number;
}

/** Of these only headers may be wanted; everything else is small, and wanted as a whole. */
const weightFiles = /\.(safetensors|bin|gguf|pt|pth|ckpt|onnx|npz|msgpack|h5)$/;

/**
 * A model by its id. The revision is resolved to a commit once, at the first use, and all files are of that commit.
 * With a cache, `Engine.load` downloads the weights before it reads them; checksums of all files are verified.
 * @param id as in `GSAI-ML/LLaDA-8B-Instruct`, or with a revision behind an `@`
 * @throws DiffusionError `invalid-request` if the id or an option is not valid
 */
export function hub(id: string, options: HubOptions = {}): ModelSource {
  const endpoint = options.endpoint ?? environmentVariable("HF_ENDPOINT");
  const model = hubModel(id, { revision: options.revision, endpoint });
  const { parallel = defaultParallel } = options;
  requireParallel(parallel, model.id);
  const access = accessOf(options);
  const { http, cache, offline } = access;
  if (offline && !cache) throw invalid(model.id, "a model is offline only in a cache", "none");
  let pinned: HubListing | undefined;
  const remoteFile = async (name: string, signal: AbortSignal | undefined): Promise<RemoteFile> => {
    assertFileName(name, modelName(model));
    const listing = pinned ?? (await resolveRevision(model, access, signal));
    pinned ??= listing;
    const { commit, files } = pinned;
    const file = files.get(name);
    // Named by its content, so that revisions share what they have in common.
    if (file) return { ...file, address: fileAddress(model, commit, name), key: checksumKey(file.checksum) };
    const message = `Cannot open ${found(name)} as '${modelName(model)}' has no such file: found ${files.size} others`;
    throw new DiffusionError("not-found", message);
  };
  const source: ModelSource = {
    name: modelName(model),
    async list(signal) {
      throwIfAborted(signal, `list '${modelName(model)}'`);
      pinned ??= await resolveRevision(model, access, signal);
      return [...pinned.files.keys()];
    },
    async open(name, signal): Promise<ByteSource> {
      throwIfAborted(signal, `open '${name}'`);
      const file = await remoteFile(name, signal);
      const stored = cache && (await openStored(file, cache, signal));
      if (stored) return stored;
      if (offline) throw notCached(`'${name}'`, model);
      if (weightFiles.test(name)) return openUrlFile(file.address, http, signal, { expected: file.size });
      if (cache) return download(file, cache, { http, signal });
      return byteSource(`${modelName(model)}/${name}`, await readVerified(file, http, signal));
    },
  };
  if (!cache) return source;
  const onMissing = (name: string) => {
    if (offline) throw notCached(`'${name}'`, model);
  };
  return {
    ...source,
    download: downloadsInto(cache, { http, parallel, fileOf: remoteFile, onMissing }),
  };
}

function accessOf({ fetch, retries = 5, token, cache, offline = false }: HubOptions): HubAccess {
  const secret = offline ? undefined : (token ?? environmentVariable("HF_TOKEN"));
  const http: UrlOptions = {
    retries,
    ...(fetch && { fetch }),
    ...(secret && { headers: { authorization: `Bearer ${secret}` } }),
    refusalHint: secret ? "may the token read it?" : "is there such a model, and does it need a token?",
  };
  return { http, cache, offline };
}

function invalid(id: string, why: string, value: string): DiffusionError {
  return new DiffusionError("invalid-request", `Cannot read '${id}' as ${why}: found ${value}`);
}
