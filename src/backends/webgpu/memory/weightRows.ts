/** Where the rows of a weight lie: rows of matrices are padded, and large weights are cut into shards. */
import type { WeightEntry } from "../../../core/tensor/index.ts";
import type { Shard } from "./weights.ts";

/** How many pieces a weight has that stay whole in a shard: rows, experts, or with fusedGateUp pairs of rows. */
export function unitsOf({ shape, fusedGateUp }: Pick<WeightEntry, "shape" | "fusedGateUp">): number {
  return fusedGateUp ? shape[0]! / 2 : shape[0]!;
}

export interface RowPlace {
  readonly shard: Shard;
  /** The row's index in the shard. */
  readonly target: number;
  /** How many rows from this one on lie side by side in the shard. */
  readonly run: number;
}

/** @param rows of the whole weight */
export function placeOf(
  row: number,
  rows: number,
  entry: WeightEntry,
  shards: readonly Shard[],
): RowPlace | undefined {
  const units = unitsOf(entry);
  // With fusedGateUp a shard has its rows of the first half, then those of the second.
  const half = entry.fusedGateUp && row >= units ? 1 : 0;
  const unitRows = entry.fusedGateUp ? 1 : rows / units;
  const within = row - half * units;
  const shard = shards.find(({ last }) => within < last * unitRows);
  if (!shard) return undefined;
  const target = half * (shard.last - shard.first) + within - shard.first * unitRows;
  return { shard, target, run: shard.last * unitRows - within };
}

/** Rows of `from` bytes as rows of `to` bytes, zeros behind. */
export function padRows(rows: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return rows;
  const count = rows.length / from;
  const padded = new Uint8Array(count * to);
  for (let row = 0; row < count; row++) padded.set(rows.subarray(row * from, (row + 1) * from), row * to);
  return padded;
}
