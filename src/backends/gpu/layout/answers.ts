/** The answers to a pass's head requests: the statistics of all rows, then gathered logits, the best tokens, and couplings. */
import { emptyPassStatistics, type HeadRequest, type PassStatistics } from "../../../core/tensor/index.ts";
import {
  candidateLayout,
  candidateListLayout,
  constants,
  floatsOf,
  statisticsLayout,
} from "../../layout/index.ts";
import type { PassCounts } from "./descriptor.ts";

export const statisticsBytes = 4 * statisticsLayout.words;

interface Answers {
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  readonly counts: PassCounts;
}

/** The statistics of a pass, from the words that the device wrote for its head requests. */
export function readStatistics(
  head: readonly HeadRequest[],
  words: Uint32Array,
  counts: PassCounts,
): PassStatistics {
  const { field } = statisticsLayout;
  const statistics = emptyPassStatistics(head);
  const floats = floatsOf(words);
  for (let row = 0; row < counts.rows; row++) {
    const at = row * statisticsLayout.words;
    statistics.token[row] = words[at + field.token]!;
    statistics.confidence[row] = floats[at + field.confidence]!;
    statistics.best[row] = words[at + field.best]!;
    statistics.bestLogit[row] = floats[at + field.bestLogit]!;
    statistics.bestProbability[row] = floats[at + field.bestProbability]!;
    statistics.secondProbability[row] = floats[at + field.secondProbability]!;
    statistics.entropy[row] = floats[at + field.entropy]!;
    statistics.logSumExp[row] = floats[at + field.logSumExp]!;
    statistics.valid[row] = words[at + field.valid]!;
  }
  const answers = { words, floats, counts };
  for (const [index, request] of head.entries()) {
    const firstRow = statistics.rowStarts[index]!;
    if (request.divergence) readDivergence(request, firstRow, answers, statistics);
    if (request.gather) readGathered(request, firstRow, answers, statistics);
    if (request.top !== undefined) readTop(request, firstRow, answers, statistics);
  }
  // They stand request by request and row by row there too.
  const couplingsAt = counts.rows * (statisticsLayout.words + counts.candidateWords) + counts.pairs;
  statistics.couplings?.values.set(floats.subarray(couplingsAt, couplingsAt + counts.couplings));
  return statistics;
}

function readDivergence(
  { positions }: HeadRequest,
  firstRow: number,
  { floats }: Answers,
  { divergence }: PassStatistics,
): void {
  for (let row = firstRow; row < firstRow + positions.length; row++)
    divergence![row] = floats[row * statisticsLayout.words + statisticsLayout.field.divergence]!;
}

/** The device lists gathered logits as `PassStatistics` does, but gathers those of excluded tokens too. */
function readGathered(
  { gather, maskToken, forbidden }: HeadRequest,
  firstRow: number,
  { floats, counts }: Answers,
  { gathered }: PassStatistics,
): void {
  const { starts, logits } = gathered!;
  const listsAt = counts.rows * statisticsLayout.words;
  for (const [index, tokens] of gather!.entries()) {
    const start = starts[firstRow + index]!;
    const excluded = forbidden?.[index] ?? [];
    for (const [entry, token] of tokens.entries()) {
      const isExcluded = token === maskToken || excluded.includes(token);
      logits[start + entry] = isExcluded ? -Infinity : floats[listsAt + start + entry]!;
    }
  }
}

function readTop(
  { positions, top: count }: HeadRequest,
  firstRow: number,
  { words, floats, counts }: Answers,
  statistics: PassStatistics,
): void {
  const top = statistics.top!;
  const listsAt = counts.rows * statisticsLayout.words + counts.pairs;
  for (let row = firstRow; row < firstRow + positions.length; row++) {
    const list = listsAt + row * counts.candidateWords;
    top.logSumExp[row] = floats[list + candidateListLayout.field.logSumExp]!;
    top.chosen[row] = floats[row * statisticsLayout.words + statisticsLayout.field.tokenLogit]!;
    for (let rank = 0; rank < count!; rank++) {
      const candidate = list + candidateListLayout.words + rank * candidateLayout.words;
      const token = words[candidate + candidateLayout.field.token]!;
      if (token === constants.none) continue;
      top.tokens[row * top.size + rank] = token;
      top.logits[row * top.size + rank] = floats[candidate + candidateLayout.field.logit]!;
    }
  }
}
