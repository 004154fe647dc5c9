import { DiffusionError, found } from "../core/error.ts";
import { readWeightMap, WEIGHTS_FILE, WEIGHTS_INDEX_FILE } from "../core/weights/checkpoint.ts";
import { concurrently } from "../core/weights/concurrently.ts";
import { assertFileName } from "../core/weights/fileName.ts";
import type { ModelSource } from "../core/weights/source.ts";
import { hasher } from "./checksum.ts";
import { openStored } from "./download.ts";
import { defaultParallel, downloadsInto, requireParallel } from "./downloadAll.ts";
import { addressName, type UrlOptions } from "./http.ts";
import type { RemoteFile } from "./remoteFile.ts";
import type { Store } from "./store.ts";
import { openUrlFile, type UrlFile } from "./urlFile.ts";
import { CONFIG_FILE, UrlProbes } from "./urlProbes.ts";

export interface UrlModelOptions extends UrlOptions {
  /** Keeps weights that were downloaded, by address and ETag; files without an ETag are read by ranges each time. */
  readonly cache?: Store;
  /** Files that are downloaded at a time; 4 if absent. */
  readonly parallel?: number;
}

/** HTTP has no listing, so these are asked for by name, beside config.json. */
const wellKnownNames = [
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  WEIGHTS_FILE,
  WEIGHTS_INDEX_FILE,
];

/** What some tokenizers are made of, asked for where there is no tokenizer.json. */
const tokenizerParts = ["vocab.json", "merges.txt"];
/** Weights that cannot be read, asked for where there are none that can: an error then says what is there. */
const otherWeights = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

const PROBES_AT_ONCE = 4;

/**
 * A model on a web server, read by byte ranges, for instance
 * `https://huggingface.co/<owner>/<model>/resolve/main`.
 * @param base the files' common address; in a page it may be relative to the page
 * @throws DiffusionError `invalid-request` if the address is not one of HTTP or carries a password, or for an option
 */
export function url(base: string | URL, options: UrlModelOptions = {}): ModelSource {
  const root = rootAddress(base);
  const { cache, parallel = defaultParallel } = options;
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
      const thereOf = async (asked: readonly string[]) => {
        const there = await concurrently(asked, PROBES_AT_ONCE, (name) => probes.has(name, signal));
        return asked.filter((_, i) => there[i]);
      };
      // First and alone, as it says what a refusal of the others means.
      const names = await thereOf([CONFIG_FILE]);
      names.push(...(await thereOf(wellKnownNames)));
      if (!names.includes("tokenizer.json")) names.push(...(await thereOf(tokenizerParts)));
      const isSharded = names.includes(WEIGHTS_INDEX_FILE);
      if (!isSharded && !names.includes(WEIGHTS_FILE)) names.push(...(await thereOf(otherWeights)));
      if (!isSharded) return names;
      const shards = (await readWeightMap(source, signal)).values();
      return [...new Set([...names, ...shards])];
    },
    async open(name, signal) {
      const file = await probes.open(name, signal);
      const kept = cache && remoteFile(addressOf(name), file);
      return (kept && (await openStored(kept, cache, signal))) ?? file;
    },
  };
  if (!cache) return source;
  const fileOf = async (name: string, signal: AbortSignal | undefined) => {
    const address = addressOf(name);
    return remoteFile(address, await openUrlFile(address, options, signal));
  };
  return { ...source, download: downloadsInto(cache, { http: options, parallel, fileOf }) };
}

/** A file as a store keeps it: under another name for each version. Undefined where versions cannot be told apart. */
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
      `Cannot read a model as its address must be one of http or https: found ${found(root.protocol)}`,
    );
  }
  if (root.username || root.password) {
    throw new DiffusionError(
      "invalid-request",
      `Cannot read a model at '${addressName(root)}' as its address must not carry a name or a password, for which there are headers`,
    );
  }
  root.hash = "";
  if (!root.pathname.endsWith("/")) root.pathname += "/";
  return root;
}
