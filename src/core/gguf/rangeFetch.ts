/**
 * The library reads an address with range requests, two megabytes at a time, and grows its buffer until the header is
 * complete. This answers the requests from a ByteSource, so that files on disk, Blobs and verified downloads are read alike.
 */
import type { ByteSource } from "../byteSource.ts";
import { DiffusionError } from "../error.ts";
import { readExactly } from "../weights/index.ts";

/** The part of `fetch` that the library uses. */
export type RangeFetch = (
  address: string,
  options: { readonly headers: Readonly<Record<string, string>> },
) => Promise<{ readonly headers: { get(name: string): null }; arrayBuffer(): Promise<ArrayBufferLike> }>;

/** The library would go on behind the end of a file, over zeros; so the second request there is refused. */
export function rangeFetch(source: ByteSource, signal: AbortSignal | undefined): RangeFetch {
  let isOver = false;
  return async (_, { headers }) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers["Range"] ?? "") ?? [];
    const start = Number(first);
    const length = Math.max(0, Math.min(Number(last) + 1, source.size) - start);
    if (length === 0 && isOver) {
      const message = `Cannot read '${source.name}' as its header must end within its ${source.size} bytes: found no end`;
      throw new DiffusionError("invalid-file", message);
    }
    isOver ||= length === 0;
    // A copy: bytes of a source may be a view of a larger buffer.
    const bytes =
      length === 0 ? new Uint8Array() : (await readExactly(source, start, length, signal)).slice();
    return { headers: { get: () => null }, arrayBuffer: async () => bytes.buffer };
  };
}
