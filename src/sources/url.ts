import { DiffusionError, found } from "../core/error.ts";
import { readWeightMap, weightsFile, weightsIndexFile } from "../core/weights/checkpoint.ts";
import { concurrently } from "../core/weights/concurrently.ts";
import { assertFileName } from "../core/weights/fileName.ts";
import type { ModelSource } from "../core/weights/source.ts";
import { hasher } from "./checksum.ts";
import { openStored } from "./download.ts";
import { defaultParallel, downloadsInto, requireParallel } from "./downloadAll.ts";
import { addressName, type UrlOptions } from "./http.ts";
import { labelUrlFile } from "./keptUrlFiles.ts";
import type { RemoteFile } from "./remoteFile.ts";
import type { Store } from "./store.ts";
import { openUrlFile, type UrlFile } from "./urlFile.ts";
import { configFile, UrlProbes } from "./urlProbes.ts";

export interface UrlModelOptions extends UrlOptions {
  /** Keeps downloaded weights, by address and ETag. Files without an ETag are read by ranges each time. */
  readonly cache?: Store;
  /** The maximum number of concurrent downloads. Default: 4. */
  readonly parallel?: number;
  /** The names of all the model's files, where they are known: then no other name is requested. */
  readonly files?: readonly string[];
}

/** HTTP has no listing, so these files are requested by name, beside config.json. */
const wellKnownNames = [
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  weightsFile,
  weightsIndexFile,
];

/** The files of a tokenizer without tokenizer.json. */
const tokenizerParts = ["vocab.json", "merges.txt"];
/** Weights in unsupported formats. They are listed if there are no others, so that an error can name them. */
const otherWeights = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

const maxConcurrentProbes = 4;

/**
 * A model on a web server, read by byte ranges, for example
 * `https://huggingface.co/<owner>/<model>/resolve/main`.
 * @param base the address of the model's folder; in a page it may be relative to the page
 * @throws DiffusionError `invalid-request` for an address without HTTP, an address with a password, or an invalid option
 */
export function url(base: string | URL, options: UrlModelOptions = {}): ModelSource {
  const root = rootAddress(base);
  const { cache, parallel = defaultParallel, files } = options;
  requireParallel(parallel, addressName(root));
  const addressOf = (name: string): URL => {
    assertFileName(name, addressName(root));
    const address = new URL(root);
    address.pathname += name.split("/").map(encodeURIComponent).join("/");
    return address;
  };
  const probes = new UrlProbes(addressOf, options);
  const source: ModelSource = {
    name: addressName(root),
    async list(signal) {
      probes.clear();
      const existing = async (candidates: readonly string[]) => {
        const exists = await concurrently(candidates, maxConcurrentProbes, (name) =>
          probes.has(name, signal),
        );
        return candidates.filter((_, i) => exists[i]);
      };
      // config.json comes first: whether it can be read decides what a refusal of the other files means.
      const names = await existing([configFile]);
      if (files) return [...names, ...(await existing(files.filter((name) => name !== configFile)))];
      names.push(...(await existing(wellKnownNames)));
      if (!names.includes("tokenizer.json")) names.push(...(await existing(tokenizerParts)));
      const isSharded = names.includes(weightsIndexFile);
      if (!isSharded && !names.includes(weightsFile)) names.push(...(await existing(otherWeights)));
      if (!isSharded) return names;
      const shards = (await readWeightMap(source, signal)).values();
      return [...new Set([...names, ...shards])];
    },
    async open(name, signal) {
      if (files && !files.includes(name)) {
        const message = `Cannot open '${name}' at '${addressName(root)}' as the option 'files' does not name it`;
        throw new DiffusionError("not-found", message);
      }
      const file = await probes.open(name, signal);
      const remote = cache && remoteFile(addressOf(name), file);
      return (remote && (await openStored(remote, cache, signal))) ?? file;
    },
  };
  if (!cache) return source;
  const fileOf = async (name: string, signal: AbortSignal | undefined) => {
    const address = addressOf(name);
    return remoteFile(address, await openUrlFile(address, options, signal));
  };
  const onDownload = ({ key, size, address }: RemoteFile, signal: AbortSignal | undefined) =>
    labelUrlFile(cache, { key, size, address: addressName(address) }, signal);
  return { ...source, ...downloadsInto(cache, { http: options, parallel, fileOf, onDownload }) };
}

/** The file for a store, with a key for each version. Undefined without an ETag, which identifies the version. */
function remoteFile(address: URL, { size, etag }: UrlFile): RemoteFile | undefined {
  if (etag === undefined) return undefined;
  const hash = hasher("sha256", 0);
  hash.update(new TextEncoder().encode([addressName(address), size, etag].join("\n")));
  return { address, size, key: `urls/${hash.hex()}`, etag };
}

function rootAddress(base: string | URL): URL {
  const page: string | undefined = globalThis.location?.href;
  let root: URL;
  try {
    root = new URL(base, page);
  } catch (cause) {
    throw new DiffusionError(
      "invalid-request",
      `Cannot read a model as its address must be a URL: found ${found(base)}`,
      {
        cause,
      },
    );
  }
  if (root.protocol !== "http:" && root.protocol !== "https:") {
    throw new DiffusionError(
      "invalid-request",
      `Cannot read a model as its address must be http or https: found ${found(root.protocol)}`,
    );
  }
  if (root.username || root.password) {
    throw new DiffusionError(
      "invalid-request",
      `Cannot read a model at '${addressName(root)}' as its address must not contain a user name or a password: send them in 'headers'`,
    );
  }
  root.hash = "";
  if (!root.pathname.endsWith("/")) root.pathname += "/";
  return root;
}
