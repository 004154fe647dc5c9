/**
 * Weights in memory: panels of eight rows, which are eight columns of a product. Numbers keep their stored bits.
 * - f32, f16, bf16: [columns][8].
 * - q8_0: the bytes of all blocks, [columns / 2][8][2], then their scales in f16, [blocks][8].
 * A weight can be a stack of matrices, each of which starts with a panel of its own.
 */
import { blockElements, DType } from "./dtype";
import { bf16ToF32x4, f16ToF32, f16ToF32x4 } from "./half";

/** Rows of a panel. */
export const panelRows: i32 = 8;

/** Bytes of a panel. */
@inline
export function panelBytes(dtype: i32, columns: i32): usize {
  if (dtype == DType.q8_0) return <usize>(columns / blockElements) * 272;
  return <usize>columns << (dtype == DType.f32 ? 5 : 4);
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
  const bytes = panelBytes(dtype, columns);
  const panels = (matrixRows + panelRows - 1) / panelRows;
  const unitBytes: usize = dtype == DType.f32 ? 4 : 2;
  const rowBytes = dtype == DType.q8_0 ? <usize>(columns / blockElements) * 34 : <usize>columns * unitBytes;
  const last = row + count;
  while (row < last) {
    const matrix = row / matrixRows;
    const inMatrix = row - matrix * matrixRows;
    const lane = inMatrix % panelRows;
    const panel = weight + <usize>(matrix * panels + inMatrix / panelRows) * bytes;
    const whole = lane == 0 && row + panelRows <= last && inMatrix + panelRows <= matrixRows;
    const rows = whole ? panelRows : 1;
    if (dtype == DType.q8_0) packBlocks(panel, lane, rows, columns / blockElements, from);
    else if (dtype == DType.f32) packWords(panel, lane, rows, columns, from);
    else packHalves(panel, lane, rows, columns, from, rowBytes);
    row += rows;
    from += <usize>rows * rowBytes;
  }
}

function packWords(panel: usize, lane: i32, rows: i32, columns: i32, from: usize): void {
  for (let r = 0; r < rows; r++) {
    let to = panel + (<usize>(lane + r) << 2);
    for (let k = 0; k < columns; k++, from += 4, to += 32) store<u32>(to, load<u32>(from));
  }
}

/** Rows of 16-bit units, `stride` bytes apart, to [units][8]. */
function packHalves(panel: usize, lane: i32, rows: i32, units: i32, from: usize, stride: usize): void {
  let start = 0;
  if (rows == panelRows) {
    start = units & ~7;
    for (let k = 0; k < start; k += 8) transpose8(from + (<usize>k << 1), stride, panel + (<usize>k << 4));
  }
  for (let r = 0; r < rows; r++) {
    const row = from + <usize>r * stride;
    const to = panel + (<usize>(lane + r) << 1);
    for (let k = start; k < units; k++) store<u16>(to + (<usize>k << 4), load<u16>(row + (<usize>k << 1)));
  }
}

/** Blocks of q8_0: an f16 scale and 32 bytes, whose pairs are 16-bit units. */
function packBlocks(panel: usize, lane: i32, rows: i32, blocks: i32, from: usize): void {
  const scales = panel + (<usize>blocks << 8);
  const stride = <usize>blocks * 34;
  for (let block = 0; block < blocks; block++) {
    const at = from + <usize>block * 34;
    packHalves(panel + (<usize>block << 8), lane, rows, 16, at + 2, stride);
    packHalves(scales + (<usize>block << 4), lane, rows, 1, at, stride);
  }
}

