/** A hub's listing of one revision of a model: its commit, and the size and checksum of each file. */
import { DiffusionError, found } from "../core/error.ts";
import { isJsonObject, type JsonObject } from "../core/jsonObject.ts";
import { isFileName } from "../core/weights/fileName.ts";
import type { Checksum } from "./checksum.ts";

export interface HubFile {
  /** In bytes. */
  readonly size: number;
  /** Absent if the listing has none. */
  readonly checksum?: Checksum;
}

export interface HubListing {
  /** 40 hexadecimal digits. */
  readonly commit: string;
  /** By name; undefined for a file whose size or checksum is missing. */
  readonly files: ReadonlyMap<string, HubFile | undefined>;
}

/**
 * Reads the response of `/api/models/ID/revision/REVISION?blobs=true`. Files in Git LFS have a SHA-256, others a git object
 * id. Files without size or checksum stay in the list: they fail only when they are opened.
 * @param name the response, as errors name it
 * @throws DiffusionError `invalid-file` if the response has another form
 */
export function readHubListing(answer: JsonObject, name: string): HubListing {
  const fail = (why: string, value: unknown) =>
    new DiffusionError("invalid-file", `Cannot read '${name}' as ${why}: found ${found(value)}`);
  const { sha, siblings } = answer;
  if (!isHex(sha, 40)) throw fail("'sha' must be a commit", sha);
  if (!Array.isArray(siblings)) throw fail("'siblings' must be a list of files", siblings);
  const files = new Map<string, HubFile | undefined>();
  for (const sibling of siblings) {
    if (!isJsonObject(sibling)) throw fail("each of 'siblings' must be an object", sibling);
    const { rfilename, size } = sibling;
    if (typeof rfilename !== "string") throw fail("a file must have a name", rfilename);
    // A file with another name could not be opened.
    if (!isFileName(rfilename)) continue;
    const checksum = checksumOf(sibling);
    const isComplete = Number.isSafeInteger(size) && (size as number) >= 0 && checksum !== undefined;
    files.set(rfilename, isComplete ? { size: size as number, checksum } : undefined);
  }
  return { commit: sha, files };
}

/** Formats a listing as JSON that `readHubListing` reads. */
export function hubListingText({ commit, files }: HubListing): string {
  const siblings = [...files].map(([rfilename, file]) => {
    const { size, checksum } = file ?? {};
    if (!checksum) return { rfilename };
    const { kind, hex } = checksum;
    return kind === "git" ? { rfilename, size, blobId: hex } : { rfilename, size, lfs: { sha256: hex } };
  });
  return JSON.stringify({ sha: commit, siblings });
}

function checksumOf({ lfs, blobId }: JsonObject): Checksum | undefined {
  if (lfs !== undefined && lfs !== null) {
    const hex = isJsonObject(lfs) ? lfs["sha256"] : undefined;
    return isHex(hex, 64) ? { kind: "sha256", hex } : undefined;
  }
  return isHex(blobId, 40) ? { kind: "git", hex: blobId } : undefined;
}

function isHex(value: unknown, digits: number): value is string {
  return typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value);
}
