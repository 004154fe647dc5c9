/** Models of the Hugging Face hub, or of a server with the same API. */
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
  /** A branch, a tag or a commit, unless the id contains one. Default: `main`. */
  readonly revision?: string;
  /** Address of the hub. Default: `HF_ENDPOINT`, else https://huggingface.co. */
  readonly endpoint?: string;
  /** Sent to the endpoint and to no other origin. Default: `HF_TOKEN`, unless `HF_HUB_DISABLE_IMPLICIT_TOKEN` is on. */
  readonly token?: string;
  /** Keeps downloaded files. Without a cache, weights are read by ranges each time, without a check of their checksums. */
  readonly cache?: Store;
  /** Models that another program keeps on this machine, which need no download. From `huggingFace()` of `unmask/node`. */
  readonly snapshots?: HubSnapshots;
  /** Uses cached files and snapshots only; no network. Default: `HF_HUB_OFFLINE`. */
  readonly offline?: boolean;
  /** The maximum number of concurrent downloads. Default: 4. */
  readonly parallel?: number;
}

/** Large files, of which often only the header is read. All other files are small and read as a whole. */
const weightFiles = /\.(safetensors|bin|gguf|pt|pth|ckpt|onnx|npz|msgpack|h5)$/;

/**
 * A model by its id. The revision is resolved to a commit once, at the first use; all files are read from that commit.
 * With a cache, `Engine.load` downloads the weights before it reads them, and the checksums of all files are verified.
 * @param id for example `GSAI-ML/LLaDA-8B-Instruct`, with an optional `@revision`; or the address of the model's page
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
  if (offline && !cache && !snapshots)
    throw invalid(model.id, "offline use needs a cache or snapshots", "neither");
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
      if (weightFiles.test(file))
        return openUrlFile(remote.address, http, signal, { expectedBytes: remote.size });
      if (cache) return download(remote, cache, { http, signal });
      return byteSource(`${name}/${file}`, await readVerified(remote, http, signal));
    },
  };
  if (!cache) return source;
  const fileOf = async (file: string, signal: AbortSignal | undefined) =>
    (await files.inSnapshots(file, signal)) ? undefined : files.remote(file, signal);
  const onMissing = (file: string) => {
    if (offline) throw notCached(`'${file}'`, model, access);
  };
  return { ...source, ...downloadsInto(cache, { http, parallel, fileOf, onMissing }) };
}

function accessOf(options: HubOptions): HubAccess {
  const { fetch, retries = 5, token, cache, snapshots } = options;
  const offline = options.offline ?? isOn(environmentVariable("HF_HUB_OFFLINE"));
  const secret = offline ? undefined : (token ?? implicitToken());
  const http: UrlOptions = {
    retries,
    ...(fetch && { fetch }),
    ...(secret && { headers: { authorization: `Bearer ${secret}` } }),
    refusalHint: secret ? "does the token have access?" : "does the model exist, and does it need a token?",
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
