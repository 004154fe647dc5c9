import type { FileHandle } from "node:fs/promises";

/**
 * Reads `length` bytes from `offset`, in several calls if necessary.
 * @returns the bytes; fewer than `length` if the file ends early
 */
export async function readHandle(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
