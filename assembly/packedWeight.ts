/**
 * Weights in memory: panels of eight rows, which are eight columns of a product. Numbers keep their stored bits: f32, f16 and
 * bf16 as [columns][8], the quantized types as their files say. A weight can be a stack of matrices, each of which starts with
 * a panel of its own.
 */
import { DType, isQuantized, rowBytes } from "./dtype";
import { packHalves } from "./halves";
import { columnsAtOnce, panelRows } from "./panel";
import { packQ4 } from "./q4";
import { packQ4K } from "./q4k";
import { packQ6K } from "./q6k";
import { packQ8 } from "./q8";
import { minimums, scales, unpackPanel } from "./unpackedPanel";

/** Bytes of a panel. */
@inline
export function panelBytes(dtype: i32, columns: i32): usize {
  return <usize>panelRows * rowBytes(dtype, columns);
}

/**
 * Writes `count` rows, which lie one after the other at `from` as they are stored, to their places.
 * @param row the first one, within the stack
 * @param matrixRows rows of each matrix of the stack
 */
export function packWeightRows(
  dtype: i32,
  weight: usize,
  matrixRows: i32,
  columns: i32,
  row: i32,
  count: i32,
  from: usize,
): void {
  const stride = rowBytes(dtype, columns);
  const bytes = panelBytes(dtype, columns);
  const panels = (matrixRows + panelRows - 1) / panelRows;
  const last = row + count;
  while (row < last) {
    const matrix = row / matrixRows;
    const inMatrix = row - matrix * matrixRows;
    const lane = inMatrix % panelRows;
    const panel = weight + <usize>(matrix * panels + inMatrix / panelRows) * bytes;
    const whole = lane == 0 && row + panelRows <= last && inMatrix + panelRows <= matrixRows;
    const rows = whole ? panelRows : 1;
    packRows(dtype, panel, lane, rows, columns, from, stride);
    row += rows;
    from += <usize>rows * stride;
  }
}

function packRows(
  dtype: i32,
  panel: usize,
  lane: i32,
  rows: i32,
  columns: i32,
  from: usize,
  stride: usize,
): void {
  switch (dtype) {
    case DType.f32:
      return packWords(panel, lane, rows, columns, from);
    case DType.q8_0:
      return packQ8(panel, lane, rows, columns, from, stride);
    case DType.q4_0:
      return packQ4(panel, lane, rows, columns, from, stride);
    case DType.q4_k:
      return packQ4K(panel, lane, rows, columns, from, stride);
    case DType.q6_k:
      return packQ6K(panel, lane, rows, columns, from, stride);
    default:
      return packHalves(panel, lane, rows, columns, from, stride);
  }
}

function packWords(panel: usize, lane: i32, rows: i32, columns: i32, from: usize): void {
  for (let r = 0; r < rows; r++) {
    let to = panel + (<usize>(lane + r) << 2);
    for (let k = 0; k < columns; k++, from += 4, to += 32) store<u32>(to, load<u32>(from));
  }
}

/** A row of a matrix in f32. */
export function readWeightRow(dtype: i32, weight: usize, columns: i32, row: i32, out: usize): void {
  const panel = weight + <usize>(row / panelRows) * panelBytes(dtype, columns);
  const lane = <usize>(row % panelRows);
  const most = columnsAtOnce(dtype);
  for (let start = 0; start < columns; start += most) {
    const count = min(most, columns - start);
    const numbers = unpackPanel(dtype, panel, columns, start, count);
    const to = out + (<usize>start << 2);
    const factor = lane << 2;
    if (dtype == DType.q8_0) readIntegers<i8>(numbers + (lane << 1), factor, false, count, to);
    else if (isQuantized(dtype)) readIntegers<i16>(numbers + (lane << 2), factor, dtype == DType.q4_k, count, to);
    else readFloats(numbers + (lane << 2), count, to);
  }
}

function readFloats(at: usize, count: i32, out: usize): void {
  for (const end = out + (<usize>count << 2); out < end; at += 32, out += 4) store<f32>(out, load<f32>(at));
}

/** @param factor offset of the row's scale and minimum among those of a block */
function readIntegers<T>(at: usize, factor: usize, hasMinimums: bool, count: i32, out: usize): void {
  for (const end = out + (<usize>count << 2); out < end; factor += 32) {
    const scale = load<f32>(scales() + factor);
    // A sum with -0 keeps every bit.
    const minimum: f32 = hasMinimums ? load<f32>(minimums() + factor) : -0.0;
    for (let pair = 0; pair < 16; pair++, at += 16 * sizeof<T>(), out += 8) {
      store<f32>(out, scale * <f32>load<T>(at) + minimum);
      store<f32>(out, scale * <f32>load<T>(at + sizeof<T>()) + minimum, 4);
    }
  }
}
