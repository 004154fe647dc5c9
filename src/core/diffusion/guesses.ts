/** What a step would have put at the positions that stay undecided, from the statistics that the decoder saw. */
import type { HeadRequest, RequestRows } from "../tensor/index.ts";
import type { TokenGuesses } from "./outcome.ts";

/**
 * The guesses of a pass, ascending by position.
 * @param head the request that the rows answer; undefined for a pass that decided nothing
 * @param undecided by position, 1 where a token is still to be committed
 * @param revoked positions that the step made undecided: the pass saw a token there
 */
export function guessesOf(
  head: Pick<HeadRequest, "positions"> | undefined,
  rows: RequestRows | undefined,
  undecided: Uint8Array,
  revoked: readonly number[] = [],
): TokenGuesses {
  const positions: number[] = [];
  const tokens: number[] = [];
  const confidences: number[] = [];
  for (const [index, position] of (rows ? (head?.positions ?? []) : []).entries()) {
    if (undecided[position] !== 1 || revoked.includes(position)) continue;
    const { statistics, firstRow } = rows!;
    positions.push(position);
    tokens.push(statistics.token[firstRow + index]!);
    confidences.push(statistics.confidence[firstRow + index]!);
  }
  return { positions, tokens, confidences };
}
