/** Log-probabilities of what a step wrote, from the statistics of its rows. */
import { DiffusionError } from "../error.ts";
import type { HeadRequest, RowStatistics, TokenLogprobs } from "../tensor/index.ts";
import type { OffsetWrites } from "./block.ts";

/** What was asked of the rows. */
export type AskedRows = Pick<HeadRequest, "positions" | "gather">;

/**
 * By write; undefined where the rows' best tokens were not asked for.
 * @param start the position of offset 0
 * @throws DiffusionError `invalid-request` if a decoder wrote a token whose logit nobody asked for
 */
export function logprobsOf(
  { offsets, tokens }: OffsetWrites,
  start: number,
  head: AskedRows,
  rows: RowStatistics,
): readonly TokenLogprobs[] | undefined {
  const { top, bestLogit } = rows;
  if (!top) return undefined;
  const rowOf = new Map(head.positions.map((position, row) => [position, row]));
  return offsets.map((offset, index) => {
    const position = start + offset;
    const row = rowOf.get(position)!;
    const token = tokens[index]!;
    // First the distance from the best logit: what tells sure from surer would be lost in a sum with it.
    const logprob = (logit: number) => logit - bestLogit[row]! - top.logSumExp[row]!;
    const logit = logitOf(token, row, head, rows);
    if (logit === undefined) {
      const message = `Cannot tell the log-probability at position ${position} as the decoder wrote a token that is neither its choice nor gathered nor among the best: found ${token}`;
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

/** A token's logit in a row, as far as it was asked for. */
function logitOf(token: number, row: number, head: AskedRows, rows: RowStatistics): number | undefined {
  const { size, tokens, logits, chosen } = rows.top!;
  if (token === rows.token[row]) return chosen[row];
  if (token === rows.best[row]) return rows.bestLogit[row];
  const gathered = head.gather?.[row]?.indexOf(token) ?? -1;
  if (gathered >= 0) return rows.gathered![row]![gathered];
  const entry = tokens.subarray(row * size, (row + 1) * size).indexOf(token);
  const logit = entry >= 0 ? logits[row * size + entry]! : -Infinity;
  return logit > -Infinity ? logit : undefined;
}
