/** Keys or values of a layer as rows of f32, whatever type the pool keeps. */
import { f16Values, f32ToF16, firstPosition, replacedKeys } from "../../core/tensor/index.ts";
import type { PlacedSpan } from "../host/pass.ts";

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

/** Rows [0, count) as the queries of a span see them: a branch has its own in place of its twins'. @param width elements of a row */
export function rowsSeenBy(span: PlacedSpan, rows: CacheRows, count: number, width: number): RowsInF32 {
  const { base } = span.memory;
  const seen = rows.read(base, base + count);
  const first = firstPosition(span);
  const replaced = Math.min(replacedKeys(span), count - first);
  if (replaced <= 0) return seen;
  const data = seen.data.slice(seen.at, seen.at + count * width);
  const own = rows.read(base + span.start, base + span.start + replaced);
  data.set(own.data.subarray(own.at, own.at + replaced * width), first * width);
  return { data, at: 0 };
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
