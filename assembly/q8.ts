/** Panels of Q8_0: the bytes of all blocks, [columns / 2][8][2], then their scales in f16, [blocks][8]. */
import { blockElements } from "./dtype";
import { packHalves } from "./halves";

export function packQ8(panel: usize, lane: i32, rows: i32, columns: i32, from: usize, stride: usize): void {
  const scales = panel + (<usize>columns << 3);
  const blocks = columns / blockElements;
  for (let block = 0; block < blocks; block++, from += 34) {
    packHalves(panel + (<usize>block << 8), lane, rows, 16, from + 2, stride);
    packHalves(scales + (<usize>block << 4), lane, rows, 1, from, stride);
  }
}
