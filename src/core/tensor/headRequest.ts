/** What the head computes for the wanted rows of a forward pass. */

/** How a token is chosen from a row's logits. */
export interface Sampling {
  /** 0 takes the arg-max; above, the arg-max of logit - temperature * ln(-ln U). */
  readonly temperature: number;
  /** Only this number of best tokens may be chosen; 0 is off. */
  readonly topK: number;
  /** Only the smallest set of best tokens whose tempered probability reaches this may be chosen; 1 is off. */
  readonly topP: number;
  /**
   * Only tokens whose tempered probability is at least this share of the best one's may be chosen; 0 (the default) is off.
   * Source: min-p sampling (arXiv 2407.01082), after the temperature.
   */
  readonly minP?: number;
  /** Of the counter-based generator: an unsigned 32-bit integer. */
  readonly seed: number;
  /** Takes the arg-max at any temperature. */
  readonly greedy?: boolean;
  /**
   * Of which distribution the statistics are: the plain softmax (the default), or the one that tokens are drawn from,
   * with temperature (0 counts as 1), topK, topP and minP.
   */
  readonly confidenceFrom?: "raw" | "sampling";
}

/** How far below the best logit a token may be that `minP` lets through, as f32: minus infinity where it is off. */
export function minPFloor({ temperature, minP = 0 }: Sampling): number {
  return Math.fround((temperature || 1) * Math.log(minP));
}

/** What a step wants to know of some rows of one span. */
export interface HeadRequest {
  /** Index of the span in the step. */
  readonly span: number;
  /** The positions to be predicted, ascending. */
  readonly positions: readonly number[];
  /** A position p is predicted by the row p - shift; position 0 by its own. */
  readonly shift: number;
  /** This token's logit is minus infinity from the start; -1 excludes none. */
  readonly maskToken: number;
  /** Tokens that may not stand at a position, one list a position: excluded as the mask token is. */
  readonly forbidden?: readonly (readonly number[])[] | undefined;
  readonly sampling: Sampling;
  /** The sequence's count of decode steps: a part of the random generator's counter. */
  readonly step: number;
  /** Another span of the step, of the same positions: hidden states become u + (scale + 1)(c - u), u being that span's. */
  readonly guidance?: { readonly span: number; readonly scale: number } | undefined;
  /** Logits of these tokens, one list a position; minus infinity for what may not stand there. */
  readonly gather?: readonly (readonly number[])[] | undefined;
  /** The top-n tokens of every row, with the log-sum-exp to normalise them; at most `maxTopTokens`. */
  readonly top?: number | undefined;
  /** Keeps the rows' final hidden states, and compares with those that were kept in step - 1. */
  readonly divergence?: boolean | undefined;
  /** All logits of every row: for debugging, and far too many bytes for anything else. */
  readonly logits?: boolean | undefined;
  /** Keeps softmax(l) times the embedding for `softEmbeddings`: exact, or of this number of best tokens, renormalised. */
  readonly mixture?: "exact" | number | undefined;
}
