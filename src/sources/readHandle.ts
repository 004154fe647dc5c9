import type { FileHandle } from "node:fs/promises";

/**
 * Reads `length` bytes from `offset`, in several calls if necessary.
 * @param bytes where to; at least `length`
 * @returns the bytes; fewer than `length` if the file ends early
 */
export async function readHandle(
  handle: FileHandle,
  offset: number,
  length: number,
  bytes: Uint8Array = new Uint8Array(length),
): Promise<Uint8Array> {
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
