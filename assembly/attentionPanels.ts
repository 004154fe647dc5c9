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

/** Keys to panels [width][8]; a panel that has fewer keys gets zeros. */
export function packKeys(row: i32, count: i32, kvHead: i32, out: usize): void {
  const width = job.width;
  const shift: usize = job.cacheDType == DType.f32 ? 2 : 1;
  const rowBytes = <usize>(job.kvHeads * width) << shift;
  const first = poolAt(job.keys, row, kvHead, shift);
  for (let key = 0; key < count; key += 4) {
    const from = first + <usize>key * rowBytes;
    const to = out + (<usize>(key >> 3) * <usize>width << 5) + (<usize>(key & 4) << 2);
    const left = count - key;
    let k = 0;
    if (left >= 4) {
      for (; k < (width & ~3); k += 4) {
        const at = from + (<usize>k << shift);
        const a = poolLoad4(at);
        const b = poolLoad4(at + rowBytes);
        const c = poolLoad4(at + 2 * rowBytes);
        const d = poolLoad4(at + 3 * rowBytes);
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
        const value = lane < left ? poolLoad(from + <usize>lane * rowBytes + (<usize>k << shift)) : 0;
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
export function packValues(row: i32, count: i32, kvHead: i32, out: usize): void {
  const width = job.width;
  const shift: usize = job.cacheDType == DType.f32 ? 2 : 1;
  const rowBytes = <usize>(job.kvHeads * width) << shift;
  let from = poolAt(job.values, row, kvHead, shift);
  for (let key = 0; key < count; key++, from += rowBytes) {
    let to = out + (<usize>key << 5);
    let k = 0;
    for (; k + 8 <= width; k += 8, to += <usize>chunk << 5) {
      v128.store(to, poolLoad4(from + (<usize>k << shift)));
      v128.store(to, poolLoad4(from + (<usize>(k + 4) << shift)), 16);
    }
    for (; k < width; k++, to += 4) store<f32>(to, poolLoad(from + (<usize>k << shift)));
  }
}
