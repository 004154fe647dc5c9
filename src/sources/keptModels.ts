/** The models in a store of downloads: what they are called, how much of each is there, and how to delete one. */
import { DiffusionError } from "../core/error.ts";
import { weightFilesOf } from "../core/weights/index.ts";
import { parseJson } from "../core/weights/json.ts";
import { checksumKey } from "./checksum.ts";
import { stampKey } from "./download.ts";
import { hub } from "./hub.ts";
import { type HubListing, readHubListing } from "./hubListing.ts";
import { hubModel, listedModel, listingKey, modelName } from "./hubModel.ts";
import { keptUrlFiles } from "./keptUrlFiles.ts";
import type { Store, StoreEntry } from "./store.ts";

export interface KeptModel {
  readonly kind: "hub" | "address";
  /** The hub id with its revision, or the address of the model's folder. */
  readonly name: string;
  /** The hub that the model is from, or the address of the model's folder. */
  readonly endpoint: string;
  /** Bytes of its files in the store, unfinished ones included. */
  readonly bytes: number;
  /** Bytes of its files once all weights are there; absent if that is unknown. */
  readonly totalBytes?: number;
  /** Whether nothing is missing: a model of a hub then loads without a network. */
  readonly isComplete: boolean;
  /** The names of its files in the store, without those that a further model shares. */
  readonly keys: readonly string[];
}

type KeptFiles = Omit<KeptModel, "keys"> & {
  /** Its files, shared ones included. */
  readonly all: readonly string[];
};

/** @throws DiffusionError `io`, `invalid-file` for a damaged listing */
export async function keptModels(store: Store): Promise<readonly KeptModel[]> {
  const entries = await store.entries();
  const listings = entries.filter(({ name }) => listedModel(name) !== undefined);
  const found: KeptFiles[] = [];
  for (const { name } of listings) {
    const model = await keptHubModel(store, entries, name);
    if (model) found.push(model);
  }
  for (const { address, files, bytes, totalBytes } of await keptUrlFiles(store, entries)) {
    const isComplete = bytes >= totalBytes;
    found.push({
      kind: "address",
      name: address,
      endpoint: address,
      bytes,
      totalBytes,
      isComplete,
      all: files,
    });
  }
  return found.map(({ all, ...model }) => {
    const others = new Set(found.filter((each) => each.all !== all).flatMap((each) => each.all));
    return { ...model, keys: all.filter((key) => !others.has(key)) };
  });
}

/**
 * Deletes the files of a model that no further model shares, unfinished ones too.
 * @throws DiffusionError `io`; `aborted`, as a file that is being downloaded cannot be deleted until its holder lets go
 */
export async function deleteKept(store: Store, model: KeptModel, signal?: AbortSignal): Promise<void> {
  const growing = new Set(
    (await store.entries()).filter(({ isComplete }) => !isComplete).map(({ name }) => name),
  );
  for (const key of model.keys) {
    if (growing.has(key)) {
      const file = await store.grow(key, signal);
      try {
        await file.clear();
      } finally {
        await file.release();
      }
    }
    await store.delete(key);
  }
}

/** Undefined if none of the model's files is there. */
async function keptHubModel(
  store: Store,
  entries: readonly StoreEntry[],
  key: string,
): Promise<KeptFiles | undefined> {
  const { endpoint, id, commit } = listedModel(key)!;
  const listing = readHubListing(await readJsonFile(store, key), `${store.name}/${key}`);
  const keysOf = (names: Iterable<string>) => Array.from(names, (name) => keyOf(listing, name)).flat();
  const files = keysOf(listing.files.keys());
  const bytes = bytesOf(entries, files);
  if (bytes === 0) return undefined;
  const revisions = await revisionsOf(store, entries, { endpoint, id, commit });
  const model = hubModel(id, { endpoint, revision: revisions[0]?.revision ?? commit });
  const weights = await weightsOf(hub(`${id}@${commit}`, { endpoint, cache: store, offline: true }));
  const missing = weights?.reduce((sum, name) => {
    const size = listing.files.get(name)?.size ?? 0;
    return sum + size - bytesOf(entries, keyOf(listing, name));
  }, 0);
  const complete = new Set(entries.filter(({ isComplete }) => isComplete).map(({ name }) => name));
  const isComplete =
    weights?.every((name) => keyOf(listing, name).some((each) => complete.has(each))) ?? false;
  return {
    kind: "hub",
    name: modelName(model),
    endpoint,
    bytes,
    ...(missing !== undefined && { totalBytes: bytes + missing }),
    isComplete,
    all: [
      listingKey(model, commit),
      ...revisions.map((revision) => revision.key),
      ...files.flatMap(withStamp),
    ],
  };
}

/** The names of the weight files; undefined if the index that names them is not there. */
async function weightsOf(source: ReturnType<typeof hub>): Promise<readonly string[] | undefined> {
  const listed = new Set(await source.list());
  try {
    const files = await weightFilesOf(source);
    return files.every((name) => listed.has(name)) ? files : undefined;
  } catch (error) {
    if (error instanceof DiffusionError && error.code === "not-found") return undefined;
    throw error;
  }
}

/** The revisions whose last known commit is this one. The revision `main` comes first. */
async function revisionsOf(
  store: Store,
  entries: readonly StoreEntry[],
  { endpoint, id, commit }: { readonly endpoint: string; readonly id: string; readonly commit: string },
): Promise<readonly { readonly key: string; readonly revision: string }[]> {
  const folder = listingKey(hubModel(id, { endpoint }), "revisions/").replace(/\.json$/, "");
  const found: { key: string; revision: string }[] = [];
  for (const { name } of entries) {
    if (!name.startsWith(folder)) continue;
    const { revision, sha } = await readJsonFile(store, name);
    if (sha === commit) found.push({ key: name, revision: String(revision) });
  }
  return found.sort((a, b) => Number(b.revision === "main") - Number(a.revision === "main"));
}

function keyOf(listing: HubListing, name: string): readonly string[] {
  const checksum = listing.files.get(name)?.checksum;
  return checksum ? [checksumKey(checksum)] : [];
}

function withStamp(key: string): readonly string[] {
  return [key, stampKey(key)];
}

function bytesOf(entries: readonly StoreEntry[], keys: readonly string[]): number {
  const wanted = new Set(keys);
  return entries.reduce((sum, { name, bytes }) => sum + (wanted.has(name) ? bytes : 0), 0);
}

async function readJsonFile(store: Store, key: string) {
  const file = await store.open(key);
  return file ? parseJson(await file.read(0, file.size), `${store.name}/${key}`) : {};
}
