/** The statistics of a row, computed from its logits in f64. */
import type { HeadRequest, RequestRows, Sampling } from "../../core/tensor/index.ts";
import { allowedTokens } from "./allowedTokens.ts";
import { choose } from "./choose.ts";
import { topTokens } from "./topTokens.ts";

/** The parts of a HeadRequest that a row's statistics depend on. */
export type RowRequest = Pick<
  HeadRequest,
  "positions" | "maskToken" | "forbidden" | "sampling" | "step" | "top"
>;

/** Sets the logits of tokens that may not stand at a row's position to minus infinity: the mask token and forbidden tokens. */
export function exclude(logits: Float32Array, request: RowRequest, index: number): void {
  const { maskToken, forbidden } = request;
  if (maskToken >= 0) logits[maskToken] = -Infinity;
  for (const token of forbidden?.[index] ?? []) logits[token] = -Infinity;
}

/** What the statistics of a row are made of. */
export interface RowSums {
  /** The token with the highest logit, the lowest among equal ones. */
  readonly best: number;
  readonly first: number;
  /** The second-highest logit among the tokens that are summed. */
  readonly second: number;
  /** The sum of exp((logit - first) / heat), and the same with each term times its exponent. */
  readonly total: number;
  readonly weighted: number;
}

/** The temperature of the distribution of a row's statistics. */
export function heatOf({ confidenceFrom, temperature }: Sampling): number {
  // Confidences are of the plain softmax or of the sampling distribution; a temperature of 1 changes no bit.
  return (confidenceFrom === "sampling" && temperature) || 1;
}

/**
 * Writes the statistics of a request's row `index`, after setting the logits of excluded tokens to minus infinity.
 * A row with NaN or plus infinity, or without a finite logit, stays marked as not valid.
 */
export function rowStatistics(
  logits: Float32Array,
  request: RowRequest,
  index: number,
  rows: RequestRows,
): void {
  exclude(logits, request, index);
  const sums = sumsOf(logits, request.sampling);
  if (sums) writeStatistics(logits, request, index, rows, sums, chosenToken(logits, request, index, sums));
}

/** The token of a row. */
export function chosenToken(
  logits: Float32Array,
  { sampling, positions, step }: RowRequest,
  index: number,
  { best }: RowSums,
): number {
  return isDrawn(sampling) ? choose(logits, sampling, positions[index]!, step) : best;
}

/** The sums of a row; undefined if a logit is not finite, or none is. */
export function sumsOf(logits: Float32Array, sampling: Sampling): RowSums | undefined {
  let best = -1;
  let first = -Infinity;
  let second = -Infinity;
  let finite = true;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    if (!(logit < Infinity)) finite = false;
    if (logit > first) {
      second = first;
      first = logit;
      best = token;
    } else if (logit > second) second = logit;
  }
  if (!finite || best < 0) return undefined;
  const heat = heatOf(sampling);
  const allowed = sampling.confidenceFrom === "sampling" ? allowedTokens(logits, sampling) : undefined;
  if (allowed?.length === 1) second = -Infinity;
  let total = 0;
  let weighted = 0;
  const add = (token: number) => {
    const below = (logits[token]! - first) / heat;
    const weight = Math.exp(below);
    total += weight;
    if (weight > 0) weighted += weight * below;
  };
  if (allowed) for (const token of allowed) add(token);
  else for (let token = 0; token < logits.length; token++) add(token);
  return { best, first, second, total, weighted };
}

/** Whether the token of a row is drawn, and not that with the highest logit. */
export function isDrawn({ temperature, greedy }: Sampling): boolean {
  return temperature > 0 && !greedy;
}

/**
 * Writes the statistics of a valid row.
 * @param chosen its token
 */
export function writeStatistics(
  logits: Float32Array,
  { sampling, top }: RowRequest,
  index: number,
  { statistics: out, firstRow }: RequestRows,
  { best, first, second, total, weighted }: RowSums,
  chosen: number,
): void {
  const row = firstRow + index;
  const heat = heatOf(sampling);
  out.valid[row] = 1;
  out.token[row] = chosen;
  out.confidence[row] = Math.exp((logits[chosen]! - first) / heat) / total;
  out.best[row] = best;
  out.bestLogit[row] = first;
  out.bestProbability[row] = 1 / total;
  out.secondProbability[row] = Math.exp((second - first) / heat) / total;
  out.entropy[row] = Math.log(total) - weighted / total;
  out.logSumExp[row] = Math.log(total);
  if (out.top && top !== undefined) topTokens(logits, { chosen, row, count: top }, out.top);
}
