import { DiffusionError, throwIfAborted } from "../error.ts";
import type { ByteSource } from "./source.ts";

/**
 * Reads from a source and checks the length: sources may be third-party code, and a short read would leave weights at
 * zero.
 * @param buffer as that of `ByteSource.read`
 * @throws DiffusionError `io` if the source does not deliver exactly `length` bytes, `aborted` if the signal fired
 */
export async function readExactly(
  source: ByteSource,
  offset: number,
  length: number,
  signal?: AbortSignal,
  buffer?: Uint8Array,
): Promise<Uint8Array> {
  throwIfAborted(signal, `read '${source.name}'`);
  const bytes = await source.read(offset, length, signal, buffer);
  if (bytes.length !== length) {
    throw new DiffusionError(
      "io",
      `Cannot read '${source.name}' as ${length} bytes were expected at ${offset}: found ${bytes.length}`,
    );
  }
  return bytes;
}