/** The transpose of 8 × 8 units of 16 bits. */
@inline
function transpose8(from: usize, stride: usize, to: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + stride);
  const c = v128.load(from + 2 * stride);
  const d = v128.load(from + 3 * stride);
  const e = v128.load(from + 4 * stride);
  const f = v128.load(from + 5 * stride);
  const g = v128.load(from + 6 * stride);
  const h = v128.load(from + 7 * stride);
  const ab = v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  const cd = v128.shuffle<i16>(c, d, 0, 8, 1, 9, 2, 10, 3, 11);
  const ef = v128.shuffle<i16>(e, f, 0, 8, 1, 9, 2, 10, 3, 11);
  const gh = v128.shuffle<i16>(g, h, 0, 8, 1, 9, 2, 10, 3, 11);
  transpose2(ab, cd, ef, gh, to);
  const ab2 = v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  const cd2 = v128.shuffle<i16>(c, d, 4, 12, 5, 13, 6, 14, 7, 15);
  const ef2 = v128.shuffle<i16>(e, f, 4, 12, 5, 13, 6, 14, 7, 15);
  const gh2 = v128.shuffle<i16>(g, h, 4, 12, 5, 13, 6, 14, 7, 15);
  transpose2(ab2, cd2, ef2, gh2, to + 64);
}

/** Four columns, of which each vector holds two rows in turns. */
@inline
function transpose2(ab: v128, cd: v128, ef: v128, gh: v128, to: usize): void {
  const abcd = v128.shuffle<i32>(ab, cd, 0, 4, 1, 5);
  const efgh = v128.shuffle<i32>(ef, gh, 0, 4, 1, 5);
  v128.store(to, v128.shuffle<i64>(abcd, efgh, 0, 2));
  v128.store(to, v128.shuffle<i64>(abcd, efgh, 1, 3), 16);
  const abcd2 = v128.shuffle<i32>(ab, cd, 2, 6, 3, 7);
  const efgh2 = v128.shuffle<i32>(ef, gh, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(abcd2, efgh2, 0, 2), 32);
  v128.store(to, v128.shuffle<i64>(abcd2, efgh2, 1, 3), 48);
}

/** Columns [start, start + count) of a panel that is not quantized, in f32: [count][8]. */
export function widenPanel(dtype: i32, panel: usize, start: i32, count: i32, out: usize): void {
  let at = panel + (<usize>start << 4);
  const end = at + (<usize>count << 4);
  if (dtype == DType.f16) {
    for (; at < end; at += 16, out += 32) {
      v128.store(out, f16ToF32x4(v128.load_ext<u16>(at)));
      v128.store(out, f16ToF32x4(v128.load_ext<u16>(at, 8)), 16);
    }
  } else {
    for (; at < end; at += 16, out += 32) {
      v128.store(out, bf16ToF32x4(v128.load_ext<u16>(at)));
      v128.store(out, bf16ToF32x4(v128.load_ext<u16>(at, 8)), 16);
    }
  }
}

/** The scales of a panel of q8_0 in f32: [blocks][8]. */
export function widenScales(panel: usize, blocks: i32, out: usize): void {
  widenPanel(DType.f16, panel + (<usize>blocks << 8), 0, blocks, out);
}

/** A row of a matrix in f32. */
export function readWeightRow(dtype: i32, weight: usize, columns: i32, row: i32, out: usize): void {
  const panel = weight + <usize>(row / panelRows) * panelBytes(dtype, columns);
  const lane = <usize>(row % panelRows);
  if (dtype == DType.q8_0) return readBlocks(panel, lane, columns / blockElements, out);
  const end = out + (<usize>columns << 2);
  if (dtype == DType.f32) {
    for (let at = panel + (lane << 2); out < end; at += 32, out += 4) store<f32>(out, load<f32>(at));
  } else if (dtype == DType.f16) {
    for (let at = panel + (lane << 1); out < end; at += 16, out += 4) store<f32>(out, f16ToF32(load<u16>(at)));
  } else {
    for (let at = panel + (lane << 1); out < end; at += 16, out += 4) store<u32>(out, <u32>load<u16>(at) << 16);
  }
}

function readBlocks(panel: usize, lane: usize, blocks: i32, out: usize): void {
  const scales = panel + (<usize>blocks << 8) + (lane << 1);
  let at = panel + (lane << 1);
  for (let block = 0; block < blocks; block++) {
    const scale = f16ToF32(load<u16>(scales + (<usize>block << 4)));
    for (let pair = 0; pair < 16; pair++, at += 16, out += 8) {
      store<f32>(out, scale * <f32>load<i8>(at));
      store<f32>(out, scale * <f32>load<i8>(at, 1), 4);
    }
  }
}
