/** Panels of weights, and the memory in which a thread unpacks some of their columns. */
import { DType, isQuantized } from "./dtype";

/** Rows of a panel. */
export const panelRows: i32 = 8;

/** Columns that are unpacked at a time: their numbers stay in the first cache. Blocks of every type are whole ones of them. */
@inline
export function columnsAtOnce(dtype: i32): i32 {
  // Numbers of Q8_0 are read in place, so there is no other reason to divide a row.
  if (dtype == DType.q8_0) return mostColumns;
  return isQuantized(dtype) ? 512 : 256;
}

const mostColumns: i32 = 2048;
const numberBytes: usize = 8192;

/** Where the scales of unpacked columns begin, and their minimums, each [columns / 32][8]. */
export const scalesPlace: usize = numberBytes;
export const minimumsPlace: usize = numberBytes + 2048;
/** Bytes of unpacked columns. */
export const unpackedBytes: usize = numberBytes + 2 * 2048;

/** Where the numbers of a column begin in a panel, scales and upper bits apart. */
export function numbersPlace(dtype: i32, column: i32): usize {
  if (dtype == DType.f32) return <usize>column << 5;
  if (dtype == DType.q8_0) return <usize>column << 3;
  return <usize>column << (isQuantized(dtype) ? 2 : 4);
}
