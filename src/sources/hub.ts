/** A model of Hugging Face's hub, or of a server that speaks as it does. */
import { DiffusionError, throwIfAborted } from "../core/error.ts";
import type { ByteSource, ModelSource } from "../core/weights/source.ts";
import { download } from "./download.ts";
import { defaultParallel, downloadsInto, requireParallel } from "./downloadAll.ts";
import { environmentVariable, isOn } from "./environment.ts";
import type { UrlOptions } from "./http.ts";
import { HubFiles } from "./hubFiles.ts";
import { hubModel, modelName } from "./hubModel.ts";
import { type HubAccess, notCached } from "./hubRevision.ts";
import type { HubSnapshots } from "./hubSnapshots.ts";
import { byteSource } from "./memory.ts";
import { readVerified } from "./remoteFile.ts";
import type { Store } from "./store.ts";
import { openUrlFile } from "./urlFile.ts";

export interface HubOptions extends Pick<UrlOptions, "fetch" | "retries"> {
  /** A branch, a tag or a commit, where the id does not say it; `main` if absent. */
  readonly revision?: string;
  /** Address of the hub; `HF_ENDPOINT` if absent, else https://huggingface.co. */
  readonly endpoint?: string;
  /** Sent to the endpoint, and to no other origin; `HF_TOKEN` if absent, unless `HF_HUB_DISABLE_IMPLICIT_TOKEN` is on. */
  readonly token?: string;
  /** Keeps what was downloaded. Without one, weights are read by ranges each time, and their checksums not verified. */
  readonly cache?: Store;
  /** Models that another program keeps on this machine; what is there is not downloaded. `huggingFace()` of `unmask/node` knows them. */
  readonly snapshots?: HubSnapshots;
  /** Takes everything from the cache and the snapshots, and sends nothing; `HF_HUB_OFFLINE` if absent. */
  readonly offline?: boolean;
  /** Files that are downloaded at a time; 4 if absent. */
  readonly parallel?: number;
}

/** Of these only headers may be wanted; everything else is small, and wanted as a whole. */
const weightFiles = /\.(safetensors|bin|gguf|pt|pth|ckpt|onnx|npz|msgpack|h5)$/;

/**
 * A model by its id. The revision is resolved to a commit once, at the first use, and all files are of that commit.
 * With a cache, `Engine.load` downloads the weights before it reads them; checksums of all files are verified.
 * @param id as in `GSAI-ML/LLaDA-8B-Instruct`, or with a revision behind an `@`; or the address of the model's page on the hub
 * @throws DiffusionError `invalid-request` if the id or an option is not valid
 */
export function hub(id: string, options: HubOptions = {}): ModelSource {
  const endpoint = options.endpoint ?? environmentVariable("HF_ENDPOINT");
  const model = hubModel(id, { revision: options.revision, endpoint });
  const name = modelName(model);
  const { parallel = defaultParallel } = options;
  requireParallel(parallel, model.id);
  const access = accessOf(options);
  const { http, cache, offline, snapshots } = access;
  if (offline && !cache && !snapshots) throw invalid(model.id, "a model is offline only in a cache", "none");
  const files = new HubFiles(model, access);
  const source: ModelSource = {
    name,
    async list(signal) {
      throwIfAborted(signal, `list '${name}'`);
      return [...(await files.listing(signal)).files.keys()];
    },
    async open(file, signal): Promise<ByteSource> {
      throwIfAborted(signal, `open '${file}'`);
      const local = await files.local(file, signal);
      if (local) return local;
      if (offline) throw notCached(`'${file}'`, model, access);
      const remote = await files.remote(file, signal);
      if (weightFiles.test(file)) return openUrlFile(remote.address, http, signal, { expected: remote.size });
      if (cache) return download(remote, cache, { http, signal });
      return byteSource(`${name}/${file}`, await readVerified(remote, http, signal));
    },
  };
  if (!cache) return source;
  const fileOf = async (file: string, signal: AbortSignal | undefined) =>
    (await files.shared(file, signal)) ? undefined : files.remote(file, signal);
  const onMissing = (file: string) => {
    if (offline) throw notCached(`'${file}'`, model, access);
  };
  return { ...source, download: downloadsInto(cache, { http, parallel, fileOf, onMissing }) };
}

function accessOf(options: HubOptions): HubAccess {
  const { fetch, retries = 5, token, cache, snapshots } = options;
  const offline = options.offline ?? isOn(environmentVariable("HF_HUB_OFFLINE"));
  const secret = offline ? undefined : (token ?? implicitToken());
  const http: UrlOptions = {
    retries,
    ...(fetch && { fetch }),
    ...(secret && { headers: { authorization: `Bearer ${secret}` } }),
    refusalHint: secret ? "may the token read it?" : "is there such a model, and does it need a token?",
  };
  return { http, cache, snapshots, offline };
}

function implicitToken(): string | undefined {
  if (isOn(environmentVariable("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) return undefined;
  return environmentVariable("HF_TOKEN");
}

function invalid(id: string, why: string, value: string): DiffusionError {
  return new DiffusionError("invalid-request", `Cannot read '${id}' as ${why}: found ${value}`);
}
