/** Requests to the head: the rows of a forward pass that are wanted, and the statistics of each. */

/** Parameters of the choice of a token from a row's logits. */
export interface Sampling {
  /** At 0 the arg-max of the logits is chosen; above 0, the arg-max of logit - temperature * ln(-ln U), with U uniform. */
  readonly temperature: number;
  /** Restricts the choice to this number of best tokens; 0 is off. */
  readonly topK: number;
  /** Restricts the choice to the smallest set of best tokens whose tempered probabilities sum to this; 1 is off. */
  readonly topP: number;
  /**
   * Restricts the choice to tokens whose tempered probability is at least this fraction of the highest one; 0 (the default) is
   * off. Source: min-p sampling (arXiv 2407.01082), applied after the temperature.
   */
  readonly minP?: number;
  /** Seed of the counter-based random generator: an unsigned 32-bit integer. */
  readonly seed: number;
  /** Chooses the arg-max of the logits at any temperature. */
  readonly greedy?: boolean;
  /**
   * The distribution of the statistics: `raw` (the default) is the plain softmax; `sampling` is the distribution that tokens
   * are drawn from, with temperature (0 counts as 1), topK, topP and minP.
   */
  readonly confidenceFrom?: "raw" | "sampling";
}

/** The lowest logit that `minP` admits, relative to the best logit, as f32; minus infinity if `minP` is off. */
export function minPFloor({ temperature, minP = 0 }: Sampling): number {
  return Math.fround((temperature || 1) * Math.log(minP));
}

/** A request for the statistics of some rows of one span. */
export interface HeadRequest {
  /** Index of the span in the pass. */
  readonly span: number;
  /** The positions to predict, ascending; of a shadow or a branch, those that the span stands for. */
  readonly positions: readonly number[];
  /** Row p - shift predicts position p; row 0 predicts position 0. */
  readonly shift: number;
  /** The token that is excluded: its logit counts as minus infinity. -1 excludes none. */
  readonly maskToken: number;
  /** Further excluded tokens, one list per position. */
  readonly forbidden?: readonly (readonly number[])[] | undefined;
  readonly sampling: Sampling;
  /** Decode steps of the sequence so far: part of the random generator's counter. */
  readonly step: number;
  /**
   * Classifier-free guidance: the index of a second span with the same positions and no prompt. The hidden states become
   * u + (scale + 1)(c - u), with u from the second span and c from the first.
   */
  readonly guidance?: { readonly span: number; readonly scale: number } | undefined;
  /** Tokens whose logits are wanted, one list per position. Excluded tokens have the logit minus infinity. */
  readonly gather?: readonly (readonly number[])[] | undefined;
  /** Number of top tokens to return for every row, with the log-sum-exp to normalise them; at most `maxTopTokens`. */
  readonly top?: number | undefined;
  /** Returns the KL divergence from the previous step's distribution. Keeps the rows' final hidden states for the next step. */
  readonly divergence?: boolean | undefined;
  /**
   * Returns the attention among the rows, averaged over all heads and over this number of the model's last layers. With guidance,
   * of the first span.
   */
  readonly couplings?: number | undefined;
  /** Returns all logits of every row. For debugging only, as it transfers the whole vocabulary per row. */
  readonly logits?: boolean | undefined;
  /**
   * Computes softmax(logits) times the embedding for `SlotChange.softEmbeddings`: over all tokens (`exact`), or over this
   * number of best tokens, renormalised.
   */
  readonly mixture?: "exact" | number | undefined;
}
