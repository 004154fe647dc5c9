/** How the rows of a weight lie on the device, and where: large weights are cut into shards. */
import { bug } from "../../../core/error.ts";
import {
  type DType,
  dtypeBytes,
  elementCount,
  isQuantized,
  type WeightEntry,
} from "../../../core/tensor/index.ts";
import type { WeightSlice } from "../../../core/weights/reads.ts";
import type { BufferRange } from "../buffer.ts";
import type { DeviceWeight, Shard } from "../deviceWeight.ts";
import { placeBlocks } from "./blockRows.ts";

/** The number of parts of a weight that no shard cuts: rows, experts, or pairs of rows with fusedGateUp. */
export function unitsOf({ shape, fusedGateUp }: Pick<WeightEntry, "shape" | "fusedGateUp">): number {
  return fusedGateUp ? shape[0]! / 2 : shape[0]!;
}

export interface RowPlace {
  readonly shard: Shard;
  /** The index of the row in the shard. */
  readonly target: number;
  /** The number of rows from this one on that are consecutive in the shard. */
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

/** Bytes of a row of a matrix on the device: a multiple of four elements, and of four bytes. */
export function deviceRowBytes(dtype: DType, columns: number): number {
  if (isQuantized(dtype)) return Math.ceil(dtypeBytes(dtype, columns) / 4) * 4;
  return dtypeBytes(dtype, Math.ceil(columns / 4) * 4);
}

/** Whether rows are on the device as they are stored. */
export function areAsStored(dtype: DType, columns: number): boolean {
  return !isQuantized(dtype) && dtypeBytes(dtype, columns) === deviceRowBytes(dtype, columns);
}

/** Stored rows as the device has them: padded with zeros; of a quantized type as `placeBlocks` arranges them. */
export function deviceRows(rows: Uint8Array, dtype: DType, columns: number): Uint8Array {
  const from = dtypeBytes(dtype, columns);
  const to = deviceRowBytes(dtype, columns);
  if (areAsStored(dtype, columns)) return rows;
  const count = rows.length / from;
  const placed = new Uint8Array(count * to);
  for (let row = 0; row < count; row++) {
    const stored = rows.subarray(row * from, (row + 1) * from);
    if (isQuantized(dtype)) placeBlocks(dtype, stored, placed.subarray(row * to, (row + 1) * to));
    else placed.set(stored, row * to);
  }
  return placed;
}

/** Bytes of consecutive rows as the device has them, and the part of a shard that they fill. */
export interface RowRange {
  /** From the first of the rows on. */
  readonly at: number;
  readonly to: BufferRange;
}

/**
 * Where whole rows go: as many at a time as lie side by side in a shard.
 * @param bytes of all rows, as the device has them
 */
export function rowRanges(
  { dtype, shards }: DeviceWeight,
  { entry, element }: WeightSlice,
  bytes: number,
): readonly RowRange[] {
  const { symbol, shape } = entry;
  const columns = shape.at(-1)!;
  const rows = elementCount(shape) / columns;
  const rowBytes = deviceRowBytes(dtype, columns);
  const ranges: RowRange[] = [];
  let row = element / columns;
  for (let at = 0; at < bytes; ) {
    const place = placeOf(row, rows, entry, shards);
    if (!place) throw bug(`Cannot load '${symbol}' as no shard has a place for row ${row} of ${rows}`);
    const { shard, target, run } = place;
    const count = Math.min(bytes - at, run * rowBytes);
    ranges.push({ at, to: { buffer: shard.buffer, offset: target * rowBytes, bytes: count } });
    at += count;
    row += count / rowBytes;
  }
  return ranges;
}
