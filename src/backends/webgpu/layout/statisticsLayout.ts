/** How the device writes a row's statistics: one word each; shaders/include/statistics.wgsl is the other side. */
import { emptyPassStatistics, type HeadRequest, type PassStatistics } from "../../../core/tensor/index.ts";
import { none, type PassCounts } from "./descriptor.ts";

export const statisticsWords = 16;
export const statisticsBytes = 4 * statisticsWords;
const choiceLogitWord = 10;

/** What the device wrote in a pass: the statistics of all rows, then the gathered logits, then the best tokens. */
interface DeviceAnswers {
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  readonly counts: PassCounts;
}

/** The statistics of a pass from the words that the device wrote for its head requests. */
export function readStatistics(
  head: readonly HeadRequest[],
  words: Uint32Array,
  counts: PassCounts,
): PassStatistics {
  const statistics = emptyPassStatistics(head);
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  for (let row = 0; row < counts.rows; row++) {
    const at = row * statisticsWords;
    statistics.token[row] = words[at]!;
    statistics.confidence[row] = floats[at + 1]!;
    statistics.best[row] = words[at + 2]!;
    statistics.bestLogit[row] = floats[at + 3]!;
    statistics.bestProbability[row] = floats[at + 4]!;
    statistics.secondProbability[row] = floats[at + 5]!;
    statistics.entropy[row] = floats[at + 6]!;
    statistics.logSumExp[row] = floats[at + 7]!;
    statistics.valid[row] = words[at + 8]!;
  }
  const answers = { words, floats, counts };
  for (const [index, request] of head.entries()) {
    const firstRow = statistics.rowStarts[index]!;
    if (request.divergence) readDivergence(request, firstRow, answers, statistics);
    if (request.gather) readGathered(request, firstRow, answers, statistics);
    if (request.top !== undefined) readTop(request, firstRow, answers, statistics);
  }
  return statistics;
}

function readDivergence(
  { positions }: HeadRequest,
  firstRow: number,
  { floats }: DeviceAnswers,
  { divergence }: PassStatistics,
): void {
  for (let row = firstRow; row < firstRow + positions.length; row++)
    divergence![row] = floats[row * statisticsWords + 9]!;
}

/** The device lists gathered logits as `PassStatistics` does, but gathers those of excluded tokens too. */
function readGathered(
  { gather, maskToken, forbidden }: HeadRequest,
  firstRow: number,
  { floats, counts }: DeviceAnswers,
  { gathered }: PassStatistics,
): void {
  const { starts, logits } = gathered!;
  for (const [index, tokens] of gather!.entries()) {
    const start = starts[firstRow + index]!;
    const excluded = forbidden?.[index] ?? [];
    for (const [entry, token] of tokens.entries()) {
      const isExcluded = token === maskToken || excluded.includes(token);
      const logit = floats[counts.rows * statisticsWords + start + entry]!;
      logits[start + entry] = isExcluded ? -Infinity : logit;
    }
  }
}

function readTop(
  { positions, top: count }: HeadRequest,
  firstRow: number,
  { words, floats, counts }: DeviceAnswers,
  statistics: PassStatistics,
): void {
  const top = statistics.top!;
  for (let row = firstRow; row < firstRow + positions.length; row++) {
    const at = counts.rows * statisticsWords + counts.pairs + row * counts.candidateWords;
    top.logSumExp[row] = floats[at]!;
    top.chosen[row] = floats[row * statisticsWords + choiceLogitWord]!;
    for (let rank = 0; rank < count!; rank++) {
      const entry = at + 1 + 2 * rank;
      if (words[entry] === none) continue;
      top.tokens[row * top.size + rank] = words[entry]!;
      top.logits[row * top.size + rank] = floats[entry + 1]!;
    }
  }
}
