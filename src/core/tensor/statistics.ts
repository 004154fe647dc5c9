/** What the head says of a row's distribution over the vocabulary. */

/** What is said of every row. Probabilities are of the distribution that `Sampling.scores` names. */
export interface Statistics {
  /** The chosen token. */
  readonly token: Uint32Array;
  /** The chosen token's probability. */
  readonly confidence: Float32Array;
  /** The arg-max of the logits (lowest index on ties), its logit, its probability. */
  readonly best: Uint32Array;
  readonly bestLogit: Float32Array;
  readonly bestProbability: Float32Array;
  /** The second-best probability. */
  readonly secondProbability: Float32Array;
  /** In nats. */
  readonly entropy: Float32Array;
  /** ln of the sum of exp(logit - bestLogit), the difference divided by the distribution's temperature. */
  readonly logSumExp: Float32Array;
}

/** Statistics of a HeadRequest's rows, in the order of its positions. */
export interface RowStatistics extends Statistics {
  /** 1 where the row's logits are finite numbers; where 0, nothing else of the row means anything. */
  readonly valid: Uint8Array;
  /** Answers `divergence`: KL(now || step - 1) in nats, infinite where nothing was kept then. */
  readonly divergence?: Float32Array | undefined;
  /** Answers `gather`. */
  readonly gathered?: readonly Float32Array[] | undefined;
  /** Answers `logits`: [rows * vocabulary]. */
  readonly logits?: Float32Array | undefined;
}

/** Statistics of `count` rows, zeroed. */
export function emptyStatistics(count: number): Statistics {
  return {
    token: new Uint32Array(count),
    confidence: new Float32Array(count),
    best: new Uint32Array(count),
    bestLogit: new Float32Array(count),
    bestProbability: new Float32Array(count),
    secondProbability: new Float32Array(count),
    entropy: new Float32Array(count),
    logSumExp: new Float32Array(count),
  };
}

/** Rows of which nothing is known yet: none is valid. */
export function emptyRows(count: number): RowStatistics {
  return { ...emptyStatistics(count), valid: new Uint8Array(count) };
}
