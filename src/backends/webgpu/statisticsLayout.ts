/** How the device writes a row's statistics: one word each; shaders/include/statistics.wgsl is the other side. */
import { emptyRows, type HeadRequest, type RowStatistics } from "../../core/tensor/index.ts";
import type { PassCounts } from "./descriptor.ts";

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

/** The answers to a pass's head requests: statistics of all rows, and behind them the gathered logits. */
export function readAnswers(
  head: readonly HeadRequest[],
  words: Uint32Array,
  counts: PassCounts,
): readonly RowStatistics[] {
  const gathered = new Float32Array(words.buffer, counts.rows * statisticsBytes, counts.pairs);
  let row = 0;
  let pair = 0;
  return head.map(({ positions, divergence, gather }) => {
    const statistics = readStatistics(words, row, positions.length, divergence === true);
    row += positions.length;
    if (!gather) return statistics;
    const lists = gather.map((tokens) => {
      const list = gathered.slice(pair, pair + tokens.length);
      pair += tokens.length;
      return list;
    });
    return { ...statistics, gathered: lists };
  });
}
