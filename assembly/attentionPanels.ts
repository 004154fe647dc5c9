/** Keys and values of the pool to panels, a chunk at a time. */
import { chunk, job } from "./attentionJob";
import { DType } from "./dtype";
import { f16ToF32, f16ToF32x4 } from "./half";

/** Address of a head's part of a row of the pool. */
@inline
function poolAt(pool: usize, row: i32, kvHead: i32, shift: usize): usize {
  return pool + ((<usize>row * <usize>(job.kvHeads * job.width) + <usize>(kvHead * job.width)) << shift);
}

/** Four numbers of the pool in f32. */
@inline
function poolLoad4(at: usize): v128 {
  return job.cacheDType == DType.f32 ? v128.load(at) : f16ToF32x4(v128.load_ext<u16>(at));
}
@inline
function poolLoad(at: usize): f32 {
  return job.cacheDType == DType.f32 ? load<f32>(at) : f16ToF32(load<u16>(at));
}

/** Where a row of the pool is read: one of `count` rows from `first` on is that `distance` behind it. */
@inline
function placeOf(row: i32, first: i32, count: i32, distance: i32): i32 {
  return <u32>(row - first) < <u32>count ? row + distance : row;
}

/** Keys to panels [width][8]; a panel that has fewer keys gets zeros. */
export function packKeys(
  row: i32,
  count: i32,
  kvHead: i32,
  out: usize,
  replaced: i32,
  replacedCount: i32,
  distance: i32,
): void {
  const width = job.width;
  const shift: usize = job.cacheDType == DType.f32 ? 2 : 1;
  for (let key = 0; key < count; key += 4) {
    // Where a panel has fewer keys, the addresses behind them are not read.
    const a0 = poolAt(job.keys, placeOf(row + key, replaced, replacedCount, distance), kvHead, shift);
    const b0 = poolAt(job.keys, placeOf(row + key + 1, replaced, replacedCount, distance), kvHead, shift);
    const c0 = poolAt(job.keys, placeOf(row + key + 2, replaced, replacedCount, distance), kvHead, shift);
    const d0 = poolAt(job.keys, placeOf(row + key + 3, replaced, replacedCount, distance), kvHead, shift);
    const to = out + (<usize>(key >> 3) * <usize>width << 5) + (<usize>(key & 4) << 2);
    const left = count - key;
    let k = 0;
    if (left >= 4) {
      for (; k < (width & ~3); k += 4) {
        const at = <usize>k << shift;
        const a = poolLoad4(a0 + at);
        const b = poolLoad4(b0 + at);
        const c = poolLoad4(c0 + at);
        const d = poolLoad4(d0 + at);
        const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
        const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
        const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
        const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
        const panel = to + (<usize>k << 5);
        v128.store(panel, v128.shuffle<i64>(ab, cd, 0, 2));
        v128.store(panel, v128.shuffle<i64>(ab, cd, 1, 3), 32);
        v128.store(panel, v128.shuffle<i64>(ab2, cd2, 0, 2), 64);
        v128.store(panel, v128.shuffle<i64>(ab2, cd2, 1, 3), 96);
      }
    }
    for (; k < width; k++) {
      for (let lane = 0; lane < 4; lane++) {
        const from = lane == 0 ? a0 : lane == 1 ? b0 : lane == 2 ? c0 : d0;
        const value = lane < left ? poolLoad(from + (<usize>k << shift)) : 0;
        store<f32>(to + (<usize>k << 5) + (<usize>lane << 2), value);
      }
    }
  }
  const rest = count & 7;
  if (rest == 0 || rest > 4) return;
  // The last panel has keys in its first half only.
  const half = out + (<usize>(count >> 3) * <usize>width << 5) + 16;
  for (let k: usize = 0; k < <usize>width; k++) v128.store(half + (k << 5), i32x4.splat(0));
}

/** Values to panels [keys][8]. */
export function packValues(
  row: i32,
  count: i32,
  kvHead: i32,
  out: usize,
  replaced: i32,
  replacedCount: i32,
  distance: i32,
): void {
  const width = job.width;
  const shift: usize = job.cacheDType == DType.f32 ? 2 : 1;
  for (let key = 0; key < count; key++) {
    const from = poolAt(job.values, placeOf(row + key, replaced, replacedCount, distance), kvHead, shift);
    let to = out + (<usize>key << 5);
    let k = 0;
    for (; k + 8 <= width; k += 8, to += <usize>chunk << 5) {
      v128.store(to, poolLoad4(from + (<usize>k << shift)));
      v128.store(to, poolLoad4(from + (<usize>(k + 4) << shift)), 16);
    }
    for (; k < width; k++, to += 4) store<f32>(to, poolLoad(from + (<usize>k << shift)));
  }
}
