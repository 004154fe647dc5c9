import { DiffusionError } from "../core/error.ts";
import { type Checksum, type Hasher, hasher } from "./checksum.ts";
import { addressName, readBody, request, type UrlOptions } from "./http.ts";

/** A file on a server, with the facts that are known before it is read. */
export interface RemoteFile {
  readonly address: URL;
  /** In bytes. */
  readonly size: number;
  /** The file's name in a store. Different contents have different keys. */
  readonly key: string;
  /** Absent if unknown; then only size and version are checked. */
  readonly checksum?: Checksum;
  /** The ETag that every response with an ETag must have. */
  readonly etag?: string;
}

/**
 * Reads a file into memory and verifies it, for sources without a store.
 * @throws DiffusionError `not-found`; `io`, also for a wrong checksum; `aborted`
 */
export async function readVerified(
  file: RemoteFile,
  http: UrlOptions,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = await request({ address: file.address, signal }, http, async (response) => {
    const body = await readBody(response, file.size);
    if (!body) throw failure(file, `it must have ${file.size} bytes`, "more");
    // Not a DiffusionError, so that a broken connection is retried.
    if (body.length < file.size) throw new Error(`${body.length} of ${file.size} bytes`);
    return body;
  });
  const hash = hasherOf(file);
  hash.update(bytes);
  const mismatch = checksumFailure(file, hash.hex());
  if (mismatch) throw mismatch;
  return bytes;
}

/** The hasher for a file. A file without a checksum gets one too, whose result is not compared. */
export function hasherOf({ checksum, size }: RemoteFile): Hasher {
  return hasher(checksum?.kind ?? "sha256", size);
}

/** The error for a file with a wrong checksum; undefined if the checksum is right or unknown. */
export function checksumFailure(file: RemoteFile, found: string): DiffusionError | undefined {
  const { checksum } = file;
  if (!checksum || found === checksum.hex) return undefined;
  return failure(file, `its checksum must be ${checksum.hex}`, found);
}

export function failure({ address }: RemoteFile, why: string, value: string): DiffusionError {
  return new DiffusionError("io", `Cannot download '${addressName(address)}' as ${why}: found ${value}`);
}
