import { bug } from "../error.ts";
import { dtypeBytes } from "../tensor/dtype.ts";
import type { WeightEntry } from "../tensor/weight.ts";
import { toF32 } from "./convert.ts";
import { readExactly } from "./readExactly.ts";

/** A multiple of every element's size: large enough for disks and networks, small beside the weights. */
const CHUNK_BYTES = 8 * 2 ** 20;

export interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each chunk with its length in bytes. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Adds up what is read of these weights and tells it. */
export function countLoaded(
  entries: readonly WeightEntry[],
  onProgress: ((loadedBytes: number, totalBytes: number) => void) | undefined,
): (bytes: number) => void {
  const total = entries.flatMap(({ pieces }) => pieces).reduce((sum, { bytes }) => sum + bytes, 0);
  let loaded = 0;
  return (bytes) => {
    loaded += bytes;
    onProgress?.(loaded, total);
  };
}

/**
 * Reads a weight's pieces in chunks of 8 MiB and converts them to f32.
 * @param out as many elements as the entry's shape has, all of which are written
 * @throws DiffusionError `io`, `aborted`, `internal` if the pieces do not fill `out` exactly
 */
export async function loadPieces(
  entry: WeightEntry,
  out: Float32Array,
  { signal, onBytes }: LoadOptions = {},
): Promise<void> {
  const count = entry.pieces.reduce((sum, piece) => sum + piece.bytes / dtypeBytes(piece.dtype), 0);
  if (count !== out.length) {
    throw bug(`Cannot load '${entry.symbol}' as its pieces must fill ${out.length} elements: found ${count}`);
  }
  let filled = 0;
  for (const { source, offset, bytes, dtype } of entry.pieces) {
    for (let start = 0; start < bytes; start += CHUNK_BYTES) {
      const chunkBytes = Math.min(CHUNK_BYTES, bytes - start);
      const chunk = await readExactly(source, offset + start, chunkBytes, signal);
      toF32(chunk, dtype, out, filled);
      filled += chunkBytes / dtypeBytes(dtype);
      onBytes?.(chunkBytes);
    }
  }
}
