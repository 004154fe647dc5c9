/** From a revision to its commit and files: asked of the hub, kept in the cache. */
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
  /** Nothing is asked of the hub. */
  readonly offline: boolean;
}

const LARGEST_ANSWER_BYTES = 64 * 2 ** 20;

/**
 * The files of a revision. A commit that the cache knows is not asked for again; a branch or a tag is, but offline. What
 * the cache does not know offline, another program may have downloaded.
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
    const kept = key === undefined ? undefined : await readKept(cache, key);
    if (kept) return readHubListing(kept, `${cache.name}/${key}`);
  }
  if (offline) {
    const there = await snapshots?.listing(id, revision);
    if (there) return there;
    throw notCached(`revision '${revision}'`, model, access);
  }
  const listing = await ask(model, access.http, signal);
  if (cache) {
    const put = (key: string, text: string) => putWhole(cache, key, new TextEncoder().encode(text), signal);
    await put(listingKey(model, listing.commit), hubListingText(listing));
    if (!isCommit) await put(revisionKey(model), JSON.stringify({ revision, sha: listing.commit }));
  }
  return listing;
}

/** The error for what nothing on this machine has. */
export function notCached(
  what: string,
  model: HubModel,
  { cache, snapshots }: Pick<HubAccess, "cache" | "snapshots">,
): DiffusionError {
  const name = modelName(model);
  const places = [cache, snapshots].flatMap((place) => (place ? [`'${place.name}'`] : []));
  return new DiffusionError(
    "not-found",
    `Cannot read '${name}' offline as the cache does not have all of it: found no sound ${what} in ${places.join(" or ")}`,
  );
}

async function ask(model: HubModel, http: UrlOptions, signal: AbortSignal | undefined): Promise<HubListing> {
  const address = listingAddress(model);
  const name = addressName(address);
  try {
    const bytes = await request({ address, signal }, http, (response) =>
      readBody(response, LARGEST_ANSWER_BYTES),
    );
    if (bytes) return readHubListing(parseJson(bytes, name), name);
  } catch (error) {
    if (!(error instanceof DiffusionError) || error.code !== "not-found") throw error;
    const message = `Cannot open the model '${model.id}' as '${model.endpoint.origin}' has none of this name and revision: found ${JSON.stringify(model.revision)}`;
    throw new DiffusionError("not-found", message, { cause: error });
  }
  const message = `Cannot read '${name}' as it may have at most ${LARGEST_ANSWER_BYTES} bytes: found more`;
  throw new DiffusionError("invalid-file", message);
}

/** What the revision was when it was last asked for. */
async function lastCommit(model: HubModel, cache: Store): Promise<string | undefined> {
  const kept = await readKept(cache, revisionKey(model));
  // A file system that does not tell cases apart keeps two revisions as one.
  return kept?.["revision"] === model.revision ? String(kept["sha"]) : undefined;
}

async function readKept(cache: Store, key: string): Promise<JsonObject | undefined> {
  const file = await cache.open(key);
  return file && parseJson(await file.read(0, file.size), `${cache.name}/${key}`);
}
