/** Panels of Q8_0: the scales of all blocks in f16, [blocks][8], then their bytes, [columns / 2][8][2]. */
import { blockElements } from "./dtype";
import { packHalves, scaleBytes } from "./halves";

export function packQ8(panel: usize, lane: i32, rows: i32, columns: i32, from: usize, stride: usize): void {
  const bytes = panel + scaleBytes(columns);
  const blocks = columns / blockElements;
  for (let block = 0; block < blocks; block++, from += 34) {
    packHalves(bytes + (<usize>block << 8), lane, rows, 16, from + 2, stride);
    packHalves(panel + (<usize>block << 4), lane, rows, 1, from, stride);
  }
}
