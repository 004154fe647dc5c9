/**
 * Panels of Q6_K: the lower four bits of the numbers (nibbles.ts), [columns / 4] units of 16 bytes; the upper two, [columns / 8]
 * of them; the scales of groups of 16 columns in bytes, [columns / 16][8]; and `d` of each block of 256 in f16, [blocks][8].
 *
 * In a unit of upper bits, word 2 r + e has those of columns e, e + 4, e + 2 and e + 6, each of row r below row r + 4.
 */
import { DType } from "./dtype";
import { packHalves, widenHalves } from "./halves";
import { nibbleBlockBytes, packNibbles, placeInFour, swapMiddle } from "./nibbles";
import { panelRows } from "./panel";
import { stagingAddress } from "./places";
import { transpose4 } from "./transpose";

export function packQ6K(panel: usize, lane: i32, rows: i32, columns: i32, from: usize, stride: usize): void {
  const upperBits = panel + (<usize>columns << 2);
  let upper = upperBits;
  let scales = upperBits + (<usize>columns << 1);
  let d = scales + (<usize>columns >> 1);
  for (; panel < upperBits; from += 210, scales += 128, d += 16) {
    for (let quarter: usize = 0; quarter < 8; quarter++, panel += nibbleBlockBytes, upper += 64) {
      const half = quarter >> 2;
      stage(from + (half << 6) + ((quarter & 1) << 5), <i32>(quarter & 2) << 1, 15, rows, stride);
      packNibbles(panel, lane, rows);
      stage(from + 128 + (half << 5), <i32>(quarter & 3) << 1, 3, rows, stride);
      packPairs(upper, lane, rows);
    }
    for (let r: usize = 0; r < <usize>rows; r++) {
      for (let k: usize = 0; k < 16; k++)
        store<u8>(scales + (k << 3) + <usize>lane + r, load<u8>(from + r * stride + 192 + k));
    }
    packHalves(d, lane, rows, 1, from + 208, stride);
  }
}

/** Stages 32 columns: some bits of as many bytes. */
function stage(from: usize, shift: i32, mask: i8, rows: i32, stride: usize): void {
  for (let r: usize = 0; r < <usize>rows; r++) {
    const at = from + r * stride;
    const to = stagingAddress + (r << 5);
    v128.store(to, v128.and(i8x16.shr_u(v128.load(at), shift), i8x16.splat(mask)));
    v128.store(to, v128.and(i8x16.shr_u(v128.load(at, 16), shift), i8x16.splat(mask)), 16);
  }
}

/** Writes the upper bits of 32 columns of the staged rows. */
function packPairs(to: usize, lane: i32, rows: i32): void {
  if (rows == panelRows) return transpose4(twoRows(0), twoRows(32), twoRows(64), twoRows(96), to);
  for (let r = 0; r < rows; r++) {
    const row = lane + r;
    for (let column = 0; column < 32; column++) {
      const at = to + (<usize>(column >> 3) << 4) + (<usize>(row & 3) << 2) + placeInFour(column & 3);
      const shift = <u32>((column & 4) | ((row & 4) >> 1));
      const number = <u32>load<u8>(stagingAddress + <usize>(32 * r + column));
      store<u8>(at, (<u32>load<u8>(at) & ~(<u32>3 << shift)) | (number << shift));
    }
  }
}

/** 32 columns of a staged row and of the fourth behind it: a byte has columns k and k + 4 of both. */
@inline
function twoRows(at: usize): v128 {
  const first = joined(at);
  const second = joined(at + 16);
  return swapMiddle(v128.shuffle<i32>(first, second, 0, 2, 4, 6));
}

/** 16 columns, in the lower halves of 64 bits. */
@inline
function joined(at: usize): v128 {
  const low = v128.load(stagingAddress + at);
  const both = v128.or(low, i8x16.shl(v128.load(stagingAddress + 128 + at), 2));
  return v128.or(both, i64x2.shr_u(both, 28));
}

/** The integers are numbers times the scales of their groups, up to 4096. */
export function unpackQ6K(panel: usize, columns: i32, start: i32, count: i32, out: usize, scales: usize): void {
  const upperBits = panel + (<usize>columns << 2);
  const groups = upperBits + (<usize>columns << 1);
  let lower = panel + (<usize>start << 2);
  let upper = upperBits + (<usize>start << 1);
  let group = groups + (<usize>start >> 1);
  for (const end = upper + (<usize>count << 1); upper < end; group += 8, lower += 64, upper += 32, out += 256) {
    const factors = v128.load_ext<i8>(group);
    const low = v128.shuffle<i16>(factors, factors, 0, 0, 1, 1, 2, 2, 3, 3);
    const high = v128.shuffle<i16>(factors, factors, 4, 4, 5, 5, 6, 6, 7, 7);
    unpackEight(lower, upper, low, high, out);
    unpackEight(lower + 32, upper + 16, low, high, out + 128);
  }
  let d = groups + (<usize>columns >> 1) + (<usize>(start / 256) << 4);
  for (const end = d + (<usize>(count / 256) << 4); d < end; d += 16) {
    widenHalves(DType.f16, d, 1, scales);
    for (let block: usize = 1; block < 8; block++) memory.copy(scales + (block << 5), scales, 32);
    scales += 256;
  }
}

/** Eight columns. */
@inline
function unpackEight(lower: usize, upper: usize, low: v128, high: v128, out: usize): void {
  const pairs = v128.load(upper);
  const first = v128.load(lower);
  const second = v128.load(lower, 16);
  put(out, first, i16x8.shl(pairs, 4), low);
  put(out + 16, i16x8.shr_u(first, 4), i16x8.shl(pairs, 2), high);
  put(out + 32, i16x8.shr_u(first, 8), i16x8.shr_u(pairs, 4), low);
  put(out + 48, i16x8.shr_u(first, 12), i16x8.shr_u(pairs, 6), high);
  put(out + 64, second, pairs, low);
  put(out + 80, i16x8.shr_u(second, 4), i16x8.shr_u(pairs, 2), high);
  put(out + 96, i16x8.shr_u(second, 8), i16x8.shr_u(pairs, 8), low);
  put(out + 112, i16x8.shr_u(second, 12), i16x8.shr_u(pairs, 10), high);
}

/** @param lower with the number's lower bits at the bottom @param upper with its upper bits above them */
@inline
function put(out: usize, lower: v128, upper: v128, scale: v128): void {
  const bits = v128.or(v128.and(lower, i16x8.splat(15)), v128.and(upper, i16x8.splat(0x30)));
  v128.store(out, i16x8.mul(i16x8.sub(bits, i16x8.splat(32)), scale));
}
