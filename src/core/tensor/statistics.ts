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

/** The most tokens that `HeadRequest.top` may ask for. */
export const maxTopTokens = 20;

/** The best tokens of rows by their logits; the mask token and forbidden ones are left out. Answers `top`. */
export interface TopTokens {
  /** Entries that a row has room for. */
  readonly size: number;
  /** [rows * size]: the best first, the lowest token on ties. An entry that does not exist has the logit minus infinity. */
  readonly tokens: Uint32Array;
  readonly logits: Float32Array;
  /** The chosen token's logit. */
  readonly chosen: Float32Array;
  /** ln of the sum of exp(logit - bestLogit): of the plain softmax, whatever `Sampling.scores` says. */
  readonly logSumExp: Float32Array;
}

/** A token's natural log-probability in the plain softmax, and the best tokens beside it, the best first. */
export interface TokenLogprobs {
  readonly logprob: number;
  readonly top: readonly { readonly token: number; readonly logprob: number }[];
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
  readonly top?: TopTokens | undefined;
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

/** Room for the best tokens of `rows` rows: none exists yet. */
export function emptyTop(rows: number, size: number): TopTokens {
  return {
    size,
    tokens: new Uint32Array(rows * size),
    logits: new Float32Array(rows * size).fill(-Infinity),
    chosen: new Float32Array(rows),
    logSumExp: new Float32Array(rows),
  };
}

/** Rows of which nothing is known yet: none is valid. */
export function emptyRows(count: number): RowStatistics {
  return { ...emptyStatistics(count), valid: new Uint8Array(count) };
}
