/** How the device writes a row's statistics: one word each; shaders/include/statistics.wgsl is the other side. */
import { emptyRows, type RowStatistics } from "../../core/tensor/index.ts";

export const statisticsWords = 16;
export const statisticsBytes = 4 * statisticsWords;

/** Rows [first, first + count) of the device's statistics. */
export function readStatistics(
  words: Uint32Array,
  first: number,
  count: number,
  divergence: boolean,
): RowStatistics {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  const rows = { ...emptyRows(count), divergence: divergence ? new Float32Array(count) : undefined };
  for (let row = 0; row < count; row++) {
    const at = (first + row) * statisticsWords;
    rows.token[row] = words[at]!;
    rows.confidence[row] = floats[at + 1]!;
    rows.best[row] = words[at + 2]!;
    rows.bestLogit[row] = floats[at + 3]!;
    rows.bestProbability[row] = floats[at + 4]!;
    rows.secondProbability[row] = floats[at + 5]!;
    rows.entropy[row] = floats[at + 6]!;
    rows.logSumExp[row] = floats[at + 7]!;
    rows.valid[row] = words[at + 8]!;
    if (rows.divergence) rows.divergence[row] = floats[at + 9]!;
  }
  return rows;
}
