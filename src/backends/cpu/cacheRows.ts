/** A layer's keys or values as ops see them: rows of f32, whatever the pool keeps. */
import { f16Values, f32ToF16 } from "../../core/tensor/index.ts";

/** Rows as f32: those of the pool itself, or a copy that lasts until the next one is asked for. */
export interface RowsInF32 {
  readonly data: Float32Array;
  /** Where the first row begins. */
  readonly at: number;
}

export interface CacheRows {
  readonly positions: number;
  /** Rows [start, end) of the pool. */
  read(start: number, end: number): RowsInF32;
  /** Lets `fill` write rows [start, end) to where it is told. */
  write(start: number, end: number, fill: (to: RowsInF32) => void): void;
}

/** @param width elements a row */
export function rowsOfF32(pool: Float32Array, width: number): CacheRows {
  const rows = (start: number) => ({ data: pool, at: start * width });
  return { positions: pool.length / width, read: rows, write: (start, _, fill) => fill(rows(start)) };
}

/** The largest finite f16: what is beyond it is kept as that, and not as infinity. */
const highest = 0x7bff;
const infinite = 0x7c00;

/** @param scratch room for all rows in f32, shared with others that are not in use at the same time */
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
