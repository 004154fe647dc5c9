/** Panels of 16-bit units, [columns][8]: f16, bf16, and pairs of bytes of quantized types. */
import { blockElements, DType } from "./dtype";
import { bf16ToF32x4, f16ToF32x4 } from "./half";
import { panelRows } from "./panel";
import { transpose8 } from "./transpose";

/** Writes rows of units, `stride` bytes apart, to lanes [lane, lane + rows) of a panel. */
export function packHalves(panel: usize, lane: i32, rows: i32, units: i32, from: usize, stride: usize): void {
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

/** Units in f32. */
export function widenHalves(dtype: i32, from: usize, units: i32, out: usize): void {
  const end = from + (<usize>units << 4);
  if (dtype == DType.f16) {
    for (; from < end; from += 16, out += 32) {
      v128.store(out, f16ToF32x4(v128.load_ext<u16>(from)));
      v128.store(out, f16ToF32x4(v128.load_ext<u16>(from, 8)), 16);
    }
  } else {
    for (; from < end; from += 16, out += 32) {
      v128.store(out, bf16ToF32x4(v128.load_ext<u16>(from)));
      v128.store(out, bf16ToF32x4(v128.load_ext<u16>(from, 8)), 16);
    }
  }
}

/** Bytes of the scales of a panel in f16, [blocks][8]. */
@inline
export function scaleBytes(columns: i32): usize {
  return <usize>(columns / blockElements) << 4;
}

/** Widens scales in f16, [blocks][8], of columns [start, start + count). */
@inline
export function widenScales(from: usize, start: i32, count: i32, out: usize): void {
  widenHalves(DType.f16, from + (<usize>(start / blockElements) << 4), count / blockElements, out);
}
