/** How the work of the head is divided: rows into chunks, the vocabulary into tiles, the weight into shards. */
import { divergencePartLayout, partialLayout } from "../../../layout/index.ts";
import type { Shard } from "../../deviceWeight.ts";
import { squareTile } from "../../products.ts";
import { logitsChunk } from "../../variants.ts";

/**
 * One tile size for every number of rows. The tiles of the vocabulary determine the order of sums, so a second size would
 * change results.
 */
export const tile = squareTile;
/** Maximum bytes of the buffer of partial statistics. More rows than fit are processed in chunks. */
const maxPartialsBytes = 32 * 2 ** 20;

type Rows = Pick<Shard, "first" | "last">;

/** The number of tiles that cover a shard; the last tile may be partial. */
export const tileCount = ({ first, last }: Rows) => Math.ceil((last - first) / tile.n);

/** Sizes of the buffers between the head's kernels, for a weight in these shards. */
export function headLayout(vocabulary: number, capacityRows: number, shards: readonly Rows[]) {
  // The merge kernels read every tile of the buffer, so it holds no tile that is never written.
  const tiles = shards.reduce((sum, shard) => sum + tileCount(shard), 0);
  const rowBytes = 4 * partialLayout.words * tiles;
  const rows = Math.max(1, Math.min(capacityRows, Math.floor(maxPartialsBytes / rowBytes)));
  const logitsRows = logitsChunk(vocabulary, capacityRows);
  return {
    tiles,
    rows,
    partialsBytes: rows * rowBytes,
    divergenceBytes: 4 * divergencePartLayout.words * tiles * rows,
    logitsRows,
    logitsBytes: 4 * logitsRows * vocabulary,
  };
}

/** A range [first, limit) of the wanted rows of a pass. */
export interface Chunk {
  readonly first: number;
  readonly limit: number;
}

/** The number of a chunk's rows in a pass with `rows` wanted rows. */
export const chunkRows = ({ first, limit }: Chunk, rows: number) =>
  Math.max(0, Math.min(rows, limit) - first);

/** Divides `rows` rows into chunks of `length` rows; the last chunk may be shorter. */
export function chunksOf(rows: number, length: number): readonly Chunk[] {
  return Array.from({ length: Math.ceil(rows / length) }, (_, index) => {
    return { first: index * length, limit: Math.min(rows, (index + 1) * length) };
  });
}
