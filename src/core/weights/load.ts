import { bug } from "../error.ts";
import { dtypeBytes } from "../tensor/dtype.ts";
import type { WeightEntry, WeightPiece } from "../tensor/weight.ts";
import { concurrently } from "./concurrently.ts";
import { toF32 } from "./convert.ts";
import { readExactly } from "./readExactly.ts";

/** A multiple of every element's size: large enough for disks and networks, small beside the weights. */
const CHUNK_BYTES = 8 * 2 ** 20;
/** A network answers late, but answers several at a time. */
const READS_AT_ONCE = 4;

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
 * Reads a weight's pieces in chunks of 8 MiB, a few at a time, and converts them to f32.
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
  await concurrently(chunksOf(entry), READS_AT_ONCE, async ({ piece, offset, bytes, element }) => {
    toF32(await readExactly(piece.source, offset, bytes, signal), piece.dtype, out, element);
    onBytes?.(bytes);
  });
}

/** The chunks in which a weight is read, and the element of the weight that each starts with. */
function chunksOf({ pieces }: WeightEntry) {
  const chunks: { piece: WeightPiece; offset: number; bytes: number; element: number }[] = [];
  let element = 0;
  for (const piece of pieces) {
    for (let start = 0; start < piece.bytes; start += CHUNK_BYTES) {
      const bytes = Math.min(CHUNK_BYTES, piece.bytes - start);
      chunks.push({ piece, offset: piece.offset + start, bytes, element });
      element += bytes / dtypeBytes(piece.dtype);
    }
  }
  return chunks;
}
