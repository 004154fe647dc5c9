/** What the head computes from the logits of the wanted rows of a pass. */
import type { HeadRequest } from "./headRequest.ts";

/** One array per statistic. Probabilities are of the distribution that `Sampling.confidenceFrom` names. */
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

/** The maximum of `HeadRequest.top`. */
export const maxTopTokens = 20;

/** The best tokens of each row by their logits, without the mask token and forbidden tokens. Answers `HeadRequest.top`. */
export interface TopTokens {
  /** Entries of each row: the largest `top` of the pass's head requests. */
  readonly size: number;
  /**
   * [rows * size]: the best token first, the lower token on ties. Entries beyond the request's `top`, or beyond the tokens
   * that may stand at the position, have the logit minus infinity.
   */
  readonly tokens: Uint32Array;
  readonly logits: Float32Array;
  /** The chosen token's logit. */
  readonly chosen: Float32Array;
  /** ln of the sum of exp(logit - bestLogit): of the plain softmax, whatever `Sampling.confidenceFrom` says. */
  readonly logSumExp: Float32Array;
}

/** Logits of the tokens that `HeadRequest.gather` lists: those of row r are [starts[r], starts[r + 1]). */
export interface GatheredLogits {
  readonly starts: Uint32Array;
  readonly logits: Float32Array;
}

/** A token's natural log-probability in the plain softmax, and the best tokens beside it, the best first. */
export interface TokenLogprobs {
  readonly logprob: number;
  readonly top: readonly { readonly token: number; readonly logprob: number }[];
}

/** Statistics of all wanted rows of a pass: the rows of its first head request, then those of the second, and so on. */
export interface PassStatistics extends Statistics {
  /** The first row of each head request, and behind the last request the number of rows. */
  readonly rowStarts: Uint32Array;
  /** 1 where the row's logits are finite numbers; where 0, no other statistic of the row means anything. */
  readonly valid: Uint8Array;
  /** KL(now || step - 1) in nats; infinite where the step before kept nothing. Present if a request has `divergence`. */
  readonly divergence: Float32Array | undefined;
  /** Present if a request has `gather`. */
  readonly gathered: GatheredLogits | undefined;
  /** [rows * vocabulary], undefined numbers in the rows of requests without `logits`. Present if a request has `logits`. */
  readonly logits?: Float32Array | undefined;
  /** Present if a request has `top`. */
  readonly top: TopTokens | undefined;
}

/** The rows of one head request: row r of the request is row `firstRow` + r of the statistics. */
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

/** Room for what these head requests ask, all logits excepted. No row is valid yet. */
export function emptyPassStatistics(
  head: readonly Pick<HeadRequest, "positions" | "divergence" | "gather" | "top">[],
): PassStatistics {
  const rowStarts = new Uint32Array(head.length + 1);
  let divergence = false;
  let gather = false;
  let top: number | undefined;
  for (const [index, request] of head.entries()) {
    rowStarts[index + 1] = rowStarts[index]! + request.positions.length;
    divergence ||= request.divergence === true;
    gather ||= request.gather !== undefined;
    if (request.top !== undefined) top = Math.max(top ?? 0, request.top);
  }
  const rows = rowStarts[head.length]!;
  return {
    ...emptyStatistics(rows),
    rowStarts,
    valid: new Uint8Array(rows),
    divergence: divergence ? new Float32Array(rows).fill(Infinity) : undefined,
    gathered: gather ? emptyGathered(head, rows) : undefined,
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

function emptyTop(rows: number, size: number): TopTokens {
  return {
    size,
    tokens: new Uint32Array(rows * size),
    logits: new Float32Array(rows * size).fill(-Infinity),
    chosen: new Float32Array(rows),
    logSumExp: new Float32Array(rows),
  };
}

/** The logits gathered for a row, in the order of its request's `gather`. */
export function gatheredLogits({ starts, logits }: GatheredLogits, row: number): Float32Array {
  return logits.subarray(starts[row]!, starts[row + 1]!);
}
