/** A matrix of weights as ops see it: rows of f32, whatever memory keeps. */
import { dtypeBytes, type QuantizedDType } from "../../core/tensor/index.ts";
import { blockFormats } from "../../core/weights/blocks.ts";
import type { RowsInF32 } from "./cacheRows.ts";

export interface WeightRows {
  readonly columns: number;
  /** The most rows that one read gives. */
  readonly maxRows: number;
  /** Rows [start, end), until the next read of any weight. */
  read(start: number, end: number): RowsInF32;
}

export function weightRowsOfF32(data: Float32Array, columns: number): WeightRows {
  return { columns, maxRows: Infinity, read: (start) => ({ data, at: start * columns }) };
}

/** @param scratch room for one row at least; as many rows as it has room for are converted at a time */
export function weightRowsOfBlocks(
  bytes: Uint8Array,
  dtype: QuantizedDType,
  columns: number,
  scratch: Float32Array,
): WeightRows {
  const rowBytes = dtypeBytes(dtype, columns);
  const { dequantize } = blockFormats[dtype];
  return {
    columns,
    maxRows: Math.floor(scratch.length / columns),
    read: (start, end) => {
      dequantize(bytes.subarray(start * rowBytes, end * rowBytes), scratch, 0);
      return { data: scratch, at: 0 };
    },
  };
}
