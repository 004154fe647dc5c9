/** Resolves a revision to its commit and files, by a request to the hub or from the cache. */
import { DiffusionError } from "../core/error.ts";
import type { JsonObject } from "../core/jsonObject.ts";
import { parseJson } from "../core/weights/json.ts";
import { addressName, readBody, request, type UrlOptions } from "./http.ts";
import { type HubListing, hubListingText, readHubListing } from "./hubListing.ts";
import { type HubModel, listingAddress, listingKey, modelName, revisionKey } from "./hubModel.ts";
import type { HubSnapshots } from "./hubSnapshots.ts";
import { putWhole, type Store } from "./store.ts";

export interface HubAccess {
  readonly http: UrlOptions;
  readonly cache: Store | undefined;
  readonly snapshots?: HubSnapshots | undefined;
  /** No request is sent to the hub. */
  readonly offline: boolean;
}

const maxListingBytes = 64 * 2 ** 20;

/**
 * The listing of a revision. A commit in the cache needs no request; a branch or a tag does, unless `offline` is set.
 * Offline, the listing comes from the cache, else from the snapshots of another program.
 * @throws DiffusionError `not-found`, `invalid-file`, `io`, `aborted`
 */
export async function resolveRevision(
  model: HubModel,
  access: HubAccess,
  signal: AbortSignal | undefined,
): Promise<HubListing> {
  const { cache, snapshots, offline } = access;
  const { id, revision } = model;
  const isCommit = /^[0-9a-f]{40}$/.test(revision);
  if (cache && (isCommit || offline)) {
    const commit = isCommit ? revision : await lastCommit(model, cache);
    const key = commit === undefined ? undefined : listingKey(model, commit);
    const cached = key === undefined ? undefined : await readCached(cache, key);
    if (cached) return readHubListing(cached, `${cache.name}/${key}`);
  }
  if (offline) {
    const snapshot = await snapshots?.listing(id, revision);
    if (snapshot) return snapshot;
    throw notCached(`revision '${revision}'`, model, access);
  }
  const listing = await fetchListing(model, access.http, signal);
  if (cache) {
    const put = (key: string, text: string) => putWhole(cache, key, new TextEncoder().encode(text), signal);
    await put(listingKey(model, listing.commit), hubListingText(listing));
    if (!isCommit) await put(revisionKey(model), JSON.stringify({ revision, sha: listing.commit }));
  }
  return listing;
}

/** The error for a revision or a file that neither the cache nor the snapshots have. */
export function notCached(
  what: string,
  model: HubModel,
  { cache, snapshots }: Pick<HubAccess, "cache" | "snapshots">,
): DiffusionError {
  const name = modelName(model);
  const places = [cache, snapshots].flatMap((place) => (place ? [`'${place.name}'`] : []));
  return new DiffusionError(
    "not-found",
    `Cannot read '${name}' offline as not all of it is cached: found no intact ${what} in ${places.join(" or ")}`,
  );
}

async function fetchListing(
  model: HubModel,
  http: UrlOptions,
  signal: AbortSignal | undefined,
): Promise<HubListing> {
  const address = listingAddress(model);
  const name = addressName(address);
  try {
    const bytes = await request({ address, signal }, http, (response) => readBody(response, maxListingBytes));
    if (bytes) return readHubListing(parseJson(bytes, name), name);
  } catch (error) {
    if (!(error instanceof DiffusionError) || error.code !== "not-found") throw error;
    const message = `Cannot open the model '${model.id}' as '${model.endpoint.origin}' has no model with this id and revision: found ${JSON.stringify(model.revision)}`;
    throw new DiffusionError("not-found", message, { cause: error });
  }
  const message = `Cannot read '${name}' as a listing may have at most ${maxListingBytes} bytes: found more`;
  throw new DiffusionError("invalid-file", message);
}

/** The commit of the revision at the last request. */
async function lastCommit(model: HubModel, cache: Store): Promise<string | undefined> {
  const cached = await readCached(cache, revisionKey(model));
  // A case-insensitive file system stores `Main` and `main` in one file.
  return cached?.["revision"] === model.revision ? String(cached["sha"]) : undefined;
}

async function readCached(cache: Store, key: string): Promise<JsonObject | undefined> {
  const file = await cache.open(key);
  return file && parseJson(await file.read(0, file.size), `${cache.name}/${key}`);
}
