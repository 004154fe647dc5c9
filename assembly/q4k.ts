/**
 * Panels of Q4_K: the numbers in four bits (nibbles.ts), then for each block of 256 columns `d` and `dMin` in f16, [2][8], and
 * the bytes with the scales and minimums of its groups of 32, [12][8].
 */
import { f16ToF32x4 } from "./half";
import { packHalves } from "./halves";
import { nibbleBlockBytes, packNibbles, unpackNibbles } from "./nibbles";
import { stagingAddress } from "./places";

const factorBytes: usize = 128;

export function packQ4K(panel: usize, lane: i32, rows: i32, columns: i32, from: usize, stride: usize): void {
  let factors = panel + (<usize>columns << 2);
  for (const end = factors; panel < end; from += 144, factors += factorBytes) {
    for (let group: usize = 0; group < 8; group++, panel += nibbleBlockBytes) {
      for (let r: usize = 0; r < <usize>rows; r++) {
        const at = from + r * stride + 16 + ((group >> 1) << 5);
        const to = stagingAddress + (r << 5);
        const shift = <i32>(group & 1) << 2;
        v128.store(to, v128.and(i8x16.shr_u(v128.load(at), shift), i8x16.splat(15)));
        v128.store(to, v128.and(i8x16.shr_u(v128.load(at, 16), shift), i8x16.splat(15)), 16);
      }
      packNibbles(panel, lane, rows);
    }
    packHalves(factors, lane, rows, 2, from, stride);
    for (let r: usize = 0; r < <usize>rows; r++) {
      const to = factors + 32 + <usize>lane + r;
      for (let k: usize = 0; k < 12; k++) store<u8>(to + (k << 3), load<u8>(from + r * stride + 4 + k));
    }
  }
}

/** @param minimums of each block, with a minus sign */
export function unpackQ4K(
  panel: usize,
  columns: i32,
  start: i32,
  count: i32,
  out: usize,
  scales: usize,
  minimums: usize,
): void {
  unpackNibbles(panel + (<usize>start << 2), count, out);
  let factors = panel + (<usize>columns << 2) + <usize>(start / 256) * factorBytes;
  for (const end = factors + <usize>(count / 256) * factorBytes; factors < end; factors += factorBytes) {
    const d = v128.load_ext<u16>(factors);
    const d2 = v128.load_ext<u16>(factors, 8);
    const dMin = v128.load_ext<u16>(factors, 16);
    const dMin2 = v128.load_ext<u16>(factors, 24);
    for (let group: usize = 0; group < 8; group++, scales += 32, minimums += 32) {
      putFactors(scaleOf(factors + 32, group), f16ToF32x4(d), f16ToF32x4(d2), scales);
      const minimum = minimumOf(factors + 32, group);
      putFactors(minimum, f32x4.neg(f16ToF32x4(dMin)), f32x4.neg(f16ToF32x4(dMin2)), minimums);
    }
  }
}

/** Byte k of the eight rows. */
@inline
function bytesOf(at: usize, k: usize): v128 {
  return v128.load_ext<u8>(at + (k << 3));
}

/**
 * The 6-bit scales of a group. Groups 0 to 3 have theirs in the lower six bits of bytes 0 to 3; groups 4 to 7 have the lower
 * four bits in bytes 8 to 11, and the upper two above those of the group four before. Minimums alike: see core/weights/q4k.ts.
 */
@inline
function scaleOf(at: usize, group: usize): v128 {
  if (group < 4) return v128.and(bytesOf(at, group), i16x8.splat(63));
  const upper = i16x8.shl(i16x8.shr_u(bytesOf(at, group - 4), 6), 4);
  return v128.or(v128.and(bytesOf(at, group + 4), i16x8.splat(15)), upper);
}

@inline
function minimumOf(at: usize, group: usize): v128 {
  if (group < 4) return v128.and(bytesOf(at, group + 4), i16x8.splat(63));
  const upper = i16x8.shl(i16x8.shr_u(bytesOf(at, group), 6), 4);
  return v128.or(i16x8.shr_u(bytesOf(at, group + 4), 4), upper);
}

/** Eight integers times eight numbers. */
@inline
function putFactors(factors: v128, low: v128, high: v128, to: usize): void {
  v128.store(to, f32x4.mul(low, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(factors))));
  v128.store(to, f32x4.mul(high, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(factors))), 16);
}
