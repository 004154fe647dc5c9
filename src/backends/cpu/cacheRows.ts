/** Keys or values of a layer as rows of f32, whatever type the pool keeps. */
import { f16Values, f32ToF16 } from "../../core/tensor/index.ts";

/** Rows of f32: those of the memory itself, or a converted copy that is valid until the next read. */
export interface RowsInF32 {
  readonly data: Float32Array;
  /** Index of the first element of the first row. */
  readonly at: number;
}

export interface CacheRows {
  readonly positions: number;
  /** Rows [start, end) of the pool. */
  read(start: number, end: number): RowsInF32;
  /** Writes rows [start, end): `fill` puts their values to the place that it gets. */
  write(start: number, end: number, fill: (to: RowsInF32) => void): void;
}

/** @param width elements of a row */
export function rowsOfF32(pool: Float32Array, width: number): CacheRows {
  const rows = (start: number) => ({ data: pool, at: start * width });
  return { positions: pool.length / width, read: rows, write: (start, _, fill) => fill(rows(start)) };
}

/** The largest finite f16; larger values are clamped to it, instead of becoming infinite. */
const highest = 0x7bff;
const infinite = 0x7c00;

/** @param scratch room for all rows in f32; may be shared with other pools that are not used at the same time */
export function rowsOfF16(pool: Uint16Array, width: number, scratch: Float32Array): CacheRows {
  const values = f16Values();
  return {
    positions: pool.length / width,
    read: (start, end) => {
      const from = start * width;
      for (let at = from; at < end * width; at++) scratch[at - from] = values[pool[at]!]!;
      return { data: scratch, at: 0 };
    },
    write: (start, end, fill) => {
      fill({ data: scratch, at: 0 });
      const from = start * width;
      for (let at = from; at < end * width; at++) {
        const bits = f32ToF16(scratch[at - from]!);
        pool[at] = (bits & 0x7fff) === infinite ? bits - infinite + highest : bits;
      }
    },
  };
}
