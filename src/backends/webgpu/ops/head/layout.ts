/** The partition of the head: rows in chunks, the vocabulary in tiles, the weight in shards. */

import { divergencePartLayout, partialLayout } from "../../../layout/index.ts";
import type { Shard } from "../../deviceWeight.ts";
import { logitsChunk, squareTile } from "../../variants.ts";

/** The same tile for all numbers of rows, as the vocabulary's tiles decide the order of sums. */
export const tile = squareTile;
const partialsBytes = 32 * 2 ** 20;

type Rows = Pick<Shard, "first" | "last">;

/** Tiles of the vocabulary in a shard; the last one may be partial. */
export const tilesOf = ({ first, last }: Rows) => Math.ceil((last - first) / tile.n);

/** Sizes of the buffers between the kernels of a head whose weight lies in these shards. */
export function headLayout(vocabulary: number, capacityRows: number, shards: readonly Rows[]) {
  // Exactly the tiles that are written, as all are merged.
  const tiles = shards.reduce((sum, shard) => sum + tilesOf(shard), 0);
  const rowBytes = 4 * partialLayout.words * tiles;
  const rows = Math.max(1, Math.min(capacityRows, Math.floor(partialsBytes / rowBytes)));
  const held = logitsChunk(vocabulary, capacityRows);
  return {
    tiles,
    rows,
    partialsBytes: rows * rowBytes,
    divergenceBytes: 4 * divergencePartLayout.words * tiles * rows,
    logitsRows: held,
    logitsBytes: 4 * held * vocabulary,
  };
}

/** Wanted rows [first, limit) of a pass. */
export interface Chunk {
  readonly first: number;
  readonly limit: number;
}

/** Rows of a chunk in a pass with this many rows. */
export const within = ({ first, limit }: Chunk, rows: number) => Math.max(0, Math.min(rows, limit) - first);

export function chunksOf(rows: number, length: number): readonly Chunk[] {
  return Array.from({ length: Math.ceil(rows / length) }, (_, index) => {
    return { first: index * length, limit: Math.min(rows, (index + 1) * length) };
  });
}
