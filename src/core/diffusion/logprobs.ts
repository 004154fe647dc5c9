/** Computes the log-probabilities of the tokens that a step wrote from the statistics of their rows. */
import { DiffusionError } from "../error.ts";
import { gatheredLogits, type HeadRequest, type RequestRows, type TokenLogprobs } from "../tensor/index.ts";
import type { OffsetWrites } from "./block.ts";

/** The head request that the statistics answer. */
export type RequestedRows = Pick<HeadRequest, "positions" | "gather" | "top">;

/** A head request, and the rows that answer it. */
export interface AnsweredRows {
  readonly head: RequestedRows;
  readonly rows: RequestRows;
}

/**
 * The log-probabilities of each write; undefined if the head request does not have `top`.
 * @param start the position of offset 0
 * @throws DiffusionError `invalid-request` if a decoder wrote a token whose logit was not requested
 */
export function logprobsOf(
  { offsets, tokens }: Pick<OffsetWrites, "offsets" | "tokens">,
  start: number,
  { head, rows }: AnsweredRows,
): readonly TokenLogprobs[] | undefined {
  const { top, bestLogit } = rows.statistics;
  if (head.top === undefined || !top) return undefined;
  const indexOf = new Map(head.positions.map((position, index) => [position, index]));
  return offsets.map((offset, write) => {
    const position = start + offset;
    const index = indexOf.get(position)!;
    const row = rows.firstRow + index;
    const token = tokens[write]!;
    // The small difference is computed first: adding the log-sum-exp to a logit first would round the difference away.
    const logprob = (logit: number) => logit - bestLogit[row]! - top.logSumExp[row]!;
    const logit = logitOf(token, index, head, rows);
    if (logit === undefined) {
      const message = `Cannot report the log-probability at position ${position} as the decoder must write the view's token, a gathered token or one of the best: found ${token}`;
      throw new DiffusionError("invalid-request", message);
    }
    const entries = Array.from({ length: top.size }, (_, rank) => row * top.size + rank);
    return {
      logprob: logprob(logit),
      top: entries
        .filter((entry) => top.logits[entry]! > -Infinity)
        .map((entry) => ({ token: top.tokens[entry]!, logprob: logprob(top.logits[entry]!) })),
    };
  });
}

/** The logit of a token in row `index` of the head request; undefined if the statistics do not have it. */
function logitOf(
  token: number,
  index: number,
  head: RequestedRows,
  { statistics, firstRow }: RequestRows,
): number | undefined {
  const row = firstRow + index;
  const { size, tokens, logits, chosen } = statistics.top!;
  if (token === statistics.token[row]) return chosen[row];
  if (token === statistics.best[row]) return statistics.bestLogit[row];
  const gathered = head.gather?.[index]?.indexOf(token) ?? -1;
  if (gathered >= 0) return gatheredLogits(statistics.gathered!, row)[gathered];
  const entry = tokens.subarray(row * size, (row + 1) * size).indexOf(token);
  const logit = entry >= 0 ? logits[row * size + entry]! : -Infinity;
  return logit > -Infinity ? logit : undefined;
}
