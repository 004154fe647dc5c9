/** What a model hub says of one revision of a model: its commit, and each file's size and checksum. */
import { DiffusionError, found } from "../core/error.ts";
import { isJsonObject, type JsonObject } from "../core/jsonObject.ts";
import { isFileName } from "../core/weights/fileName.ts";
import type { Checksum } from "./checksum.ts";

export interface HubFile {
  /** In bytes. */
  readonly size: number;
  /** Absent where nobody tells it. */
  readonly checksum?: Checksum;
}

export interface HubListing {
  /** 40 hexadecimal digits. */
  readonly commit: string;
  /** By name; undefined for a file of which the hub does not tell enough to read it. */
  readonly files: ReadonlyMap<string, HubFile | undefined>;
}

/**
 * Reads the answer of `/api/models/ID/revision/REVISION?blobs=true`. Files of git's large file storage have a SHA-256,
 * others the name that git gives them. A file without size and checksum is in the list too, as nobody may want it.
 * @param name how errors name the answer
 * @throws DiffusionError `invalid-file` if it is not of that form
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
    // Nothing else could be opened.
    if (!isFileName(rfilename)) continue;
    const checksum = checksumOf(sibling);
    const isKnown = Number.isSafeInteger(size) && (size as number) >= 0 && checksum !== undefined;
    files.set(rfilename, isKnown ? { size: size as number, checksum } : undefined);
  }
  return { commit: sha, files };
}

/** As JSON that `readHubListing` reads. */
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
