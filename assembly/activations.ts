/**
 * Packs the rows of a product's left side into tiles of four rows, as the microkernels read them: in f32 as [columns][4],
 * or beside quantized weights in i16 as [columns / 2][4][2], with a scale for each row and block of 32 columns, and where the
 * weights have minimums the sum of the block. A row is taken as it is, or normed or gated on the way.
 */
import { parallel, scratch } from "./control";
import { blockElements } from "./dtype";
import { gateRow } from "./gate";
import { normRow } from "./math";
import { argumentsAddress } from "./places";
import { Task } from "./task";
import { transpose4 } from "./transpose";

/** What a row is made of. */
const enum RowSource {
  plain,
  /** The RMS norm of the row. */
  normed,
  /** silu(gate) * up of a row that is twice as wide. */
  gated,
}

@unmanaged
class PackJob {
  source: i32;
  x: usize;
  /** The weight of the norm. */
  norm: usize;
  epsilon: f64;
  columns: i32;
  /** Four row numbers for each tile; negative for none. */
  from: usize;
  out: usize;
  /** [tiles][blocks][4] in f32; 0 if the tiles are in f32. */
  scales: usize;
  /** As scales; 0 for none. */
  sums: usize;
  /** The largest magnitude of integers. */
  largest: i32;
}
const job = changetype<PackJob>(argumentsAddress);

/** Packs tiles in f32. */
export function packF32(
  source: i32,
  x: usize,
  norm: usize,
  epsilon: f64,
  columns: i32,
  from: usize,
  tiles: i32,
  out: usize,
): void {
  packI16(source, x, norm, epsilon, columns, from, tiles, out, 0, 0, 0);
}

/**
 * Packs tiles in i16.
 * @param scales [tiles][blocks][4]
 * @param sums of blocks, as they are after rounding, in the same places; 0 for none
 * @param largest magnitude of the integers
 */
export function packI16(
  source: i32,
  x: usize,
  norm: usize,
  epsilon: f64,
  columns: i32,
  from: usize,
  tiles: i32,
  out: usize,
  scales: usize,
  sums: usize,
  largest: i32,
): void {
  job.source = source;
  job.x = x;
  job.norm = norm;
  job.epsilon = epsilon;
  job.columns = columns;
  job.from = from;
  job.out = out;
  job.scales = scales;
  job.sums = sums;
  job.largest = largest;
  parallel(Task.pack, tiles);
}

export function packTask(tile: i32): void {
  const columns = job.columns;
  const rowBytes = <usize>columns << 2;
  // In scratch: four rows in f32, then four in i16.
  const rows = job.from + (<usize>tile << 4);
  const a = rowOf(load<i32>(rows), scratch);
  const b = rowOf(load<i32>(rows, 4), scratch + rowBytes);
  const c = rowOf(load<i32>(rows, 8), scratch + 2 * rowBytes);
  const d = rowOf(load<i32>(rows, 12), scratch + 3 * rowBytes);
  if (job.scales == 0) return interleave(a, b, c, d, columns, job.out + <usize>tile * 4 * rowBytes);
  const words = scratch + 4 * rowBytes;
  const wordBytes = rowBytes >> 1;
  const first = <usize>tile * (<usize>(columns / blockElements) << 4);
  quantizeRow(a, columns, words, first);
  quantizeRow(b, columns, words + wordBytes, first + 4);
  quantizeRow(c, columns, words + 2 * wordBytes, first + 8);
  quantizeRow(d, columns, words + 3 * wordBytes, first + 12);
  const out = job.out + <usize>tile * 4 * wordBytes;
  interleave(words, words + wordBytes, words + 2 * wordBytes, words + 3 * wordBytes, columns >> 1, out);
}

/** The address of a row: its own, or `place`, where it is made. */
function rowOf(row: i32, place: usize): usize {
  const bytes = <usize>job.columns << 2;
  if (row < 0) {
    memory.fill(place, 0, bytes);
    return place;
  }
  const at = job.x + <usize>row * bytes;
  if (job.source == RowSource.plain) return at;
  if (job.source == RowSource.normed) normRow(at, job.norm, place, job.columns, job.epsilon);
  else {
    const gates = job.x + 2 * <usize>row * bytes;
    gateRow(gates, gates + bytes, place, job.columns);
  }
  return place;
}

/** Interleaves four rows of 32-bit units: out[unit][row]. */
function interleave(a: usize, b: usize, c: usize, d: usize, units: i32, out: usize): void {
  let at: usize = 0;
  for (const whole = <usize>(units & ~3) << 2; at < whole; at += 16, out += 64) {
    transpose4(v128.load(a + at), v128.load(b + at), v128.load(c + at), v128.load(d + at), out);
  }
  for (; at < <usize>units << 2; at += 4, out += 16) {
    store<i32>(out, load<i32>(a + at));
    store<i32>(out, load<i32>(b + at), 4);
    store<i32>(out, load<i32>(c + at), 8);
    store<i32>(out, load<i32>(d + at), 12);
  }
}

/** Integers nearest to numbers below 2^22: with 1.5 * 2^23 added, the last bits of a number are its integer part. */
@inline
function rounded(x: v128): v128 {
  return i32x4.sub(f32x4.add(x, f32x4.splat(<f32>12582912)), i32x4.splat(0x4b400000));
}

/**
 * Rounds a row to 16 bits, with a scale for each block. NaN and infinity pass into the scale, and so into every sum.
 * @param place of the row's first block among scales and sums, in bytes
 */
function quantizeRow(x: usize, columns: i32, out: usize, place: usize): void {
  const end = x + (<usize>columns << 2);
  const magnitude = i32x4.splat(0x7fffffff);
  const largest = <f32>job.largest;
  const step = <f32>1 / largest;
  for (; x < end; x += 128, out += 64, place += 16) {
    // Magnitudes as integers have the same order, and NaN is above all of them.
    let a = v128.and(v128.load(x), magnitude);
    let b = v128.and(v128.load(x, 16), magnitude);
    for (let at: usize = 32; at < 128; at += 32) {
      a = i32x4.max_s(a, v128.and(v128.load(x + at), magnitude));
      b = i32x4.max_s(b, v128.and(v128.load(x + at, 16), magnitude));
    }
    a = i32x4.max_s(a, b);
    a = i32x4.max_s(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
    a = i32x4.max_s(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2));
    const most = f32x4.extract_lane(a, 0);
    const scale = most * step;
    store<f32>(job.scales + place, scale);
    const inverse = f32x4.splat(most > 0 ? largest / most : 0);
    let sums = i32x4.splat(0);
    for (let at: usize = 0; at < 128; at += 32) {
      const low = rounded(f32x4.mul(v128.load(x + at), inverse));
      const high = rounded(f32x4.mul(v128.load(x + at, 16), inverse));
      sums = i32x4.add(sums, i32x4.add(low, high));
      v128.store(out + (at >> 1), i16x8.narrow_i32x4_s(low, high));
    }
    if (job.sums != 0) store<f32>(job.sums + place, scale * <f32>sumOf(sums));
  }
}

/** The sum of four integers. */
@inline
function sumOf(v: v128): i32 {
  const pairs = i32x4.add(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}
