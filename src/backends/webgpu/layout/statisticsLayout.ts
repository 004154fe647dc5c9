/** How the device writes a row's statistics: one word each; shaders/include/statistics.wgsl is the other side. */
import {
  emptyRows,
  emptyTop,
  type HeadRequest,
  type RowStatistics,
  type TopTokens,
} from "../../../core/tensor/index.ts";
import { none, type PassCounts } from "./descriptor.ts";

export const statisticsWords = 16;
export const statisticsBytes = 4 * statisticsWords;
const choiceLogitWord = 10;

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

/** The best tokens of rows [first, first + count): they lie behind the gathered logits. */
function readTop(
  words: Uint32Array,
  first: number,
  count: number,
  size: number,
  { rows, pairs, candidateWords }: PassCounts,
): TopTokens {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  const top = emptyTop(count, size);
  for (let row = 0; row < count; row++) {
    const at = rows * statisticsWords + pairs + (first + row) * candidateWords;
    top.logSumExp[row] = floats[at]!;
    top.chosen[row] = floats[(first + row) * statisticsWords + choiceLogitWord]!;
    for (let rank = 0; rank < size; rank++) {
      const entry = at + 1 + 2 * rank;
      if (words[entry] === none) continue;
      top.tokens[row * size + rank] = words[entry]!;
      top.logits[row * size + rank] = floats[entry + 1]!;
    }
  }
  return top;
}

/** The answers to a pass's head requests: statistics of all rows, behind them gathered logits, then best tokens. */
export function readAnswers(
  head: readonly HeadRequest[],
  words: Uint32Array,
  counts: PassCounts,
): readonly RowStatistics[] {
  const gathered = new Float32Array(words.buffer, counts.rows * statisticsBytes, counts.pairs);
  let row = 0;
  let pair = 0;
  return head.map(({ positions, divergence, gather, maskToken, forbidden, top: size }) => {
    const first = row;
    const count = positions.length;
    row += count;
    const top = size === undefined ? undefined : readTop(words, first, count, size, counts);
    const statistics = { ...readStatistics(words, first, count, divergence === true), top };
    if (!gather) return statistics;
    const lists = gather.map((tokens, index) => {
      const list = gathered.slice(pair, pair + tokens.length);
      pair += tokens.length;
      const excluded = forbidden?.[index] ?? [];
      return list.map((logit, entry) => {
        const token = tokens[entry]!;
        return token === maskToken || excluded.includes(token) ? -Infinity : logit;
      });
    });
    return { ...statistics, gathered: lists };
  });
}
