/** How the head's work is cut: rows in chunks, the vocabulary in tiles, its weight in shards. */

import type { Shard } from "../../memory/weights.ts";
import { logitsChunk, squareTile } from "../../variants.ts";

/** One tile for all counts of rows: the vocabulary's tiles are a part of the order of sums. */
export const tile = squareTile;
const partialWords = 12;
const divergenceWords = 5;
const partialsBytes = 32 * 2 ** 20;

type Rows = Pick<Shard, "first" | "last">;

/** Tiles of the vocabulary in a shard: it may end in one that is not full. */
export const tilesOf = ({ first, last }: Rows) => Math.ceil((last - first) / tile.n);

/** Sizes of what lies between the kernels of a head whose weight lies in these shards. */
export function headLayout(vocabulary: number, capacityRows: number, shards: readonly Rows[]) {
  // Exactly those that are written, as all are merged.
  const tiles = shards.reduce((sum, shard) => sum + tilesOf(shard), 0);
  const rowBytes = 4 * partialWords * tiles;
  const rows = Math.max(1, Math.min(capacityRows, Math.floor(partialsBytes / rowBytes)));
  const held = logitsChunk(vocabulary, capacityRows);
  return {
    tiles,
    rows,
    partialsBytes: rows * rowBytes,
    divergenceBytes: 4 * divergenceWords * tiles * rows,
    logitsRows: held,
    logitsBytes: 4 * held * vocabulary,
  };
}

/** Wanted rows [first, limit) of a pass. */
export interface Chunk {
  readonly first: number;
  readonly limit: number;
}

/** A chunk's share of so many rows. */
export const within = ({ first, limit }: Chunk, rows: number) => Math.max(0, Math.min(rows, limit) - first);

export function chunksOf(rows: number, length: number): readonly Chunk[] {
  return Array.from({ length: Math.ceil(rows / length) }, (_, index) => {
    return { first: index * length, limit: Math.min(rows, (index + 1) * length) };
  });
}
