/** Panels of Q4_0: the scales of all blocks in f16, [blocks][8], then the numbers with their sign in four bits (nibbles.ts). */
import { blockElements } from "./dtype";
import { packHalves, scaleBytes, widenScales } from "./halves";
import { nibbleBlockBytes, packNibbles, unpackSignedNibbles } from "./nibbles";
import { stagingAddress } from "./places";

export function packQ4(panel: usize, lane: i32, rows: i32, columns: i32, from: usize, stride: usize): void {
  let scales = panel;
  panel += scaleBytes(columns);
  const blocks = columns / blockElements;
  for (let block = 0; block < blocks; block++, from += 18, panel += nibbleBlockBytes, scales += 16) {
    for (let r: usize = 0; r < <usize>rows; r++) {
      // A stored number is eight more than what it stands for.
      const pairs = v128.xor(v128.load(from + r * stride, 2), i8x16.splat(<i8>0x88));
      const to = stagingAddress + (r << 5);
      v128.store(to, v128.and(pairs, i8x16.splat(15)));
      v128.store(to, i8x16.shr_u(pairs, 4), 16);
    }
    packNibbles(panel, lane, rows);
    packHalves(scales, lane, rows, 1, from, stride);
  }
}

export function unpackQ4(panel: usize, columns: i32, start: i32, count: i32, out: usize, scales: usize): void {
  widenScales(panel, start, count, scales);
  unpackSignedNibbles(panel + scaleBytes(columns) + (<usize>start << 2), count, out);
}
