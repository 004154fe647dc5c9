/** The history of a position of a run: the tokens written to it, and the guesses under its mask, each with its frame. */
import type { TokenLogprobs } from "../../src/core/index.ts";
import type { CellChange } from "./frame.ts";

/** A token that was written to a position, or with `revoke` the mask that stands there again. */
export interface Write {
  /** Index of the frame that shows the token for the first time. */
  readonly frame: number;
  readonly kind: CellChange;
  readonly token: number;
  /** Undefined for a token that was filled in without a decision. */
  readonly confidence: number | undefined;
  /** Of the decision; undefined unless the request asked for log-probabilities. */
  readonly logprobs: TokenLogprobs | undefined;
}

/** What a pass would have put in place of a mask. */
export interface GuessAt {
  readonly frame: number;
  readonly token: number;
  readonly confidence: number;
}

/** What a recording keeps of a position. */
export interface PositionRecord {
  /** The first frame with the position: later ones are appended by an answer that goes on. */
  readonly since: number;
  readonly isUndecided: boolean;
  readonly startToken: number;
  readonly writes: Write[];
  readonly guesses: GuessAt[];
}

/** The token that stands at a position after its last write, if one stands there. */
export function standing(last: Write | undefined): Write | undefined {
  return last?.kind === "revoke" ? undefined : last;
}

/** The guess under a mask: one that was made since the last token there was taken back. */
export function guessBy(
  { guesses }: PositionRecord,
  last: Write | undefined,
  frame: number,
): GuessAt | undefined {
  const guess = lastBy(guesses, frame);
  return guess && guess.frame >= (last?.frame ?? 0) ? guess : undefined;
}

/** The last entry that is not later than the frame; entries ascend by frame. */
export function lastBy<Entry extends { readonly frame: number }>(
  entries: readonly Entry[],
  frame: number,
): Entry | undefined {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.frame <= frame) low = middle + 1;
    else high = middle;
  }
  return entries[low - 1];
}
