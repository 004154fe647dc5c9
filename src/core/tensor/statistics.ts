/** Statistics that the head computes from the logits of a pass's wanted rows. */
import type { HeadRequest } from "./headRequest.ts";

/** One array per statistic, indexed by row. `Sampling.confidenceFrom` names the distribution of the probabilities. */
export interface Statistics {
  /** The chosen token. */
  readonly token: Uint32Array;
  /** The chosen token's probability. */
  readonly confidence: Float32Array;
  /** The arg-max of the logits (lowest index on ties), and its logit and probability. */
  readonly best: Uint32Array;
  readonly bestLogit: Float32Array;
  readonly bestProbability: Float32Array;
  /** The second-best probability. */
  readonly secondProbability: Float32Array;
  /** Entropy in nats. */
  readonly entropy: Float32Array;
  /** ln of the sum of exp((logit - bestLogit) / temperature), with the temperature of the distribution. */
  readonly logSumExp: Float32Array;
}

/** The maximum of `HeadRequest.top`. */
export const maxTopTokens = 20;

/** The result of `HeadRequest.top`: the tokens of each row with the highest logits. Excluded tokens are not among them. */
export interface TopTokens {
  /** Entries per row: the largest `top` of the pass's head requests. */
  readonly size: number;
  /**
   * [rows * size], in descending order of logit, the lower token first on ties. Unused entries have the logit minus
   * infinity: those beyond the request's `top`, and those for which no token is left.
   */
  readonly tokens: Uint32Array;
  readonly logits: Float32Array;
  /** The chosen token's logit. */
  readonly chosen: Float32Array;
  /** ln of the sum of exp(logit - bestLogit), always of the plain softmax. */
  readonly logSumExp: Float32Array;
}

/** The result of `HeadRequest.gather`: the logits of row r are the entries [starts[r], starts[r + 1]). */
export interface GatheredLogits {
  readonly starts: Uint32Array;
  readonly logits: Float32Array;
}

/** Maximum rows of a head request with `couplings`: their number grows with the square. */
export const maxCoupledRows = 256;

/**
 * The result of `HeadRequest.couplings`: row r has the entries [starts[r], starts[r + 1]), one for each row of its request in
 * order. An entry is the probability with which row r attends to that row's position, averaged over heads and layers. Each softmax
 * is over all keys that row r sees, so the entries of a row sum to at most 1.
 */
export interface Couplings {
  readonly starts: Uint32Array;
  readonly values: Float32Array;
}

/** The natural log-probability of a token in the plain softmax, and those of the best tokens, best first. */
export interface TokenLogprobs {
  readonly logprob: number;
  readonly top: readonly { readonly token: number; readonly logprob: number }[];
}

/** Statistics of all wanted rows of a pass: the rows of the first head request, then those of the second, and so on. */
export interface PassStatistics extends Statistics {
  /** The first row of each head request; then, as the last entry, the number of rows. */
  readonly rowStarts: Uint32Array;
  /** 1 if the logits of the row are finite. Otherwise 0, and the other statistics of the row are undefined. */
  readonly valid: Uint8Array;
  /**
   * KL(this step || previous step) in nats; infinite if the previous step kept no hidden state of the row. Present if a request
   * has `divergence`.
   */
  readonly divergence: Float32Array | undefined;
  /** Present if a request has `gather`. */
  readonly gathered: GatheredLogits | undefined;
  /** Present if a request has `couplings`. */
  readonly couplings?: Couplings | undefined;
  /** [rows * vocabulary]; the rows of requests without `logits` are undefined. Present if a request has `logits`. */
  readonly logits?: Float32Array | undefined;
  /** Present if a request has `top`. */
  readonly top: TopTokens | undefined;
}

/** The rows of one head request. Row r of the request is row `firstRow + r` of the statistics. */
export interface RequestRows {
  readonly statistics: PassStatistics;
  readonly firstRow: number;
}

/** The rows of the head request `request` of the pass. */
export function rowsOf(statistics: PassStatistics, request: number): RequestRows {
  return { statistics, firstRow: statistics.rowStarts[request]! };
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

/** Allocates the statistics that these head requests ask for, except `logits`. No row is valid yet. */
export function emptyPassStatistics(
  head: readonly Pick<HeadRequest, "positions" | "divergence" | "gather" | "couplings" | "top">[],
): PassStatistics {
  const rowStarts = new Uint32Array(head.length + 1);
  let divergence = false;
  let gather = false;
  let couplings = false;
  let top: number | undefined;
  for (const [index, request] of head.entries()) {
    rowStarts[index + 1] = rowStarts[index]! + request.positions.length;
    divergence ||= request.divergence === true;
    gather ||= request.gather !== undefined;
    couplings ||= request.couplings !== undefined;
    if (request.top !== undefined) top = Math.max(top ?? 0, request.top);
  }
  const rows = rowStarts[head.length]!;
  return {
    ...emptyStatistics(rows),
    rowStarts,
    valid: new Uint8Array(rows),
    divergence: divergence ? new Float32Array(rows).fill(Infinity) : undefined,
    gathered: gather ? emptyGathered(head, rows) : undefined,
    couplings: couplings ? emptyCouplings(head, rows) : undefined,
    top: top === undefined ? undefined : emptyTop(rows, top),
  };
}

function emptyGathered(
  head: readonly Pick<HeadRequest, "positions" | "gather">[],
  rows: number,
): GatheredLogits {
  const starts = new Uint32Array(rows + 1);
  let row = 0;
  for (const { positions, gather } of head) {
    for (let index = 0; index < positions.length; index++, row++)
      starts[row + 1] = starts[row]! + (gather?.[index]?.length ?? 0);
  }
  return { starts, logits: new Float32Array(starts[rows]!) };
}

function emptyCouplings(
  head: readonly Pick<HeadRequest, "positions" | "couplings">[],
  rows: number,
): Couplings {
  const starts = new Uint32Array(rows + 1);
  let row = 0;
  for (const { positions, couplings } of head) {
    const width = couplings === undefined ? 0 : positions.length;
    for (let index = 0; index < positions.length; index++, row++) starts[row + 1] = starts[row]! + width;
  }
  return { starts, values: new Float32Array(starts[rows]!) };
}

function emptyTop(rows: number, size: number): TopTokens {
  return {
    size,
    tokens: new Uint32Array(rows * size),
    logits: new Float32Array(rows * size).fill(-Infinity),
    chosen: new Float32Array(rows),
    logSumExp: new Float32Array(rows),
  };
}

/** The couplings of a row with the rows of its request, in their order. */
export function couplingsOf({ starts, values }: Couplings, row: number): Float32Array {
  return values.subarray(starts[row]!, starts[row + 1]!);
}

/** The logits gathered for a row, in the order of its request's `gather`. */
export function gatheredLogits({ starts, logits }: GatheredLogits, row: number): Float32Array {
  return logits.subarray(starts[row]!, starts[row + 1]!);
}
