import { DiffusionError } from "../core/error.ts";
import { type Checksum, type Hasher, hasher } from "./checksum.ts";
import { addressName, readBody, request, type UrlOptions } from "./http.ts";

/** A file that is known before it is read. */
export interface RemoteFile {
  readonly address: URL;
  /** In bytes. */
  readonly size: number;
  /** Its name in a store, of which there is no other one with other content. */
  readonly key: string;
  /** Absent where nobody tells it: then size and version have to do. */
  readonly checksum?: Checksum;
  /** The ETag that every answer must have, if it has one. */
  readonly etag?: string;
}

/**
 * A file in memory, where there is no store.
 * @throws DiffusionError `not-found`, `io` also if it has another checksum, `aborted`
 */
export async function readVerified(
  file: RemoteFile,
  http: UrlOptions,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = await request({ address: file.address, signal }, http, async (response) => {
    const body = await readBody(response, file.size);
    if (!body) throw failure(file, `it must have ${file.size} bytes`, "more");
    // Not a DiffusionError: connections break off.
    if (body.length < file.size) throw new Error(`${body.length} of ${file.size} bytes`);
    return body;
  });
  const hash = hasherOf(file);
  hash.update(bytes);
  const flaw = flawOf(file, hash.hex());
  if (flaw) throw flaw;
  return bytes;
}

/** A file without a checksum gets one too: it is compared with nothing. */
export function hasherOf({ checksum, size }: RemoteFile): Hasher {
  return hasher(checksum?.kind ?? "sha256", size);
}

export function flawOf(file: RemoteFile, found: string): DiffusionError | undefined {
  const { checksum } = file;
  if (!checksum || found === checksum.hex) return undefined;
  return failure(file, `its checksum must be ${checksum.hex}`, found);
}

export function failure({ address }: RemoteFile, why: string, value: string): DiffusionError {
  return new DiffusionError("io", `Cannot download '${addressName(address)}' as ${why}: found ${value}`);
}
